//! Retention: what is old goes, each night once, and what is young, runs or is still open stays.

use axum::{body::Body, http::Request};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

use super::{
    app::{App, eventually},
    fixtures::{by, feed, small_backup},
};
use crate::model::asked::Shows;
use crate::{
    model::{import_log::Requester, scheduler::Retained},
    server::{cli::retain::retain, db, feed::simulator::Trouble, jobs::presence::Duties},
};

/// The logs that are there, by their ids.
async fn ids(app: &App) -> Vec<i32> {
    sqlx::query_scalar("SELECT id FROM import_logs ORDER BY id")
        .fetch_all(&app.pool)
        .await
        .unwrap()
}

/// The database's clock.
async fn now(app: &App) -> DateTime<Utc> {
    sqlx::query_scalar("SELECT now()")
        .fetch_one(&app.pool)
        .await
        .unwrap()
}

/// What a run removes now: logs and uploads.
async fn removed(app: &App) -> (i64, i64) {
    let (Retained { logs, payloads, .. }, _) =
        app.retention.run(&by(Requester::Cli)).await.unwrap();
    (logs, payloads)
}

/// Logs that ended so many days ago, by their ids from 1.
const AGES: &str = "INSERT INTO import_logs (import_type, status, failure_kind, started_at, completed_at, resolved_by)
     SELECT 'sample_data', status, kind, now() - interval '200 days', now() - days * interval '1 day', resolved_by
     FROM (VALUES (29, 'success', NULL, NULL), (31, 'success', NULL, NULL), (31, 'failed', 'internal', NULL),
                  (31, 'failed', 'cancelled', NULL), (31, 'failed', 'internal', 9), (89, 'failed', 'internal', NULL),
                  (91, 'failed', 'internal', NULL))
         AS log (days, status, kind, resolved_by)";

#[sqlx::test(migrations = false)]
async fn what_is_old_goes_and_what_is_young_or_still_open_stays(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(AGES).await;
    assert_eq!(removed(&app).await, (4, 0));
    assert_eq!(ids(&app).await, [1, 3, 6], "open failures stay for 90 days");
    assert_eq!(removed(&app).await, (0, 0));
    app.stop().await;

    let app = App::idle(&pool, &[("RETENTION_DAYS", "95")]).await;
    app.execute("UPDATE import_logs SET completed_at = now() - interval '94 days'")
        .await;
    assert_eq!(
        removed(&app).await,
        (0, 0),
        "open failures stay as long as all"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn nothing_goes_where_all_is_kept(pool: PgPool) {
    let keep = [("RETENTION_DAYS", "0"), ("PAYLOAD_RETENTION_DAYS", "0")];
    let app = App::idle(&pool, &keep).await;
    app.refuse_small_backups().await;
    let id = app.queue(small_backup()).await;
    app.work_on(id).await;
    app.execute("UPDATE import_logs SET completed_at = now() - interval '40 years'")
        .await;
    assert_eq!(removed(&app).await, (0, 0));
    assert!(app.log(id).await.retryable);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_runs_stays_however_old_it_is(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    // The second time something else has written when it ended, though it has not.
    for change in [
        "UPDATE import_logs SET started_at = now() - interval '1 year', created_at = now() - interval '1 year'",
        "UPDATE import_logs SET completed_at = now() - interval '1 year'",
    ] {
        app.execute(change).await;
        assert_eq!(removed(&app).await, (0, 0));
    }
    app.execute("UPDATE import_logs SET completed_at = NULL")
        .await;
    app.work_on(id).await;
    assert_eq!(app.data().await, (1, 1), "it still has its upload");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_log_that_did_not_say_when_it_ended_is_as_old_as_its_beginning(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, status, started_at)
         VALUES ('backup', 'success', now() - interval '31 days'), ('backup', 'success', now())",
    )
    .await;
    assert_eq!(removed(&app).await, (1, 0));
    assert_eq!(ids(&app).await, [2]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_logs_rejects_and_days_go_with_it_and_its_data_stays(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.post("/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-21")
        .await;
    let data = app.data().await;
    app.execute(
        "INSERT INTO import_rejects (import_id, section, position, reason, record) VALUES (1, 'results', 1, 'r', '{}');
         UPDATE import_logs SET completed_at = now() - interval '31 days'",
    )
    .await;
    let of_the_log =
        "SELECT (SELECT count(*) FROM import_dates) + (SELECT count(*) FROM import_rejects)";
    assert_eq!(app.number(of_the_log).await, 3);
    assert_eq!(removed(&app).await, (1, 0));
    assert_eq!(app.number(of_the_log).await, 0);
    assert_eq!(app.data().await, data);
    assert_eq!(app.number("SELECT count(*) FROM feed_days").await, 2);
    app.stop().await;
}

/// More than two batches.
const MANY: &str = "INSERT INTO import_logs (import_type, status, failure_kind, payload, started_at, completed_at)
     SELECT 'backup', 'failed', 'cancelled', 'upload-' || n, now() - interval '31 days', now() - interval '31 days'
     FROM generate_series(1, 2100) AS n";

#[sqlx::test(migrations = false)]
async fn many_go_in_batches_and_what_somebody_holds_is_passed_over(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(MANY).await;
    let mut held = app.pool.begin().await.unwrap();
    sqlx::raw_sql("SELECT FROM import_logs WHERE id IN (5, 1500) FOR UPDATE")
        .execute(&mut *held)
        .await
        .unwrap();
    assert_eq!(removed(&app).await, (2098, 2098));
    assert_eq!(ids(&app).await, [5, 1500]);
    held.rollback().await.unwrap();
    let counted = "SELECT sum(logs)::bigint FROM import_log_counts";
    assert_eq!(app.number(counted).await, 2);
    assert_eq!(removed(&app).await, (2, 2), "the next time they go, too");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_batch_is_smaller_when_its_logs_have_many_rejects(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    // 10,000 of each one's rejects are kept.
    app.execute(
        "INSERT INTO import_logs (import_type, status, completed_at, records_rejected)
         SELECT 'backup', 'success', now(), 1000000 FROM generate_series(1, 12)",
    )
    .await;
    let later = now(&app).await + TimeDelta::days(1);
    let mut connection = app.pool.acquire().await.unwrap();
    let mut after = 0;
    let mut batches = Vec::new();
    loop {
        let batch = db::retention::remove_logs(&mut connection, after, later, later).await;
        let batch = batch.unwrap();
        batches.push(batch.logs);
        match batch.last_id {
            Some(last) => after = last,
            None => break,
        }
    }
    assert_eq!(batches, [5, 5, 2, 0]);
    drop(connection);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn many_uploads_are_given_up_in_batches(pool: PgPool) {
    let app = App::idle(&pool, &[("RETENTION_DAYS", "0")]).await;
    app.execute(MANY).await;
    assert_eq!(removed(&app).await, (0, 2100));
    let transactions = "SELECT count(DISTINCT xmin::text) FROM import_logs WHERE payload IS NULL";
    assert_eq!(app.number(transactions).await, 3);
    app.stop().await;
}

/// Two backups that failed, and their uploads in the store.
async fn two_failures(app: &App) -> [i32; 2] {
    app.refuse_small_backups().await;
    let ids = [
        app.queue(small_backup()).await,
        app.queue(small_backup()).await,
    ];
    for id in ids {
        app.work_on(id).await;
    }
    ids
}

fn files(app: &App) -> usize {
    std::fs::read_dir(app.folder.path()).unwrap().count()
}

/// The page's text.
async fn page(app: &App) -> String {
    let request = Request::get("/").header("accept", "text/html");
    let html = app.send(request.body(Body::empty()).unwrap()).await.text();
    ["<!>", "<span>", "</span>"]
        .iter()
        .fold(html, |html, mark| html.replace(mark, ""))
}

/// Sets the clock of the process so far ahead that files written just now count as old.
async fn an_hour_later(app: &App) {
    let later = now(app).await + TimeDelta::hours(1);
    app.set_clock(&later.to_rfc3339());
}

#[sqlx::test(migrations = false)]
async fn a_failure_whose_upload_is_gone_says_that_a_retry_needs_the_file(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let [old, young] = two_failures(&app).await;
    app.execute(
        "UPDATE import_logs SET completed_at = now() - CASE id WHEN 1 THEN 8 ELSE 6 END * interval '1 day'",
    )
    .await;
    an_hour_later(&app).await;
    assert_eq!(retain(&app).await.unwrap(), "Removed 0 logs, 1 upload.");
    assert_eq!(files(&app), 1);
    assert_eq!(
        (app.log(old).await.retryable, app.log(young).await.retryable),
        (false, true)
    );
    let problem = app
        .post(&format!("/import-logs/{old}/retry"))
        .await
        .problem(409);
    assert_eq!(
        problem,
        "The file of import #1 is no longer kept. Upload the file again."
    );
    let page = page(&app).await;
    assert_eq!(
        page.matches("upload no longer kept: a retry needs the file again")
            .count(),
        1,
        "{page}"
    );
    // The file, sent again, puts both right.
    app.accept_all_backups().await;
    let again = app.queue(small_backup()).await;
    app.work_on(again).await;
    for id in [old, young] {
        assert_eq!(app.log(id).await.resolved_by, Some(again));
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_upload_that_a_retry_still_needs_stays(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let [old, _] = two_failures(&app).await;
    app.execute("DELETE FROM import_logs WHERE id = 2").await;
    app.execute("UPDATE import_logs SET completed_at = now() - interval '8 days'")
        .await;
    let retry = app
        .post(&format!("/import-logs/{old}/retry"))
        .await
        .id("id");
    an_hour_later(&app).await;
    assert_eq!(retain(&app).await.unwrap(), "Removed 0 logs, 0 uploads.");
    app.accept_all_backups().await;
    app.work_on(retry).await;
    assert_eq!(app.data().await, (1, 1));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_upload_of_a_log_that_goes_goes_too(pool: PgPool) {
    let keep = [("PAYLOAD_RETENTION_DAYS", "0")];
    let app = App::idle(&pool, &keep).await;
    two_failures(&app).await;
    app.execute(
        "UPDATE import_logs SET completed_at = now() - CASE id WHEN 1 THEN 91 ELSE 89 END * interval '1 day'",
    )
    .await;
    an_hour_later(&app).await;
    assert_eq!(retain(&app).await.unwrap(), "Removed 1 log, 1 upload.");
    assert_eq!((ids(&app).await, files(&app)), (vec![2], 1));
    assert!(app.log(2).await.retryable, "it is kept as long as its log");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_night_comes_once_and_one_that_was_missed_is_made_up_for(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute("UPDATE retention SET created_at = '2025-06-20T12:00:00Z'")
        .await;
    let is_done = async |instant: &str| {
        let looked = app.retention.look(instant.parse().unwrap()).await;
        looked.unwrap().is_some()
    };
    // Half past three in Bangkok.
    assert!(!is_done("2025-06-20T20:29:59Z").await);
    assert!(is_done("2025-06-20T20:30:00Z").await);
    assert!(!is_done("2025-06-20T20:31:00Z").await);
    assert!(!is_done("2025-06-21T20:29:59Z").await);
    // No process was there in the second night.
    assert!(is_done("2025-06-22T09:00:00Z").await);
    assert!(!is_done("2025-06-22T20:29:59Z").await);
    assert!(is_done("2025-06-22T20:31:00Z").await);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_night_is_done_once_however_many_processes_there_are(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute("UPDATE retention SET created_at = '2025-06-01'")
        .await;
    for day in 10..30 {
        app.execute("INSERT INTO import_logs (import_type, status, completed_at) VALUES ('backup', 'success', '2025-01-01')")
            .await;
        let night = format!("2025-06-{day}T20:30:00Z").parse().unwrap();
        let looks = (0..6).map(|_| app.retention.look(night));
        let looks = futures::future::try_join_all(looks).await.unwrap();
        let removed = Retained {
            at: night,
            logs: 1,
            payloads: 0,
        };
        assert_eq!(looks.into_iter().flatten().collect::<Vec<_>>(), [removed]);
        assert_eq!(app.retention.last().await.unwrap(), Some(removed));
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_process_that_keeps_time_does_it_by_itself(pool: PgPool) {
    let mut app = App::idle(&pool, &[]).await;
    app.execute(AGES).await;
    app.execute("UPDATE retention SET created_at = now() - interval '1 day'")
        .await;
    let duties = Duties {
        runs_imports: false,
        has_timer: true,
    };
    let (_, background) = app.begin("the test", duties).await.unwrap();
    for task in background {
        app.keep(task);
    }
    let page = eventually("it is done", async || {
        let page = app
            .overview
            .page(Shows {
                all_failures: true,
                ..Shows::default()
            })
            .await
            .unwrap();
        page.retained.filter(|removed| removed.logs > 0)
    });
    assert_eq!(page.await.logs, 4);
    assert_eq!(ids(&app).await, [1, 3, 6]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_process_that_finds_another_at_it_waits_for_nobody(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let tomorrow = now(&app).await + TimeDelta::days(1);
    let mut held = app.pool.begin().await.unwrap();
    sqlx::raw_sql("SELECT FROM retention FOR UPDATE")
        .execute(&mut *held)
        .await
        .unwrap();
    assert!(app.retention.look(tomorrow).await.unwrap().is_none());
    held.rollback().await.unwrap();
    assert!(app.retention.look(tomorrow).await.unwrap().is_some());
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_clock_that_was_ahead_does_not_stop_the_nights(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute("UPDATE retention SET ran_at = now() + interval '1 year'")
        .await;
    let now = now(&app).await;
    let look = async || app.retention.look(now).await.unwrap().is_some();
    assert!(look().await);
    assert!(!look().await);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_update_of_the_schema_removes_nothing_before_the_night(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(AGES).await;
    // By the database's clock, which stood still since the migration as far as nights go.
    let migrated = sqlx::query_scalar("SELECT created_at FROM retention")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert!(app.retention.look(migrated).await.unwrap().is_none());
    assert_eq!(ids(&app).await.len(), 7);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_page_says_what_is_kept_and_what_was_removed(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let rule = "Logs older than 30 days are removed each night, those of open failures after 90.";
    let html = page(&app).await;
    assert!(
        html.contains(rule) && !html.contains("Last time:"),
        "{html}"
    );
    app.execute(AGES).await;
    app.retention.run(&by(Requester::Cli)).await.unwrap();
    let html = page(&app).await;
    assert!(html.contains("Last time: 4 logs, 0 uploads ("), "{html}");
    let shown = app
        .overview
        .page(Shows {
            all_failures: true,
            ..Shows::default()
        })
        .await
        .unwrap();
    assert_eq!(
        shown.retained.map(|last| (last.logs, last.payloads)),
        Some((4, 0))
    );
    app.stop().await;

    for (days, says) in [
        ("0", "All logs are kept."),
        (
            "1",
            "Logs older than 1 day are removed each night, those of open failures after 90.",
        ),
        ("90", "Logs older than 90 days are removed each night."),
    ] {
        let app = App::idle(&pool, &[("RETENTION_DAYS", days)]).await;
        let html = page(&app).await;
        assert!(html.contains(says), "{days}: {html}");
        app.stop().await;
    }
}
