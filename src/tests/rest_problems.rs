//! Refusals: problem documents (RFC 9457) with honest statuses, and who may call from where.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use futures::{StreamExt as _, stream};
use sqlx::PgPool;

use super::{app::App, fixtures::small_backup};

#[sqlx::test(migrations = false)]
async fn refusals_are_problem_documents_with_honest_statuses(pool: PgPool) {
    let app = App::working(&pool, &[("NUMWATCH_MAX_UPLOAD_BYTES", "1000")]).await;
    app.import(small_backup()).await.json();
    app.get("/results/fast?months=x").await.problem(400);
    app.post("/scheduler/import-range").await.problem(400);
    app.get("/nowhere").await.problem(404);
    app.get("/import-logs/77").await.problem(404);
    app.post("/import-logs/1/retry").await.problem(409);
    app.post("/import-logs/1/cancel").await.problem(409);
    app.import(vec![b' '; 2_000]).await.problem(413);
    let text = Request::post("/import-backup").header("content-type", "text/plain");
    app.send(text.body(Body::from("{}")).unwrap())
        .await
        .problem(415);
    app.import("[]").await.problem(422);
    app.post("/scheduler/import-range?start_date=2025-06-22&end_date=2025-06-20")
        .await
        .problem(422);
    app.post("/scheduler/start").await.problem(503);
    app.post("/scheduler/trigger").await.problem(503);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_method_that_a_path_does_not_have_is_405_and_says_which_it_has(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for (method, path, allowed) in [
        ("PUT", "/import-logs", "GET,HEAD,DELETE"),
        ("GET", "/import-backup", "POST"),
        ("GET", "/import-sample-data", "POST"),
        ("POST", "/clear-data", "DELETE"),
        ("GET", "/scheduler/import-range", "POST"),
        ("GET", "/import-logs/1/retry", "POST"),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .body(Body::empty())
            .unwrap();
        let reply = app.send(request).await;
        reply.problem(405);
        assert_eq!(reply.header("allow"), allowed, "{path}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_database_that_is_gone_is_503_and_no_stack_trace(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.pool.close().await;
    for path in [
        "/health",
        "/import-logs",
        "/import-logs/1",
        "/games",
        "/results/fast",
        "/export-data",
        "/scheduler/status",
    ] {
        let sentence = app.get(path).await.problem(503);
        assert_eq!(
            sentence, "The database can't be reached. Try again in a moment.",
            "{path}"
        );
    }
    app.post("/import-sample-data").await.problem(503);
    app.import(small_backup()).await.problem(503);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn health_says_so(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let reply = app.get("/health").await;
    assert_eq!(
        (reply.status.as_u16(), reply.text().as_str()),
        (200, r#"{"status":"healthy"}"#)
    );
    app.stop().await;
}

fn from_site(method: &str, path: &str, site: &str, origin: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("sec-fetch-site", site)
        .header("origin", origin)
        .body(Body::empty())
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_page_of_another_site_can_neither_start_nor_clear_anything(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    for (method, path) in [
        ("POST", "/import-sample-data"),
        ("POST", "/import-backup"),
        ("POST", "/imports/backup"),
        ("POST", "/api/import_sample"),
        ("POST", "/scheduler/trigger"),
        ("DELETE", "/clear-data"),
        ("DELETE", "/import-logs"),
    ] {
        app.send(from_site(
            method,
            path,
            "cross-site",
            "https://evil.example",
        ))
        .await
        .problem(403);
    }
    assert_eq!(
        (
            app.data().await,
            app.number("SELECT count(*) FROM import_logs").await
        ),
        ((1, 1), 1)
    );
    // A link from elsewhere may be followed, and our own page may do what it likes.
    assert_eq!(
        app.send(from_site(
            "GET",
            "/import-logs",
            "cross-site",
            "https://evil.example"
        ))
        .await
        .status,
        200
    );
    assert_eq!(
        app.send(from_site(
            "DELETE",
            "/clear-data",
            "same-origin",
            "http://127.0.0.1:3000"
        ))
        .await
        .status,
        200
    );
    app.stop().await;
}

fn preflight(origin: &str) -> Request<Body> {
    Request::builder()
        .method("OPTIONS")
        .uri("/import-backup")
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type")
        .body(Body::empty())
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn no_other_origin_may_read_unless_configured(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let read = from_site("GET", "/import-logs", "cross-site", "https://app.example");
    assert_eq!(
        app.send(read).await.header("access-control-allow-origin"),
        ""
    );
    assert_eq!(
        app.send(preflight("https://app.example"))
            .await
            .header("access-control-allow-origin"),
        ""
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_configured_origin_may_read_and_start(pool: PgPool) {
    let app = App::idle(
        &pool,
        &[("CORS_ORIGINS", "https://app.example, https://other.example")],
    )
    .await;
    for origin in ["https://app.example", "https://other.example"] {
        let reply = app.send(preflight(origin)).await;
        assert_eq!(
            (
                reply.status.as_u16(),
                reply.header("access-control-allow-origin")
            ),
            (200, origin)
        );
        assert!(
            reply
                .header("access-control-allow-methods")
                .contains("DELETE")
        );
        let reply = app
            .send(from_site("POST", "/scheduler/stop", "cross-site", origin))
            .await;
        assert_eq!(
            (
                reply.status.as_u16(),
                reply.header("access-control-allow-origin")
            ),
            (200, origin)
        );
    }
    app.send(from_site(
        "POST",
        "/scheduler/stop",
        "cross-site",
        "https://evil.example",
    ))
    .await
    .problem(403);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn answers_carry_a_request_id_and_safe_headers(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let reply = app.get("/import-logs").await;
    assert!(!reply.header("x-request-id").is_empty());
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("x-frame-options"), "DENY");
    app.stop().await;
}

/// Many clients read an answer only once they have sent everything.
#[sqlx::test(migrations = false)]
async fn a_refused_upload_is_read_to_its_end(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let parts = stream::iter(0..10).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(Bytes::from_static(b"<html>"))
    });
    let request = Request::post("/import-backup")
        .header("content-type", "text/html")
        .body(Body::from_stream(parts))
        .unwrap();
    app.send(request).await.problem(415);
    assert_eq!(taken.load(Ordering::SeqCst), 10);
    app.stop().await;
}
