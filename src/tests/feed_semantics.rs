//! What a feed's day does to the data: it upserts (`formats.md` §1).

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    routing::get,
};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::time::{Duration, Instant};

use super::{
    app::App,
    fixtures::{backup, feed, game, result, serve},
};
use crate::{
    model::import_log::{FailureKind, ImportStatus},
    server::feed::simulator::{self, Trouble},
};

const RANGE: &str = "/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-22";
const WAITING: &str = "SELECT count(*) FROM results WHERE status = 'waiting'";

/// A feed that answers every day with these items.
async fn answering(items: Value) -> super::fixtures::Server {
    serve(Router::new().fallback(get(move || async move {
        axum::Json(json!({ "set": { "lists": items } }))
    })))
    .await
}

#[sqlx::test(migrations = false)]
async fn a_later_feed_fills_in_what_was_waiting(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let during = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    during.post(RANGE).await;
    let waiting = during.number(WAITING).await;
    let stored = during.data().await;
    assert!(waiting > 0);
    during.stop().await;

    let afterwards = format!("{}/afterwards", feed.url);
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &afterwards)]).await;
    let json = app.post(RANGE).await.json();
    assert_eq!(json["total_results_updated"], waiting);
    let log = app.newest().await;
    assert_eq!(
        (
            i64::from(log.results_updated),
            log.results_created,
            log.games_created
        ),
        (waiting, 0, 0)
    );
    assert_eq!(i64::from(log.results_unchanged), stored.1 - waiting);
    assert_eq!((app.data().await, app.number(WAITING).await), (stored, 0));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_last_of_a_draws_repetitions_wins_and_counts_once(pool: PgPool) {
    let item = |code: &str, value: &str| json!({ "GAME_CODE": code, "GAME_NAME": "ดาวโจนส์", "COUNTRY_CODE": "US", "RESULT_3UP": value });
    let items = json!([
        item("L08-02-20250622", "001"),
        item("L08-02-20250622", "002"),
        item("L08-03-20250622", "รอผล")
    ]);
    let feed = answering(items).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.post("/scheduler/import-range?start_date=2025-06-22&end_date=2025-06-22")
        .await;
    let log = app.newest().await;
    assert_eq!(
        (
            log.records_processed,
            log.duplicates,
            log.games_created,
            log.results_created
        ),
        (2, 0, 2, 2)
    );
    assert_eq!(
        app.number(
            "SELECT count(*) FROM results WHERE result_3up = '002' AND status = 'completed'"
        )
        .await,
        1
    );
    assert_eq!(
        app.number("SELECT count(*) FROM results WHERE result_3up IS NULL AND status = 'waiting'")
            .await,
        1
    );
    assert_eq!(
        app.number(
            "SELECT count(*) FROM games WHERE base_game_id = 'L08-02' AND country_code = 'US'"
        )
        .await,
        1
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_feed_corrects_what_a_backup_brought_and_a_backup_only_adds(pool: PgPool) {
    let feed = answering(
        json!([{ "GAME_CODE": "L03-01-20250622", "GAME_NAME": "x", "RESULT_3UP": "555" }]),
    )
    .await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let file = backup(&[game(1, "L03-01")], &[result(1, "2025-06-22")]);
    app.import(file.clone()).await;
    app.post("/scheduler/trigger").await;
    let log = app.ended(app.newest().await.id).await;
    assert_eq!(
        (
            log.results_updated,
            log.results_corrected,
            log.results_created
        ),
        (1, 1, 0)
    );
    // The other value, of which the answer said nothing, is still there.
    let stored = "SELECT count(*) FROM results WHERE result_3up = '555' AND result_2down = '05'";
    assert_eq!(app.number(stored).await, 1);
    let [difference] = &log.differences.0[..] else {
        panic!("{:?}", log.differences);
    };
    assert_eq!(
        (
            difference.stored.result_3up.as_deref(),
            difference.brought.result_3up.as_deref()
        ),
        (Some("082"), Some("555"))
    );
    app.import(file).await;
    let log = app.newest().await;
    assert_eq!((log.results_differing, log.results_unchanged), (1, 0));
    assert_eq!(log.differences.0.len(), 1);
    assert_eq!(app.number(stored).await, 1);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_item_that_cannot_be_used_is_a_reject_and_the_rest_goes_on(pool: PgPool) {
    let bad = json!({ "GAME_CODE": "L03-01-20250230", "GAME_NAME": "x", "RESULT_3UP": "1" });
    let feed = answering(
        json!([bad, { "GAME_CODE": "L03-02-20250622", "GAME_NAME": "y", "RESULT_3UP": "1" }]),
    )
    .await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.post("/scheduler/import-range?start_date=2025-06-22&end_date=2025-06-22")
        .await;
    let details = app.state.logs.details(app.newest().await.id).await.unwrap();
    assert_eq!(
        (details.log.status, details.log.records_rejected),
        (ImportStatus::Success, 1)
    );
    assert_eq!(
        (
            details.rejects[0].section.as_str(),
            details.rejects[0].position
        ),
        ("set", 1)
    );
    assert_eq!(app.data().await, (1, 1));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_day_of_which_nothing_can_be_used_fails(pool: PgPool) {
    let feed =
        answering(json!([{ "GAME_CODE": "L03-01-20250230", "GAME_NAME": "x", "RESULT_3UP": "1" }]))
            .await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.post("/scheduler/import-range?start_date=2025-06-22&end_date=2025-06-22")
        .await;
    let log = app.newest().await;
    assert_eq!(
        (log.status, log.failed_dates),
        (ImportStatus::Failed, Some(1))
    );
    let message = log.error_message.unwrap();
    assert!(
        message.contains("Its only record can't be used. The first: set 1:"),
        "{message}"
    );
    assert_eq!(
        (
            log.failure_kind,
            log.records_processed,
            log.records_rejected
        ),
        (Some(FailureKind::InvalidInput), 1, 1)
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_day_without_draws_is_no_failure(pool: PgPool) {
    let feed = answering(json!([])).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let json = app.post(RANGE).await.json();
    assert_eq!(
        (&json["success"], &json["total_results_updated"]),
        (&json!(true), &json!(0))
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn days_are_asked_for_one_by_one_in_order_and_politely(pool: PgPool) {
    type Asked = Arc<Mutex<Vec<(Instant, String)>>>;
    let asked = Asked::default();
    let record = {
        let asked = asked.clone();
        move |request: Request, next: Next| {
            asked.lock().unwrap().push((
                Instant::now(),
                request.uri().query().unwrap_or_default().to_owned(),
            ));
            next.run(request)
        }
    };
    let feed =
        serve(simulator::router(Trouble::default()).layer(middleware::from_fn(record))).await;
    let app = App::working(
        &pool,
        &[
            ("EXTERNAL_API_URL", &feed.url),
            ("FEED_DELAY_SECONDS", "0.2"),
        ],
    )
    .await;
    app.post(RANGE).await;
    let asked = asked.lock().unwrap().clone();
    let days = [19, 20, 21].map(|day| format!("dateCurrent=2025-06-{day}T17%3A00%3A00.000Z"));
    assert_eq!(
        asked
            .iter()
            .map(|(_, query)| query.as_str())
            .collect::<Vec<_>>(),
        days
    );
    for pair in asked.windows(2) {
        assert!(
            pair[1].0 - pair[0].0 >= Duration::from_millis(200),
            "{pair:?}"
        );
    }
    app.stop().await;
}
