//! `POST /imports/backup`, the page's form for browsers without scripts: whatever is sent, the logs tell it.

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

use super::{
    app::App,
    fixtures::{backup, game, small_backup},
    reply::Reply,
};
use crate::model::import_log::{FailureKind, ImportLog, ImportStatus, Requester};

/// A part of a form: its `Content-Disposition` after `form-data; `, and what it holds.
fn part(disposition: &str, content: &str) -> String {
    format!("--x\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n")
}

fn request(body: impl Into<Body>) -> Request<Body> {
    Request::post("/imports/backup")
        .header("content-type", "multipart/form-data; boundary=x")
        .body(body.into())
        .unwrap()
}

/// Sends a form, which leads to the page however it goes; answers the logs, newest first.
async fn send(app: &App, form: Request<Body>) -> Vec<ImportLog> {
    let reply = app.send(form).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("location")),
        (303, "/"),
        "{}",
        reply.text()
    );
    app.state.logs.latest().await.unwrap().to_vec()
}

/// Sends a form of which nothing is imported; answers the sentence of its log.
async fn refused(app: &App, form: impl Into<Body>) -> String {
    let before = app.state.logs.latest().await.unwrap().len();
    let logs = send(app, request(form)).await;
    assert_eq!(logs.len(), before + 1, "one form, one log");
    sentence(&logs[0], FailureKind::InvalidInput)
}

#[track_caller]
fn sentence(log: &ImportLog, kind: FailureKind) -> String {
    assert_eq!(
        (log.status, log.failure_kind, log.requested_by),
        (ImportStatus::Failed, Some(kind), Some(Requester::Page))
    );
    let sentence = log.error_message.clone().unwrap();
    assert!(sentence.ends_with('.'), "{sentence}");
    sentence
}

#[sqlx::test(migrations = false)]
async fn each_file_of_a_form_is_an_import_of_its_own(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let form = [
        part("name=\"note\"", "from my laptop"),
        part(
            "name=\"file\"; filename=\"a.json\"",
            &backup(&[game(1, "A")], &[]),
        ),
        part("name=\"file\"; filename=\"empty.json\"", ""),
        part(
            "name=\"file\"; filename=\"b.json\"",
            &backup(&[game(1, "B")], &[]),
        ),
        part("name=\"file\"; filename=\"c.json\"", "no JSON"),
        "--x--\r\n".into(),
    ];
    let logs = send(&app, request(form.concat())).await;
    let mut ended = Vec::new();
    for log in logs.iter().rev() {
        let log = app.ended(log.id).await;
        ended.push((log.filename.unwrap(), log.status));
    }
    let (good, bad) = (ImportStatus::Success, ImportStatus::Failed);
    let expected = [
        ("a.json", good),
        ("empty.json", bad),
        ("b.json", good),
        ("c.json", bad),
    ];
    assert_eq!(
        ended,
        expected.map(|(name, status)| (name.to_owned(), status))
    );
    assert_eq!(app.data().await, (2, 0));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_file_that_is_refused_in_the_middle_does_not_keep_the_next_one(pool: PgPool) {
    let app = App::working(&pool, &[("NUMWATCH_MAX_UPLOAD_BYTES", "1000")]).await;
    let form = [
        part(
            "name=\"file\"; filename=\"large.json\"",
            &" ".repeat(100_000),
        ),
        part("name=\"file\"; filename=\"good.json\"", &small_backup()),
        "--x--\r\n".into(),
    ]
    .concat();
    let chunks: Vec<_> = form
        .as_bytes()
        .chunks(700)
        .map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk)))
        .collect();
    let logs = send(&app, request(Body::from_stream(stream::iter(chunks)))).await;
    let [good, large] = &logs[..] else {
        panic!("{logs:?}")
    };
    assert!(sentence(large, FailureKind::InvalidInput).contains("too large"));
    assert_eq!(app.ended(good.id).await.status, ImportStatus::Success);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_file_in_a_form_may_be_packed(pool: PgPool) {
    use std::io::Write as _;
    let app = App::working(&pool, &[]).await;
    let mut encoder = flate2::write::GzEncoder::new(
        b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json.gz\"\r\n\r\n"
            .to_vec(),
        flate2::Compression::default(),
    );
    encoder.write_all(small_backup().as_bytes()).unwrap();
    let mut form = encoder.finish().unwrap();
    form.extend(b"\r\n--x--\r\n");
    let logs = send(&app, request(form)).await;
    assert_eq!(app.ended(logs[0].id).await.status, ImportStatus::Success);
    assert_eq!(logs[0].filename.as_deref(), Some("a.json.gz"));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_name_in_a_form_is_what_its_escapes_mean(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    for (name, kept) in [
        ("a%22b%0D%0A%25.json", Some("a\"b␍␊%25.json")),
        ("folder/ก.json", Some("ก.json")),
        ("", None),
    ] {
        let form = part(
            &format!("name=\"file\"; filename=\"{name}\""),
            &small_backup(),
        );
        let logs = send(&app, request(form + "--x--\r\n")).await;
        assert_eq!(logs[0].filename.as_deref(), kept, "{name}");
        assert_eq!(app.ended(logs[0].id).await.status, ImportStatus::Success);
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_form_without_a_file_says_what_to_do(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let sentence = refused(&app, "--x--\r\n").await;
    assert!(
        sentence.contains("no field \"file\": it has no field"),
        "{sentence}"
    );
    let blank = part("name=\"file\"; filename=\"\"", "");
    let sentence = refused(&app, blank + "--x--\r\n").await;
    assert!(sentence.starts_with("No file was chosen."), "{sentence}");
    let wrong = part("name=\"upload\"; filename=\"a.json\"", &small_backup());
    let sentence = refused(&app, wrong.clone() + "--x--\r\n").await;
    assert!(sentence.contains("it has only \"upload\"."), "{sentence}");
    let sentence = refused(&app, wrong.repeat(5) + "--x--\r\n").await;
    assert!(sentence.contains("\"upload\" and 2 more."), "{sentence}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_form_whose_parts_are_broken_says_so(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for broken in [
        "",
        "--y\r\n",
        "--x",
        "--x\r\nno header\r\n\r\n",
        "--x\r\nContent-Disposition: form-data",
    ] {
        let sentence = refused(&app, broken).await;
        assert!(
            sentence.starts_with("The form can't be read"),
            "{broken}: {sentence}"
        );
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_form_that_is_cut_off_is_interrupted(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let head = part("name=\"note\"", "from my laptop");
    let pieces = [
        Ok(Bytes::from(head)),
        Err(std::io::ErrorKind::ConnectionReset),
    ];
    let pieces = stream::iter(pieces.map(|piece| piece.map_err(std::io::Error::from)));
    let logs = send(&app, request(Body::from_stream(pieces))).await;
    let cut_off = sentence(&logs[0], FailureKind::Interrupted);
    assert!(cut_off.contains("cut off"), "{cut_off}");

    let half = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\n\r\n{";
    let logs = send(&app, request(half)).await;
    assert_eq!(logs.len(), 2, "one file, one log");
    sentence(&logs[0], FailureKind::Interrupted);
    app.stop().await;
}

/// What holds no part of a form is not kept in memory until it ends.
#[sqlx::test(migrations = false)]
async fn a_form_in_which_nothing_is_found_is_given_up(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let pieces = stream::iter(0..1_000).map(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::io::Error>(Bytes::from(vec![b'-'; 64 << 10]))
    });
    let sentence = refused(&app, Body::from_stream(pieces)).await;
    assert!(sentence.starts_with("The form can't be read"), "{sentence}");
    let taken = taken.load(Ordering::SeqCst);
    assert!(taken < 30, "{taken} pieces of 64 kB");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_no_form_is_refused_with_a_log(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let send = async |content_type: &str, coding: Option<&str>| -> Reply {
        let mut request = Request::post("/imports/backup").header("content-type", content_type);
        if let Some(coding) = coding {
            request = request.header("content-encoding", coding);
        }
        app.send(request.body(Body::from(small_backup())).unwrap())
            .await
    };
    for (content_type, coding) in [
        ("application/json", None),
        ("application/x-www-form-urlencoded", None),
        ("multipart/form-data", None),
        ("multipart/form-data; boundary=x", Some("gzip")),
        ("multipart/form-data; boundary=x", Some("br")),
    ] {
        let reply = send(content_type, coding).await;
        let told = reply.problem(415);
        let log = app.log(reply.id("import_id")).await;
        assert_eq!(sentence(&log, FailureKind::InvalidInput), told);
    }
    app.stop().await;
}
