//! What people do about failures: dismiss them, cancel what they no longer want, clear the logs.

use axum::{body::Body, http::Request};
use serde_json::json;
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{by, small_backup},
    open_failures::{open, page},
};
use crate::model::import_log::{Cleared, ImportStatus, Requester};

/// Nothing is dismissed twice, or without being an open failure; and one that is can be tried again all the same.
#[sqlx::test(migrations = false)]
async fn a_dismissed_failure_is_settled_and_can_still_be_tried_again(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.refuse_small_backups().await;
    app.import(small_backup()).await;
    let reply = app.post("/import-logs/1/dismiss").await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.text());
    let log = reply.json();
    assert_eq!(
        (&log["id"], &log["open_failure"], &log["dismissed"]),
        (&json!(1), &json!(false), &json!(true))
    );
    assert_eq!(log, json!(app.log(1).await), "it answers what is stored");
    assert_eq!(open(&app).await, (vec![], 0));
    assert_eq!(
        app.number("SELECT count(*) FROM import_logs WHERE dismissed_by = 'api' AND dismissed_at > now() - interval '1 minute'")
            .await,
        1
    );
    let again = app.post("/import-logs/1/dismiss").await;
    assert_eq!(again.problem(409), "Import #1 is dismissed already.");

    app.accept_all_backups().await;
    let retry = app.post("/import-logs/1/retry").await.id("id");
    assert_eq!(app.ended(retry).await.status, ImportStatus::Success);
    assert_eq!(app.log(1).await.resolved_by, Some(retry));
    for (id, sentence) in [
        (1, "Import #1 was put right by #2 already."),
        (
            2,
            "Import #2 did not fail; only a failed import can be dismissed.",
        ),
    ] {
        let reply = app.post(&format!("/import-logs/{id}/dismiss")).await;
        assert_eq!(reply.problem(409), sentence);
    }
    app.post("/import-logs/9/dismiss").await.problem(404);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_runs_was_cancelled_or_failed_again_is_no_open_failure(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.state.imports.start_sample(&by(Requester::Page)).await;
    let id = id.unwrap().id;
    let dismiss = async |id: i32| {
        let reply = app.post(&format!("/import-logs/{id}/dismiss")).await;
        reply.problem(409)
    };
    assert_eq!(
        dismiss(id).await,
        "Import #1 is still running; only a failed import can be dismissed."
    );
    app.post(&format!("/import-logs/{id}/cancel")).await;
    assert_eq!(
        dismiss(id).await,
        "Import #1 was cancelled, so there is nothing to dismiss."
    );
    app.execute(
        "INSERT INTO import_logs (import_type, status, superseded_by) VALUES ('sample_data', 'failed', 3)",
    )
    .await;
    assert_eq!(
        dismiss(2).await,
        "Import #2 was tried again as #3, which failed as well. Dismiss that one."
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_cancel_is_no_breakdown_and_nothing_that_is_open(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.state.imports.start_sample(&by(Requester::Page)).await;
    let id = id.unwrap().id;
    app.post(&format!("/import-logs/{id}/cancel")).await;
    assert_eq!(app.log(id).await.status, ImportStatus::Failed);
    assert_eq!(open(&app).await, (vec![], 0));
    let html = page(&app, "/").await;
    for part in [">cancelled</span>", "Run again import #1", "message calm"] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
    for part in ["bg-red-100", "Retry import", "Dismiss import"] {
        assert!(!html.contains(part), "{part} is in {html}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_page_clears_all_but_open_failures_and_the_api_what_it_is_told(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let call = async |name: &str, form: &'static str| {
        let request = Request::post(format!("/api/{name}"))
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form));
        app.send(request.unwrap()).await
    };
    let clear = async |form: &'static str| -> (u64, i64) {
        let cleared: Cleared = call("clear_import_logs", form).await.unpacked();
        (cleared.removed, cleared.open_failures_left)
    };
    app.import("not JSON").await;
    app.import("not JSON, either").await;
    app.import(small_backup()).await;
    let html = page(&app, "/").await;
    assert!(html.contains("Clear 1 log?") && html.contains("2 open failures stay."));
    assert!(html.contains("Remove the 2 open failures, too"), "{html}");
    assert_eq!(clear("").await, (1, 2));
    call("dismiss_failure", "id=1").await;
    let reply = app.delete("/import-logs?keep_open_failures=true").await;
    assert_eq!(
        reply.json(),
        json!({ "message": "Removed the logs of 1 finished import. 1 open failure stays.",
                "logs_deleted": 1, "open_failures_left": 1 })
    );
    assert_eq!(clear("open_failures_too=true").await, (1, 0));
    app.import("not JSON").await;
    assert_eq!(
        app.delete("/import-logs").await.json(),
        json!({ "message": "Removed the logs of 1 finished import.",
                "logs_deleted": 1, "open_failures_left": 0 })
    );
    app.stop().await;
}
