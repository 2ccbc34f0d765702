//! `/import-logs` (`formats.md` §3).

use serde_json::json;
use sqlx::PgPool;

use super::{
    app::{App, upload},
    fixtures::{backup, feed, game, result, small_backup},
};
use crate::server::feed::simulator::Trouble;

#[sqlx::test(migrations = false)]
async fn a_log_has_the_seeds_columns_under_the_seeds_names(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let request = upload()
        .header("x-filename", "numwatch-backup-2025-06-27.json")
        .body(small_backup().into())
        .unwrap();
    app.send(request).await;
    let reply = app.get("/import-logs").await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("content-type")),
        (200, "application/json")
    );
    let log = &reply.json()[0];
    let seeds = json!({
        "id": 1, "filename": "numwatch-backup-2025-06-27.json", "import_type": "backup",
        "started_at": "2025-06-22T10:00:00Z", "completed_at": "2025-06-22T10:00:00Z", "status": "success",
        "records_processed": 2, "games_created": 1, "results_created": 1, "error_message": null,
        "file_size": small_backup().len(),
    });
    for (name, value) in seeds.as_object().unwrap() {
        assert_eq!(&log[name], value, "{name}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_running_log_has_no_end_yet(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.queue(small_backup()).await;
    let log = &app.get("/import-logs").await.json()[0];
    assert_eq!(
        (&log["status"], &log["phase"]),
        (&json!("running"), &json!("queued"))
    );
    assert!(log["completed_at"].is_null() && log["error_message"].is_null());
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_latest_20_come_newest_first(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    assert_eq!(app.get("/import-logs").await.json(), json!([]));
    // Out of order on purpose, and two at the same moment: the later id is the newer.
    app.execute(
        "INSERT INTO import_logs (import_type, status, started_at)
         SELECT 'sample_data', 'success', '2025-06-01'::timestamptz + make_interval(hours => (n * 7) % 25) FROM generate_series(1, 25) n;
         INSERT INTO import_logs (import_type, status, started_at)
         SELECT 'sample_data', 'success', '2025-06-03' FROM generate_series(1, 2)",
    )
    .await;
    let logs = app.get("/import-logs").await.json();
    let logs = logs.as_array().unwrap();
    assert_eq!(logs.len(), 20);
    assert_eq!((&logs[0]["id"], &logs[1]["id"]), (&json!(27), &json!(26)));
    let started: Vec<&str> = logs
        .iter()
        .map(|log| log["started_at"].as_str().unwrap())
        .collect();
    assert!(started.is_sorted_by(|a, b| a >= b), "{started:?}");
    assert_eq!(started[19], "2025-06-01T07:00:00Z");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_logs_details_have_its_dates_and_rejects(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.import(backup(
        &[game(1, "A")],
        &[result(1, "2025-06-22"), result(5, "2025-06-22")],
    ))
    .await;
    let details = app
        .get(&format!("/import-logs/{}", app.newest().await.id))
        .await
        .json();
    assert_eq!(
        (
            &details["status"],
            &details["records_rejected"],
            &details["dates"]
        ),
        (&json!("success"), &json!(1), &json!([]))
    );
    let reject = &details["rejects"][0];
    assert_eq!(
        (&reject["section"], &reject["position"]),
        (&json!("results"), &json!(2))
    );
    assert_eq!(
        reject["reason"],
        "game_id 5 is the id of no game in this file."
    );

    app.post("/scheduler/import-range?start_date=2025-06-21&end_date=2025-06-22")
        .await;
    let details = app
        .get(&format!("/import-logs/{}", app.newest().await.id))
        .await
        .json();
    let dates: Vec<_> = details["dates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|date| (&date["date"], &date["outcome"]))
        .collect();
    assert_eq!(
        dates,
        [
            (&json!("2025-06-21"), &json!("success")),
            (&json!("2025-06-22"), &json!("success"))
        ]
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_not_there_is_404_and_what_is_no_number_400(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for sentence in [
        app.get("/import-logs/999").await.problem(404),
        app.post("/import-logs/999/retry").await.problem(404),
        app.post("/import-logs/999/cancel").await.problem(404),
    ] {
        assert_eq!(
            sentence,
            "There is no import #999. Its log may have been cleared."
        );
    }
    app.get("/import-logs/twelve").await.problem(400);
    app.post("/import-logs/99999999999/retry")
        .await
        .problem(404);
    app.stop().await;
}
