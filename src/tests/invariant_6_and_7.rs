//! Invariant 6: the statuses are the seed's three. Invariant 7: clearing removes finished logs only, and says
//! how many.

use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{backup, game, result, small_backup},
};
use crate::model::import_log::ImportStatus;

#[sqlx::test(migrations = false)]
async fn invariant_6_whatever_happens_a_status_is_one_of_three_words(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    app.import(backup(
        &[game(1, "A")],
        &[result(2, "2025-06-22"), result(1, "2025-06-22")],
    ))
    .await;
    app.import("not JSON").await;
    app.post("/scheduler/trigger").await;
    let held = app.hold_merges().await;
    let cancelled = app.queue(small_backup()).await;
    app.until_held(1).await;
    app.queue(small_backup()).await;
    app.post(&format!("/import-logs/{cancelled}/cancel")).await;
    app.ended(cancelled).await;

    let logs = app.get("/import-logs").await.json();
    let statuses: Vec<&str> = logs
        .as_array()
        .unwrap()
        .iter()
        .map(|log| log["status"].as_str().unwrap())
        .collect();
    assert_eq!(
        statuses,
        [
            "running", "failed", "failed", "failed", "success", "success"
        ]
    );
    drop(held);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_6_the_database_knows_no_fourth_status(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let refused = sqlx::raw_sql(
        "INSERT INTO import_logs (import_type, status) VALUES ('backup', 'cancelled')",
    )
    .execute(&app.pool)
    .await;
    assert!(
        refused
            .unwrap_err()
            .as_database_error()
            .unwrap()
            .is_check_violation()
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_7_clearing_removes_finished_logs_and_says_how_many(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    app.import("not JSON").await;
    // One with rejects and dates beside it, which go with it.
    app.import(backup(&[game(1, "A")], &[result(2, "2025-06-22")]))
        .await;
    let held = app.hold_merges().await;
    let running = app.queue(small_backup()).await;
    app.until_held(1).await;

    let reply = app.delete("/import-logs").await;
    assert_eq!(reply.status.as_u16(), 200);
    assert_eq!(reply.json()["logs_deleted"], 3);
    assert_eq!(app.delete("/import-logs").await.json()["logs_deleted"], 0);
    let logs = app.state.logs.latest().await.unwrap();
    assert_eq!(logs.iter().map(|log| log.id).collect::<Vec<_>>(), [running]);
    assert_eq!(app.number("SELECT count(*) FROM import_rejects").await, 0);

    drop(held);
    assert_eq!(app.ended(running).await.status, ImportStatus::Success);
    assert_eq!(app.delete("/import-logs").await.json()["logs_deleted"], 1);
    assert_eq!(app.get("/import-logs").await.json(), serde_json::json!([]));
    app.stop().await;
}
