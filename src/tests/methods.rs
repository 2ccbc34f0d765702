//! HEAD, OPTIONS and conditional requests, at every route that there is.

use axum::{
    body::Body,
    http::{Request, header},
};
use sqlx::PgPool;

use super::{app::App, callers::Caller, may::routes, reply::Reply};
use crate::model::access::Role;

/// Headers that differ from one answer to the next.
const OF_EACH: [&str; 5] = [
    "x-request-id",
    "content-security-policy",
    "content-length",
    "date",
    "content-disposition",
];

fn filled(path: &str) -> String {
    path.replace("{id}", "1")
        .replace("{token}", "0198c0de-0000-7000-8000-000000000000")
        .replace("{*game}", "L03-01")
}

async fn send(app: &App, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::empty()).unwrap()).await
}

fn of(method: &'static str) -> impl Iterator<Item = String> {
    let all = routes().into_iter();
    // It never ends by itself, and is tried below.
    let all = all.filter(|(_, path)| path != "/events");
    all.filter(move |(it, _)| it == method)
        .map(|(_, path)| filled(&path))
}

#[sqlx::test(migrations = false)]
async fn head_is_get_without_its_body(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.post("/import-sample-data").await;
    let mut tried = 0;
    for path in of("GET") {
        let got = app.get(&path).await;
        let head = send(&app, "HEAD", &path, &[]).await;
        assert_eq!(head.status, got.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        let kept = |reply: &Reply| {
            let all = reply.headers.iter();
            let kept = all.filter(|(name, _)| !OF_EACH.contains(&name.as_str()));
            let mut kept: Vec<String> = kept.map(|it| format!("{it:?}")).collect();
            kept.sort();
            kept
        };
        assert_eq!(kept(&head), kept(&got), "{path}");
        let told = head.headers.get(header::CONTENT_LENGTH);
        assert!(
            told.is_none_or(|it| it != "0") || got.body.is_empty(),
            "{path}"
        );
        tried += 1;
    }
    assert!(tried > 40, "{tried}");
    let events = send(&app, "HEAD", "/events", &[]).await;
    assert_eq!(events.header("content-type"), "text/event-stream");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn options_tells_what_each_address_has_and_does_nothing(pool: PgPool) {
    let app = App::idle(&pool, &[("CORS_ORIGINS", "https://app.example")]).await;
    for (method, path) in routes() {
        let path = filled(&path);
        let reply = send(&app, "OPTIONS", &path, &[("origin", "https://app.example")]).await;
        assert_eq!(reply.status, 204, "{path}: {}", reply.text());
        let has: Vec<&str> = reply.header("allow").split(',').map(str::trim).collect();
        assert!(has.contains(&method.as_str()), "{path}: {has:?}");
        assert_eq!(reply.header("access-control-allow-methods"), "", "{path}");
        // A browser that asks first is answered as ever.
        let first = [
            ("origin", "https://app.example"),
            ("access-control-request-method", "POST"),
        ];
        let reply = send(&app, "OPTIONS", &path, &first).await;
        assert_eq!(
            reply.header("access-control-allow-origin"),
            "https://app.example"
        );
    }
    assert_eq!(app.number("SELECT count(*) FROM import_logs").await, 0);
    let nowhere = send(&app, "OPTIONS", "/nowhere", &[]).await;
    nowhere.problem(404);
    send(&app, "POST", "/nowhere", &[]).await.problem(404);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_method_that_an_address_lacks_is_405_with_those_that_it_has(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for (_, path) in routes() {
        let path = filled(&path);
        for method in ["PUT", "PATCH", "TRACE"] {
            let reply = send(&app, method, &path, &[]).await;
            reply.problem(405);
            assert!(!reply.header("allow").is_empty(), "{method} {path}");
        }
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn who_has_it_already_is_sent_nothing_until_it_changes(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.post("/import-sample-data").await;
    let id = app.newest().await.id;
    for path in [
        "/import-logs".to_owned(),
        "/import-logs?limit=5".to_owned(),
        format!("/import-logs/{id}"),
        "/games".to_owned(),
        "/scheduler/status".to_owned(),
        "/api/openapi.json".to_owned(),
    ] {
        let whole = app.get(&path).await;
        let tag = whole.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{path}: {tag}");
        for known in [tag.as_str(), "*", &format!("\"x\", {tag}")] {
            let same = send(&app, "GET", &path, &[("if-none-match", known)]).await;
            assert_eq!(same.status, 304, "{path}");
            assert_eq!((same.header("etag"), same.body.len()), (tag.as_str(), 0));
        }
        let other = send(&app, "GET", &path, &[("if-none-match", "\"x\"")]).await;
        assert_eq!(other.body, whole.body, "{path}");
        // There is no time at which it was last changed.
        let later = [("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT")];
        assert_eq!(send(&app, "GET", &path, &later).await.status, 200, "{path}");
    }
    let tag = app.get("/import-logs").await.header("etag").to_owned();
    app.post("/import-sample-data").await;
    let changed = send(&app, "GET", "/import-logs", &[("if-none-match", &tag)]).await;
    assert_eq!(changed.status, 200);
    // What can't be answered has no tag.
    let refused = app.get("/import-logs?limit=0").await;
    assert_eq!((refused.status.as_u16(), refused.header("etag")), (400, ""));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn who_is_not_known_hears_the_same_by_head(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    Caller::with_account(&app, Role::Viewer).await;
    for (path, accept, status) in [
        ("/imports", "text/html", 303),
        ("/import-logs", "application/json", 401),
    ] {
        for method in ["GET", "HEAD"] {
            let reply = send(&app, method, path, &[("accept", accept)]).await;
            assert_eq!(reply.status, status, "{method} {path}");
        }
    }
    app.stop().await;
}
