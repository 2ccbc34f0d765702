//! Who may come in, under which name, and what a door says to what it can't read.

use axum::{
    body::Body,
    http::{Request, StatusCode, header::LOCATION},
};
use serde_json::json;
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{feed, small_backup},
};
use crate::{
    model::import_log::Requester,
    server::{config::Config, feed::simulator::Trouble},
};

fn with(method: &str, uri: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

/// Over plain http under a name, browsers don't say where a request comes from; but they name its origin.
#[sqlx::test(migrations = false)]
async fn where_a_browser_does_not_say_whence_the_origin_tells(pool: PgPool) {
    let app = App::working(&pool, &[("NUMWATCH_HOSTS", "numwatch.lan")]).await;
    let stop = "/scheduler/stop";
    let host = ("host", "numwatch.lan:3000");
    for (headers, status) in [
        (vec![host], 200),
        (vec![host, ("origin", "http://numwatch.lan:3000")], 200),
        (vec![host, ("origin", "http://numwatch.lan:4000")], 403),
        (vec![host, ("origin", "http://evil.example")], 403),
        (vec![host, ("origin", "null")], 403),
        (vec![host, ("sec-fetch-site", "same-origin")], 200),
        (vec![host, ("sec-fetch-site", "none")], 200),
        (vec![host, ("sec-fetch-site", "same-site")], 403),
        (vec![host, ("sec-fetch-site", "cross-site")], 403),
    ] {
        let reply = app.send(with("POST", stop, &headers)).await;
        assert_eq!(reply.status.as_u16(), status, "{headers:?}");
    }
    app.stop().await;
}

/// A browser sends no token by itself; but whoever has a session, too, is known by that.
#[sqlx::test(migrations = false)]
async fn who_sends_a_token_may_come_from_anywhere(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let from_afar = [
        ("host", "localhost:3000"),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    for (more, refused) in [
        (vec![], true),
        (vec![("authorization", "Bearer nw_x")], false),
        (vec![("authorization", "bearer nw_x")], false),
        (vec![("authorization", "Basic eDp5")], true),
        (vec![("authorization", "Bearer")], true),
        (
            vec![
                ("authorization", "Bearer nw_x"),
                ("cookie", "zone=Asia/Bangkok"),
            ],
            false,
        ),
        (
            vec![
                ("authorization", "Bearer nw_x"),
                ("cookie", "zone=UTC; numwatch=s"),
            ],
            true,
        ),
        (
            vec![
                ("authorization", "Bearer nw_x"),
                ("cookie", "__Host-numwatch=s"),
            ],
            true,
        ),
    ] {
        let headers = [&from_afar[..], &more].concat();
        let reply = app.send(with("POST", "/scheduler/stop", &headers)).await;
        let is = reply.status == StatusCode::FORBIDDEN;
        assert_eq!(is, refused, "{more:?}: {}", reply.text());
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_name_that_is_not_this_servers_is_refused(pool: PgPool) {
    let variables = [
        ("NUMWATCH_HOSTS", "numwatch.lan, Data.Example"),
        ("NUMWATCH_ADDR", "192.0.2.7:3000"),
    ];
    let app = App::idle(&pool, &variables).await;
    for (host, status) in [
        ("localhost:3000", 200),
        ("127.0.0.1", 200),
        ("[::1]:3000", 200),
        ("192.0.2.7:3000", 200),
        ("NUMWATCH.lan", 200),
        ("data.example:80", 200),
        ("192.0.2.8:3000", 421),
        ("rebound.example:3000", 421),
        ("localhost.evil.example", 421),
    ] {
        for path in ["/import-logs", "/", "/pkg/none.css"] {
            let reply = app.send(with("GET", path, &[("host", host)])).await;
            let refused = reply.status == StatusCode::MISDIRECTED_REQUEST;
            assert_eq!(refused, status == 421, "{host} {path}: {}", reply.status);
        }
    }
    let probe = with("GET", "/health", &[("host", "whatever.example")]);
    assert_eq!(
        app.send(probe).await.status,
        200,
        "a probe may call it as it likes"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn todays_client_may_send_what_it_always_sends(pool: PgPool) {
    let app = App::idle(&pool, &[("CORS_ORIGINS", "https://app.example")]).await;
    let preflight = with(
        "OPTIONS",
        "/import-logs",
        &[
            ("origin", "https://app.example"),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "authorization"),
        ],
    );
    let reply = app.send(preflight).await;
    let allowed = reply
        .header("access-control-allow-headers")
        .to_ascii_lowercase();
    assert!(allowed.contains("authorization"), "{allowed}");
    app.stop().await;
}

#[test]
fn an_origin_that_no_browser_sends_stops_the_start() {
    let read = |origins: &str| {
        let lookup = |name: &str| match name {
            "DATABASE_URL" => Some("postgres://unused/unused".to_owned()),
            "HOME" => Some("/tmp".to_owned()),
            "CORS_ORIGINS" => Some(origins.to_owned()),
            _ => None,
        };
        Config::read(&lookup).map_err(|error| error.to_string())
    };
    for origins in [
        "*",
        "https://app.example/",
        "app.example",
        "https://app.example, null",
        "ftp://app.example",
        "https://App.example",
    ] {
        let refused = read(origins).unwrap_err();
        assert!(refused.starts_with("CORS_ORIGINS: "), "{refused}");
    }
    assert!(read("https://app.example, http://localhost:5173").is_ok());
}

#[test]
fn a_feeds_password_is_told_to_nobody() {
    for url in [
        "ftp://name:secret@feed.example/",
        "http://name:secret@feed .example",
        "name:secret@feed",
    ] {
        let lookup = |name: &str| match name {
            "DATABASE_URL" => Some("postgres://unused/unused".to_owned()),
            "HOME" => Some("/tmp".to_owned()),
            "EXTERNAL_API_URL" => Some(url.to_owned()),
            _ => None,
        };
        let refused = Config::read(&lookup).unwrap_err().to_string();
        assert!(
            refused.starts_with("EXTERNAL_API_URL: ") && !refused.contains("secret"),
            "{refused}"
        );
    }
}

/// A browser would show the last page's file for a year.
#[sqlx::test(migrations = false)]
async fn a_file_that_is_not_there_is_asked_for_again(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let reply = app.get("/pkg/0123456789ab/numwatch.css").await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("cache-control")),
        (404, "no-store")
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_can_be_answered_is_asked_before_anything_is_done(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let sample = "/import-sample-data";
    for header in [
        ("accept", "image/png"),
        ("accept", "application/json;q=0"),
        ("accept-encoding", "identity;q=0, br"),
        ("accept-encoding", "*;q=0"),
    ] {
        app.send(with("POST", sample, &[header])).await.problem(406);
    }
    assert_eq!(app.number("SELECT count(*) FROM import_logs").await, 0);
    for header in [
        ("accept", "application/json, text/plain, */*"),
        ("accept", "text/html"),
        ("accept-encoding", "gzip, identity;q=0"),
        ("accept-encoding", "br, gzip"),
        ("accept-encoding", "identity"),
    ] {
        assert_eq!(
            app.send(with("POST", sample, &[header])).await.status,
            200,
            "{header:?}"
        );
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_slash_too_many_leads_to_the_same_address_without(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for (asked, leads_to) in [
        ("/import-logs/", "/import-logs"),
        ("/results/fast/?months=1", "/results/fast?months=1"),
        ("/import-logs///", "/import-logs"),
    ] {
        let reply = app.get(asked).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header(LOCATION.as_str())),
            (308, leads_to),
            "{asked}"
        );
    }
    for elsewhere in ["//evil.example/", "//evil.example//"] {
        let reply = app.get(elsewhere).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header(LOCATION.as_str())),
            (404, ""),
            "{elsewhere}"
        );
    }
    assert_eq!(app.get("/").await.status, 200);
    app.stop().await;
}

/// Whatever is wrong with a request, nobody has to know the program to understand what it is told.
#[sqlx::test(migrations = false)]
async fn no_answer_holds_a_word_of_the_programs_insides(pool: PgPool) {
    const INSIDES: [&str; 16] = [
        "deserialize",
        "serialize",
        "parse",
        "i32",
        "u32",
        "i64",
        "serde",
        "`",
        "struct",
        "panicked",
        "sqlx",
        "Option<",
        "axum",
        "missing field",
        "invalid type",
        "out of range",
    ];
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let api = |name: &str| format!("/api/{name}");
    for (method, path, status) in [
        ("GET", "/import-logs/abc", 400),
        ("GET", "/import-logs/-1", 400),
        ("GET", "/import-logs/1.5", 400),
        ("GET", "/import-logs/%FF", 400),
        ("GET", "/import-logs/99999999999", 404),
        ("GET", "/import-logs/2147483648/rejects", 404),
        ("POST", "/import-logs/99999999999/retry", 404),
        ("POST", "/import-logs/abc/cancel", 400),
        ("GET", "/results/fast?months=abc", 400),
        ("GET", "/results/fast?months=-1", 400),
        ("GET", "/results/fast?months=80880", 400),
        ("GET", "/results/fast?months=99999999999999999999", 400),
        ("GET", "/results/fast?months=", 400),
        ("POST", "/scheduler/import-range", 400),
        ("POST", "/scheduler/import-range?start_date=2025-06-01", 400),
        (
            "POST",
            "/scheduler/import-range?start_date=&end_date=2025-06-01",
            400,
        ),
        (
            "POST",
            "/scheduler/import-range?start_date=x&end_date=2025-06-01",
            400,
        ),
        (
            "POST",
            "/scheduler/import-range?start_date=-9999-01-01&end_date=-9999-01-02",
            422,
        ),
        (
            "POST",
            "/scheduler/import-range?start_date=%2B262142-01-01&end_date=%2B262142-01-02",
            422,
        ),
        (
            "POST",
            "/scheduler/import-range?start_date=1899-12-31&end_date=1899-12-31",
            422,
        ),
        ("DELETE", "/import-logs?keep_open_failures=perhaps", 400),
        ("POST", &api("import_range"), 400),
        ("POST", &api("retry_import"), 400),
        ("POST", &api("cancel_import"), 400),
    ] {
        let form = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("accept", "application/json"),
        ];
        let reply = app.send(with(method, path, &form)).await;
        let said = reply.text();
        assert_eq!(reply.status.as_u16(), status, "{method} {path}: {said}");
        for word in INSIDES {
            assert!(
                !said.contains(word),
                "{method} {path} says \"{word}\": {said}"
            );
        }
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_log_says_who_asked(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let own = [
        ("host", "localhost:3000"),
        ("sec-fetch-site", "same-origin"),
    ];
    let triggered = app
        .send(with("POST", "/scheduler/trigger", &own[..1]))
        .await;
    assert_eq!(
        app.log(triggered.id("import_id")).await.requested_by,
        Some(Requester::Api)
    );
    // The name of a file makes a script no page.
    for (headers, by) in [
        (
            &[("x-filename", "a.json"), ("x-filename", "a.json")],
            Requester::Api,
        ),
        (&own, Requester::Page),
        (
            &[
                ("host", "localhost:3000"),
                ("origin", "http://localhost:3000"),
            ],
            Requester::Page,
        ),
    ] {
        let mut request =
            Request::post("/import-backup").header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let reply = app
            .send(request.body(Body::from(small_backup())).unwrap())
            .await;
        assert_eq!(
            app.log(reply.id("import_id")).await.requested_by,
            Some(by),
            "{headers:?}"
        );
    }
    assert_eq!(
        app.get("/scheduler/status").await.json()["last_run"],
        json!(null)
    );
    app.stop().await;
}
