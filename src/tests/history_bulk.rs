//! What is done to all that is filtered: over the API, and on the page, which counts first.

use axum::http::{Request, header};
use sqlx::PgPool;

use super::{app::App, reply::Reply};
use crate::{
    model::{history::Filter, import_log::ImportStatus},
    server::db::bulk_work,
};

/// Finished logs, open failures and one that runs.
const LOGS: &str = "
    INSERT INTO import_logs (import_type, started_at, completed_at, status, failure_kind)
    SELECT 'sample_data', '2025-06-20 10:00+00', CASE WHEN n < 10 THEN now() END,
           CASE WHEN n = 10 THEN 'running' WHEN n < 4 THEN 'failed' ELSE 'success' END,
           CASE WHEN n < 4 THEN 'interrupted' END
    FROM generate_series(1, 10) AS n";

/// Sends the page's form, and follows it to the page.
async fn answer(app: &App, path: &str, form: &'static str) -> String {
    let request = Request::post(path)
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let reply = app.send(request.body(form.into()).unwrap()).await;
    assert_eq!(reply.status.as_u16(), 303, "{}", reply.text());
    app.page(reply.header("location")).await.text()
}

#[track_caller]
fn says(html: &str, sentence: &str) {
    assert!(html.contains(sentence), "no {sentence}");
}

#[sqlx::test(migrations = false)]
async fn the_page_counts_what_it_would_remove_and_says_what_it_removed(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(LOGS).await;
    let asks = app
        .page("/imports?import_type=sample_data&ask=remove")
        .await
        .text();
    says(&asks, "role=\"dialog\"");
    says(
        &asks,
        "Removes 9 logs, 3 of them of open failures. 1 import still runs; its log stays.",
    );
    says(&asks, "href=\"/imports?import_type=sample_data\"");
    let action = "/imports/bulk?import_type=sample_data";
    says(&asks, &format!("action=\"{action}\""));
    let told = answer(&app, action, "do=remove&keep_open_failures=true").await;
    says(&told, "Removed 6 logs.");
    says(&told, "4 imports");
    let told = answer(&app, "/imports/bulk?status=failed", "do=remove").await;
    says(&told, "Removed 3 logs.");
    // Who comes later is told nothing of it.
    assert!(!app.page("/imports").await.text().contains("Removed"));
    let none = app.page("/imports?ask=remove").await.text();
    says(&none, "None of these logs can be removed.");
    assert!(!none.contains("type=\"submit\" class=\"btn btn-danger-solid\""));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_page_counts_what_it_would_run_again_and_says_what_runs(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(LOGS).await;
    app.execute(
        "INSERT INTO import_logs (import_type, completed_at, status, failure_kind, payload_sha256)
         SELECT 'backup', now(), 'failed', kind, repeat('a', 64) FROM unnest(ARRAY['internal', 'internal', 'invalid_input']) AS kind",
    )
    .await;
    let asks = app.page("/imports?ask=retry").await.text();
    says(
        &asks,
        "Runs 3 imports again. 2 can't be: their files are gone. Upload them again. 1 can't be: it could only fail again.",
    );
    let told = answer(&app, "/imports/bulk", "do=retry").await;
    says(&told, "3 imports run again.");
    assert_eq!(
        app.number(
            "SELECT count(*) FROM import_logs WHERE retry_of IS NOT NULL AND requested_by = 'page'"
        )
        .await,
        3
    );
    let asks = app.page("/imports?status=success&ask=retry").await.text();
    says(&asks, "None of these imports can be run again.");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_form_that_is_none_and_a_wrong_filter_do_nothing(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(LOGS).await;
    for (path, form) in [
        ("/imports/bulk", "do=nothing"),
        ("/imports/bulk", ""),
        ("/imports/bulk?statsu=failed", "do=remove"),
        ("/imports/bulk?status=odd", "do=remove"),
    ] {
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let reply = app.send(request.body(form.into()).unwrap()).await;
        reply.problem(400);
    }
    assert_eq!(app.number("SELECT count(*) FROM import_logs").await, 10);
    app.stop().await;
}

/// Every process's page tells of work that goes on, and of work whose process is gone.
#[sqlx::test(migrations = false)]
async fn work_is_told_of_while_it_goes_on_and_when_it_broke_off(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute("INSERT INTO bulk_work (kind, total, done) VALUES ('remove', 1000000, 412000)")
        .await;
    let reply = app.page("/imports?status=failed").await;
    says(&reply.text(), "Removing 412,000 of 1,000,000 logs…");
    let comes_again = |reply: &Reply| reply.text().contains("<meta http-equiv=\"refresh\"");
    assert!(comes_again(&reply));
    // A question isn't taken away from its reader.
    assert!(!comes_again(&app.page("/imports?ask=remove").await));
    app.execute("UPDATE bulk_work SET seen_at = now() - interval '2 minutes'")
        .await;
    let reply = app.page("/imports").await;
    says(
        &reply.text(),
        "Removing stopped at 412,000 of 1,000,000 logs. Choose “Remove all shown” to remove the rest.",
    );
    assert!(!comes_again(&reply));
    // What happened long ago is nobody's news.
    app.execute(
        "UPDATE bulk_work SET begun_at = now() - interval '2 hours', seen_at = '-infinity'",
    )
    .await;
    let reply = app.page("/imports").await;
    assert!(!reply.text().contains("Removing stopped"));
    // The next work takes its place.
    app.delete("/import-logs").await.json();
    assert!(!app.page("/imports").await.text().contains("Removing"));
    app.stop().await;
}

/// A removal of all waits for nobody either: what somebody is busy with stays.
#[sqlx::test(migrations = false)]
async fn clearing_waits_for_no_log_that_somebody_is_busy_with(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(LOGS).await;
    let mut busy = app.pool.begin().await.unwrap();
    sqlx::raw_sql("SELECT FROM import_logs WHERE id = 5 FOR UPDATE")
        .execute(&mut *busy)
        .await
        .unwrap();
    let json = app.delete("/import-logs").await.json();
    assert_eq!(
        (
            &json["message"],
            &json["logs_deleted"],
            &json["open_failures_left"]
        ),
        (
            &"Removed the logs of 8 finished imports.".into(),
            &8.into(),
            &0.into()
        )
    );
    busy.rollback().await.unwrap();
    assert_eq!(app.number("SELECT sum(id) FROM import_logs").await, 15);
    assert_eq!(
        app.number("SELECT done FROM bulk_work WHERE ended_at IS NOT NULL")
            .await,
        8
    );
    app.stop().await;
}

/// A batch is as large as what goes with its logs lets it be.
#[sqlx::test(migrations = false)]
async fn logs_with_many_rejects_and_days_go_few_at_a_time(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, completed_at, status, records_rejected, range_start, range_end)
         SELECT 'date_range', now(), 'success', 100000, '2025-01-01', '2025-01-10' FROM generate_series(1, 8)",
    )
    .await;
    let batch = app
        .state
        .history
        .batch(&Filter::default(), None)
        .await
        .unwrap();
    assert_eq!(batch.places.len(), 8);
    let mut tx = app.pool.begin().await.unwrap();
    let removed = bulk_work::remove(&mut tx, &batch.facets, &batch.places, false, i32::MAX)
        .await
        .unwrap();
    assert_eq!((removed.logs, removed.looked_at), (5, 5));
    // What was created after a removal began isn't meant.
    let removed = bulk_work::remove(&mut tx, &batch.facets, &batch.places, false, 7)
        .await
        .unwrap();
    assert_eq!((removed.logs, removed.looked_at), (2, 8));
    tx.rollback().await.unwrap();
    let json = app.delete("/import-logs").await.json();
    assert_eq!(json["logs_deleted"], 8);
    app.stop().await;
}

/// What is filtered and has ended goes, in batches; a parameter that there isn't removes nothing.
#[sqlx::test(migrations = false)]
async fn what_is_filtered_is_removed(pool: PgPool) {
    const LEFT: &str = "SELECT count(*) FROM import_logs";
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, started_at, completed_at, status, failure_kind, requested_by)
         SELECT 'backup', '2025-06-20 10:00+00', CASE WHEN n % 5 > 0 THEN now() END,
                (ARRAY['running', 'success', 'failed', 'success', 'success'])[1 + n % 5],
                CASE WHEN n % 5 = 2 THEN 'interrupted' END, CASE WHEN n > 4000 THEN 'page' ELSE 'api' END
         FROM generate_series(1, 5000) AS n",
    )
    .await;
    let said = app.delete("/import-logs?statsu=failed").await.problem(400);
    assert!(
        said.starts_with("There is no parameter \"statsu\" here."),
        "{said}"
    );
    app.delete("/import-logs?status=broken").await.problem(400);
    for empty in ["status=", "q=%20", "requested_by=api&failure_kind="] {
        let said = app
            .delete(&format!("/import-logs?{empty}"))
            .await
            .problem(400);
        assert!(
            said.ends_with("is empty. Give it a value, or leave it out."),
            "{said}"
        );
        app.post(&format!("/import-logs/retry?{empty}"))
            .await
            .problem(400);
    }
    assert_eq!(app.number(LEFT).await, 5000);
    let json = app
        .delete("/import-logs?requested_by=api&keep_open_failures=true")
        .await
        .json();
    assert_eq!(
        (&json["logs_deleted"], &json["open_failures_left"]),
        (&2400.into(), &1000.into())
    );
    assert_eq!(app.number(LEFT).await, 2600);
    let json = app
        .delete("/import-logs?status=failed&requested_by=api")
        .await
        .json();
    assert_eq!(
        (&json["logs_deleted"], &json["open_failures_left"]),
        (&800.into(), &200.into())
    );
    assert_eq!(
        app.number("SELECT sum(logs)::bigint FROM import_log_counts")
            .await,
        1800
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_filtered_and_can_be_is_run_again(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.refuse_small_backups().await;
    let mut failed = Vec::new();
    for _ in 0..3 {
        let id = app.queue(super::fixtures::small_backup()).await;
        failed.push(app.ended(id).await.id);
    }
    // One that can only fail again is passed over.
    app.import("[]").await;
    app.accept_all_backups().await;
    let none = app
        .post("/import-logs/retry?failure_kind=interrupted")
        .await;
    assert_eq!(
        none.json(),
        serde_json::json!({ "started": [], "refused": [] })
    );
    app.post("/import-logs/retry?limit=3").await.problem(400);
    let reply = app.post("/import-logs/retry?status=failed").await;
    assert_eq!(reply.status.as_u16(), 202);
    let json = reply.json();
    let started = json["started"].as_array().unwrap();
    // The three keep the same file: the retry of one may put the others right before they are tried.
    let refused = json["refused"].as_array().unwrap();
    assert!(
        !started.is_empty() && started.len() + refused.len() <= failed.len(),
        "{json}"
    );
    for retry in started {
        let id = i32::try_from(retry["id"].as_i64().unwrap()).unwrap();
        let log = app.ended(id).await;
        assert_eq!(
            (log.status, log.retry_of.map(i64::from)),
            (ImportStatus::Success, retry["retry_of"].as_i64())
        );
    }
    for id in failed {
        assert!(!app.log(id).await.open_failure);
    }
    app.stop().await;
}

/// A chain of failures is run again once, by its last; what was dismissed is left alone.
#[sqlx::test(migrations = false)]
async fn what_failed_again_is_run_again_once(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, started_at, completed_at, status, failure_kind, retry_of, superseded_by, dismissed_by)
         VALUES ('sample_data', '2025-06-20 10:00+00', now(), 'failed', 'interrupted', NULL, 2, NULL),
                ('sample_data', '2025-06-20 11:00+00', now(), 'failed', 'interrupted', 1, NULL, NULL),
                ('sample_data', '2025-06-20 12:00+00', now(), 'failed', 'interrupted', NULL, NULL, 'page')",
    )
    .await;
    let json = app.post("/import-logs/retry?status=failed").await.json();
    assert_eq!(
        json,
        serde_json::json!({ "started": [{ "id": 4, "retry_of": 2 }], "refused": [] })
    );
    app.stop().await;
}
