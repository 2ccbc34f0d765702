//! `/scheduler/status`, `/start`, `/stop` and `/trigger` (`formats.md` §3).

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{app::App, fixtures::feed};
use crate::{
    model::import_log::{ImportStatus, Requester},
    server::feed::simulator::Trouble,
};

/// The members that today's clients read.
fn status(json: &Value) -> [&Value; 4] {
    [
        "is_running",
        "external_api_configured",
        "next_jobs",
        "thread_alive",
    ]
    .map(|member| &json[member])
}

#[sqlx::test(migrations = false)]
async fn the_status_tells_what_it_will_do(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let json = app.get("/scheduler/status").await.json();
    assert_eq!(
        status(&json),
        [&json!(false), &json!(true), &json!([]), &json!(false)],
        "no process keeps the schedule"
    );
    let why_not = json["why_not"].as_str().unwrap();
    assert!(
        why_not.contains("No process that keeps the schedule is alive"),
        "{why_not}"
    );

    app.presents_itself().await;
    let json = app.get("/scheduler/status").await.json();
    assert_eq!(json["processes"][0]["is_alive"], true);
    let next = json!([
        "2025-06-22T10:05:00Z",
        "2025-06-22T10:10:00Z",
        "2025-06-22T10:15:00Z"
    ]);
    assert_eq!(
        status(&json),
        [&json!(true), &json!(true), &next, &json!(true)]
    );
    assert_eq!(
        (&json["why_not"], &json["last_run"]),
        (&Value::Null, &Value::Null)
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn without_a_feed_it_does_not_run_and_says_why(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let json = app.get("/scheduler/status").await.json();
    assert_eq!(
        status(&json),
        [&json!(false), &json!(false), &json!([]), &json!(false)]
    );
    assert!(
        json["why_not"]
            .as_str()
            .unwrap()
            .contains("EXTERNAL_API_URL")
    );
    let sentence = app.post("/scheduler/start").await.problem(503);
    assert!(sentence.contains("EXTERNAL_API_URL"), "{sentence}");
    assert_eq!(app.post("/scheduler/stop").await.json()["success"], true);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn start_and_stop_answer_with_the_status(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.presents_itself().await;
    for (path, runs) in [
        ("/scheduler/stop", false),
        ("/scheduler/stop", false),
        ("/scheduler/start", true),
    ] {
        let json = app.post(path).await.json();
        assert_eq!(
            (&json["success"], &json["status"]["is_running"]),
            (&json!(true), &json!(runs))
        );
        assert!(json["message"].is_string());
        assert_eq!(
            json["status"],
            app.get("/scheduler/status").await.json(),
            "the same object"
        );
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_trigger_imports_today(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let reply = app.post("/scheduler/trigger").await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json()["success"]),
        (200, &json!(true))
    );
    assert!(reply.json()["message"].is_string());
    let log = app.ended(reply.id("import_id")).await;
    assert_eq!(
        (log.status, log.requested_by),
        (ImportStatus::Success, Some(Requester::Api))
    );
    assert_eq!(
        (log.range_start, log.range_end),
        ("2025-06-22".parse().ok(), "2025-06-22".parse().ok())
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_last_run_is_the_newest_that_the_scheduler_started(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let tick = "2025-06-22T10:00:00Z".parse().unwrap();
    let id = app.state.scheduler.look(tick).await.unwrap().unwrap().id;
    app.ended(id).await;
    app.post("/import-sample-data").await;
    let json = app.get("/scheduler/status").await.json();
    assert_eq!(
        (&json["last_run"]["id"], &json["last_run"]["status"]),
        (&json!(id), &json!("success"))
    );
    app.stop().await;
}
