//! Open failures: which they are, that each has a row, and what settles them.

use sqlx::{PgConnection, PgPool};

use super::{
    app::App,
    fixtures::{feed, generated, small_backup},
};
use crate::model::asked::Shows;
use crate::{
    model::import_log::ImportStatus,
    server::{
        db::{
            attempts::AttemptKey,
            outcomes::{self, Brought},
        },
        feed::simulator::Trouble,
    },
};

/// The numbers of the open failures that have a row on the page, and how many there are.
pub async fn open(app: &App) -> (Vec<i32>, i64) {
    let page = app.state.overview.page(Shows::default()).await.unwrap();
    let rows = page.logs.iter().filter(|log| log.open_failure);
    (rows.map(|log| log.id).collect(), page.unresolved_failures)
}

pub async fn page(app: &App, uri: &str) -> String {
    app.page(uri).await.text().replace("<!>", "")
}

async fn range(app: &App, first: &str, last: &str) -> i32 {
    let path = format!("/scheduler/import-range?start_date={first}&end_date={last}");
    app.post(&path).await.json()["import_id"]
        .as_i64()
        .and_then(|id| id.try_into().ok())
        .unwrap()
}

/// As an attempt at an import commits a day.
async fn brings(db: &mut PgConnection, import_id: i32, day: &str) {
    let key = AttemptKey {
        import_id,
        number: 1,
    };
    let day = Some(day.parse().unwrap());
    let nothing = Brought::default();
    let added = outcomes::add_date(db, key, &nothing, day).await;
    assert!(added.unwrap());
}

/// An application whose feed fails on these days.
async fn failing_on(pool: &PgPool, days: &[&str]) -> (App, super::fixtures::Server) {
    let feed = feed(Trouble {
        bad_dates: days.iter().map(|day| day.parse().unwrap()).collect(),
        ..Trouble::default()
    })
    .await;
    let app = App::working(pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    (app, feed)
}

#[sqlx::test(migrations = false)]
async fn all_failures_of_a_day_are_resolved_once_it_has_come(pool: PgPool) {
    let (app, feed) = failing_on(&pool, &["2025-06-20"]).await;
    for _ in 0..5 {
        range(&app, "2025-06-20", "2025-06-20").await;
    }
    assert_eq!(open(&app).await, (vec![5, 4, 3, 2, 1], 5));
    app.stop().await;
    drop(feed);

    let (app, _feed) = failing_on(&pool, &[]).await;
    let good = range(&app, "2025-06-19", "2025-06-21").await;
    assert_eq!(open(&app).await, (vec![], 0));
    for failed in 1..=5 {
        let log = app.log(failed).await;
        assert_eq!((log.resolved_by, log.retryable), (Some(good), false));
    }
    app.stop().await;
}

/// The days may come one by one, and in imports that fail on others.
#[sqlx::test(migrations = false)]
async fn a_failed_range_is_resolved_by_the_last_day_that_it_lacked(pool: PgPool) {
    let (app, feed) = failing_on(&pool, &["2025-06-18", "2025-06-20"]).await;
    let failed = range(&app, "2025-06-18", "2025-06-21").await;
    app.stop().await;
    drop(feed);

    let (app, _feed) = failing_on(&pool, &["2025-06-17"]).await;
    range(&app, "2025-06-18", "2025-06-18").await;
    assert_eq!(open(&app).await, (vec![failed], 1), "20 June is lacking");
    let also_failed = range(&app, "2025-06-17", "2025-06-20").await;
    assert_eq!(app.log(failed).await.resolved_by, Some(also_failed));
    assert_eq!(open(&app).await, (vec![also_failed], 1));
    app.stop().await;
}

/// Only what comes later counts: the feed may have had more for the day when it failed.
#[sqlx::test(migrations = false)]
async fn an_earlier_success_of_the_day_resolves_nothing(pool: PgPool) {
    let (app, feed) = failing_on(&pool, &[]).await;
    range(&app, "2025-06-20", "2025-06-20").await;
    app.stop().await;
    drop(feed);
    let (app, _feed) = failing_on(&pool, &["2025-06-20"]).await;
    let failed = range(&app, "2025-06-20", "2025-06-20").await;
    assert_eq!(open(&app).await, (vec![failed], 1));
    app.stop().await;
}

/// Two imports bring, at the same moment, the two days that a failure lacks.
#[sqlx::test(migrations = false)]
async fn days_that_come_at_the_same_moment_are_both_seen(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, status, attempt)
         VALUES ('date_range', 'failed', 1), ('date_range', 'running', 1), ('date_range', 'running', 1);
         INSERT INTO import_runs (import_id, phase, lane, attempt) VALUES (2, 'fetching', 'feed', 1), (3, 'fetching', 'feed', 1);
         INSERT INTO import_dates (import_id, date, outcome) VALUES (1, '2025-06-18', 'failed'), (1, '2025-06-19', 'failed')",
    )
    .await;
    let (mut first, mut second) = (
        app.pool.begin().await.unwrap(),
        app.pool.begin().await.unwrap(),
    );
    brings(&mut first, 2, "2025-06-18").await;
    tokio::join!(
        async {
            brings(&mut second, 3, "2025-06-19").await;
            second.commit().await.unwrap();
        },
        async {
            app.until_held(1).await;
            first.commit().await.unwrap();
        }
    );
    assert_eq!(app.log(1).await.resolved_by, Some(3));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_same_bytes_and_the_sample_resolve_their_failures(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.refuse_small_backups().await;
    app.import(small_backup()).await;
    app.import(small_backup()).await;
    app.import("not JSON").await;
    app.execute("INSERT INTO import_logs (import_type, status) VALUES ('sample_data', 'failed')")
        .await;
    assert_eq!(open(&app).await, (vec![4, 3, 2, 1], 4));

    app.accept_all_backups().await;
    app.import(generated(5)).await;
    assert_eq!(open(&app).await.1, 4, "other bytes resolve nothing");
    app.import(small_backup()).await;
    app.post("/import-sample-data").await;
    assert_eq!(open(&app).await, (vec![3], 1));
    let resolved = [1, 2, 4].map(async |id| app.log(id).await.resolved_by);
    let resolved = futures::future::join_all(resolved).await;
    assert_eq!(resolved, [Some(6), Some(6), Some(7)]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_was_tried_again_and_failed_again_is_one_thing_that_is_open(pool: PgPool) {
    let (app, _feed) = failing_on(&pool, &["2025-06-20"]).await;
    let first = range(&app, "2025-06-20", "2025-06-20").await;
    let retry = async |id: i32| {
        let new = app.post(&format!("/import-logs/{id}/retry")).await.id("id");
        app.ended(new).await.id
    };
    let second = retry(first).await;
    assert_eq!(open(&app).await, (vec![second], 1));
    // Of the first once more: the two retries stand for the same.
    let third = retry(first).await;
    assert_eq!(open(&app).await, (vec![third], 1));
    assert_eq!(app.log(first).await.superseded_by, Some(second));
    assert_eq!(app.log(second).await.superseded_by, Some(third));
    let html = page(&app, "/").await;
    assert!(
        html.contains(&format!("failed again as #{third}")),
        "{html}"
    );
    app.stop().await;
}

/// A retry that somebody stopped says nothing of what it was to repeat.
#[sqlx::test(migrations = false)]
async fn a_cancelled_retry_leaves_its_failure_open(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute("INSERT INTO import_logs (import_type, status) VALUES ('sample_data', 'failed')")
        .await;
    let retry = app.post("/import-logs/1/retry").await.id("id");
    app.post(&format!("/import-logs/{retry}/cancel")).await;
    assert_eq!(app.log(retry).await.status, ImportStatus::Failed);
    assert_eq!(open(&app).await, (vec![1], 1));
    app.stop().await;
}

/// Whatever their number, the page has a row for each, or says how many more there are and shows them when asked.
#[sqlx::test(migrations = false)]
async fn number_and_rows_of_open_failures_agree(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let fail = "INSERT INTO import_logs (import_type, status, started_at)
                SELECT 'sample_data', 'failed', now() - interval '1 day' FROM generate_series(1, 17)";
    app.execute(fail).await;
    app.execute(
        "INSERT INTO import_logs (import_type, status) SELECT 'sample_data', 'success' FROM generate_series(1, 25)",
    )
    .await;
    let (rows, number) = open(&app).await;
    assert_eq!((rows, number), ((1..=17).rev().collect(), 17));
    let html = page(&app, "/").await;
    assert!(html.contains("latest 20, and 17 older failures still unresolved"));
    for id in 1..=17 {
        assert!(html.contains(&format!("Retry import #{id}\"")), "{id}");
        assert!(html.contains(&format!("Dismiss import #{id}\"")), "{id}");
    }
    assert!(!html.contains("more open failure"), "{html}");

    for _ in 0..3 {
        app.execute(fail).await;
    }
    let shown = app.state.overview.page(Shows::default()).await.unwrap();
    assert_eq!(
        (shown.logs.len(), shown.older_failures, shown.more_failures),
        (70, 50, 18)
    );
    assert_eq!(shown.unresolved_failures, 68);
    let html = page(&app, "/").await;
    assert!(html.contains("And 18 more open failures, older than these."));
    assert!(html.contains("href=\"/?failures=all\""), "{html}");
    let html = page(&app, "/?failures=all").await;
    assert_eq!(html.matches("Dismiss import #").count(), 68);
    assert!(!html.contains("more open failure"));
    app.stop().await;
}
