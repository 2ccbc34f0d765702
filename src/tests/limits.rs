//! What may come in: each limit has its status and its sentence, and what is refused has done nothing.

use std::time::{Duration, Instant};

use axum::{body::Body, http::Request};
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{
    app::{App, eventually},
    fixtures::{backup, game, result},
    listening::{LONG, Listening, SOON, hear, listening, say},
};
use crate::{
    model::import_log::{FailureKind, ImportStatus},
    server::http::listen::Patience,
};

const PATIENT: Patience = Patience {
    head: LONG,
    grace: LONG,
};

/// A request, as text, whose connection is closed afterwards.
fn asks(first: &str, headers: &str, body: &str) -> String {
    format!("{first} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n{body}")
}

/// The status of an answer, and its sentence.
fn told(answer: &str) -> (u16, String) {
    let status = answer.split(' ').nth(1).and_then(|text| text.parse().ok());
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let sentence = serde_json::from_str::<serde_json::Value>(body)
        .ok()
        .and_then(|problem| Some(problem["detail"].as_str()?.to_owned()));
    (
        status.unwrap_or_else(|| panic!("no answer: {answer}")),
        sentence.unwrap_or_default(),
    )
}

async fn answer(server: &Listening, request: &str) -> (u16, String) {
    told(&hear(say(server.address, request).await).await)
}

#[sqlx::test(migrations = false)]
async fn a_head_may_be_so_long_and_no_longer(pool: PgPool) {
    let variables = [
        ("NUMWATCH_MAX_URL_BYTES", "500"),
        ("NUMWATCH_MAX_HEADER_BYTES", "1000"),
        ("NUMWATCH_MAX_HEADERS", "10"),
    ];
    let app = App::idle(&pool, &variables).await;
    let server = listening(&app, PATIENT).await;
    let address = |length: usize| {
        let path = "/import-logs?q=";
        asks(
            &format!("GET {path}{}", "x".repeat(length - path.len())),
            "",
            "",
        )
    };
    // "localhost", "close" and the names of their headers.
    let long = |length: usize| format!("X: {}\r\n", "x".repeat(length - 29));
    let many = |count: usize| "X: y\r\n".repeat(count - 2);
    for (request, status, sentence) in [
        (address(500), 200, ""),
        (address(501), 414, "NUMWATCH_MAX_URL_BYTES"),
        (address(70_000), 414, ""),
        (asks("GET /import-logs", &long(1_000), ""), 200, ""),
        (
            asks("GET /import-logs", &long(1_001), ""),
            431,
            "NUMWATCH_MAX_HEADER_BYTES",
        ),
        (asks("GET /import-logs", &long(1 << 20), ""), 431, ""),
        (asks("GET /import-logs", &many(10), ""), 200, ""),
        (
            asks("GET /import-logs", &many(11), ""),
            431,
            "NUMWATCH_MAX_HEADERS",
        ),
        (asks("GET /import-logs", &many(2_000), ""), 431, ""),
    ] {
        let (is, said) = answer(&server, &request).await;
        let about = &request[..60];
        assert_eq!(is, status, "{about}: {said}");
        assert!(said.contains(sentence), "{about}: {said}");
    }
    server.serving.abort();
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_body_that_is_no_upload_may_be_so_long_and_no_longer(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_MAX_BODY_BYTES", "1000")]).await;
    for (path, kind) in [
        ("/scheduler/import-dates", "application/json"),
        ("/imports/bulk", "application/x-www-form-urlencoded"),
        ("/api/import_range", "application/x-www-form-urlencoded"),
    ] {
        for (length, announced, too_long) in [
            (1_000, true, false),
            (1_001, true, true),
            (1_001, false, true),
        ] {
            let text = "x".repeat(length);
            let body = if announced {
                Body::from(text)
            } else {
                let pieces = text.into_bytes();
                Body::from_stream(futures::stream::iter([Ok::<_, std::io::Error>(pieces)]))
            };
            let request = Request::post(path)
                .header("accept", "application/json")
                .header("content-type", kind);
            let reply = app.send(request.body(body).unwrap()).await;
            if too_long {
                let sentence = reply.problem(413);
                assert!(sentence.contains("NUMWATCH_MAX_BODY_BYTES"), "{sentence}");
            } else {
                assert_ne!(reply.status.as_u16(), 413, "{path}: {}", reply.text());
            }
        }
    }
    assert_eq!(app.number("SELECT count(*) FROM import_logs").await, 0);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_body_that_never_ends_is_not_waited_for(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_BODY_IDLE_SECONDS", "0.2")]).await;
    let server = listening(&app, PATIENT).await;
    for path in ["/scheduler/import-dates", "/api/import_range"] {
        let headers = "Content-Type: application/json\r\nContent-Length: 100\r\n";
        let (status, sentence) =
            answer(&server, &asks(&format!("POST {path}"), headers, "[")).await;
        assert_eq!(status, 408, "{path}: {sentence}");
        assert!(sentence.contains("within 0.2 s"), "{sentence}");
    }
    server.serving.abort();
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_upload_of_which_nothing_more_comes_ends_and_its_log_says_so(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_BODY_IDLE_SECONDS", "0.2")]).await;
    let server = listening(&app, PATIENT).await;
    let headers = "Content-Type: application/json\r\nContent-Length: 100\r\n";
    let (status, sentence) =
        answer(&server, &asks("POST /import-backup", headers, "{\"games\"")).await;
    assert_eq!(status, 408, "{sentence}");
    let log = app.newest().await;
    assert_eq!(log.status, ImportStatus::Failed);
    assert_eq!(log.failure_kind, Some(FailureKind::Interrupted));
    assert_eq!(log.error_message.as_deref(), Some(sentence.as_str()));
    assert!(
        sentence.starts_with("The upload was cut off after 8 of 100 bytes"),
        "{sentence}"
    );
    server.serving.abort();
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_upload_that_drips_is_ended_by_either_door(pool: PgPool) {
    let variables = [
        ("NUMWATCH_BODY_IDLE_SECONDS", "0.5"),
        ("NUMWATCH_MIN_UPLOAD_RATE", "1000"),
    ];
    let app = App::idle(&pool, &variables).await;
    let server = listening(&app, PATIENT).await;
    let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b.json\"\r\n\r\n";
    for (path, kind, first) in [
        ("/import-backup", "application/json", "{"),
        ("/imports/backup", "multipart/form-data; boundary=x", form),
    ] {
        let headers = format!("Content-Type: {kind}\r\nContent-Length: 100000\r\n");
        let request = asks(&format!("POST {path}"), &headers, first);
        let mut stream = say(server.address, &request).await;
        let ended = eventually("the upload is ended", async || {
            // Well within the time after which nothing would have come.
            let _ = stream.write_all(b" ").await;
            let latest = app.state.logs.latest().await.unwrap();
            latest
                .first()
                .filter(|log| log.status == ImportStatus::Failed)
                .cloned()
        })
        .await;
        let sentence = ended.error_message.unwrap();
        assert!(
            sentence.contains("fewer than 1000 bytes a second") && sentence.contains("0.5 s"),
            "{path}: {sentence}"
        );
        drop(stream);
        app.execute("DELETE FROM import_logs").await;
    }
    server.serving.abort();
    app.stop().await;
}

/// Whatever it says or doesn't say: nothing at all, the beginning of either protocol, half a head.
#[sqlx::test(migrations = false)]
async fn a_connection_on_which_no_request_begins_is_closed(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let head = Duration::from_millis(200);
    let server = listening(&app, Patience { head, grace: LONG }).await;
    let h2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    for begins in ["", "P", "PRI * HT", h2, "GET / HTTP/1.1\r\nHost: l"] {
        let stream = say(server.address, begins).await;
        let began = Instant::now();
        hear(stream).await;
        assert!(began.elapsed() < SOON, "{begins:?}");
    }
    // While one is under way, its connection stays, however long it takes.
    let mut page = say(
        server.address,
        "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    .await;
    let mut heard = [0; 12];
    page.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"HTTP/1.1 200");
    let closed = timeout(5 * head, async {
        let mut rest = [0; 4096];
        while page.read(&mut rest).await.is_ok_and(|length| length > 0) {}
    });
    assert!(closed.await.is_err(), "it was closed");
    server.serving.abort();
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn one_connection_too_many_is_told_so_at_once_and_comes_in_later(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_MAX_CONNECTIONS", "3")]).await;
    let server = listening(&app, PATIENT).await;
    let mut there: Vec<TcpStream> = Vec::new();
    for _ in 0..3 {
        let mut stream = say(
            server.address,
            "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        )
        .await;
        let mut heard = [0; 12];
        stream.read_exact(&mut heard).await.unwrap();
        there.push(stream);
    }
    let request = asks("GET /import-logs", "", "");
    let heard = hear(say(server.address, &request).await).await;
    let (status, sentence) = told(&heard);
    assert_eq!(status, 503, "{heard}");
    assert!(sentence.contains("NUMWATCH_MAX_CONNECTIONS"), "{sentence}");
    assert!(heard.contains("Retry-After: 5\r\n"), "{heard}");
    there.clear();
    eventually("there is room again", async || {
        (answer(&server, &request).await.0 == 200).then_some(())
    })
    .await;
    server.serving.abort();
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_record_may_be_so_large_and_so_deep(pool: PgPool) {
    let variables = [
        ("NUMWATCH_MAX_RECORD_BYTES", "1000"),
        ("NUMWATCH_MAX_JSON_DEPTH", "5"),
    ];
    let app = App::working(&pool, &variables).await;
    let nested = |depth: usize| {
        let record = result(1, "2025-06-22").to_string();
        let inner = format!("{}{}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        let record = record.replacen('{', &format!("{{\"x\":{inner},"), 1);
        let other = result(1, "2025-06-21");
        format!(
            "{{\"games\":[{}],\"results\":[{other},{record}]}}",
            game(1, "A")
        )
    };
    let fits = app.import(nested(5)).await.json();
    assert_eq!(fits["records_rejected"], 0, "{fits}");
    let deep = app.import(nested(6)).await;
    let id = deep.id("import_id");
    assert_eq!(deep.json()["records_rejected"], 1);
    let rejects = app.get(&format!("/import-logs/{id}/rejects")).await.text();
    assert!(
        rejects.contains("more than 5 brackets stand within each other"),
        "{rejects}"
    );
    let mut large = game(2, "B");
    large["country"] = "x".repeat(1_000).into();
    let refused = app.import(backup(&[game(1, "A"), large], &[])).await;
    let sentence = refused.problem(422);
    assert!(
        sentence.contains("game 2 is larger than 1,000 bytes"),
        "{sentence}"
    );
    assert_eq!(app.data().await.0, 1, "nothing of it came");
    app.stop().await;
}
