//! Files as people have them: packed, of any name, and each refusal with the log that says the same.

use std::{io::Write as _, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use flate2::{Compression, write::GzEncoder};
use futures::{StreamExt as _, stream};
use sqlx::PgPool;

use super::{
    app::{App, upload},
    fixtures::{generated, sha256, small_backup},
    reply::Reply,
};
use crate::model::import_log::{FailureKind, ImportLog, ImportStatus};

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// An upload that says of its body that it is packed so.
fn encoded(coding: &str, body: impl Into<Body>) -> Request<Body> {
    upload()
        .header("content-encoding", coding)
        .body(body.into())
        .unwrap()
}

/// Asserts a refusal that its import's log repeats, and answers that log.
async fn refused(app: &App, reply: &Reply, status: u16) -> ImportLog {
    let sentence = reply.problem(status);
    let log = app.log(reply.id("import_id")).await;
    assert_eq!(log.status, ImportStatus::Failed);
    assert_eq!(log.error_message, Some(sentence));
    assert!(!log.retryable, "its file is not there");
    app.until_nothing_is_stored().await;
    log
}

/// The same of a file that can't be used.
async fn invalid(app: &App, reply: &Reply, status: u16) -> String {
    let log = refused(app, reply, status).await;
    assert_eq!(log.failure_kind, Some(FailureKind::InvalidInput));
    log.error_message.unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_packed_file_is_imported_whatever_it_is_called(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let file = generated(500);
    let packed = gzip(&file);
    for content_type in [
        "application/json",
        "application/gzip",
        "application/x-gzip",
        "",
    ] {
        let request = Request::post("/import-backup")
            .header("content-type", content_type)
            .header("x-filename", "b.json")
            .body(Body::from(packed.clone()));
        let reply = app.send(request.unwrap()).await;
        assert_eq!(reply.status.as_u16(), 200, "{}", reply.text());
        let log = app.log(reply.id("import_id")).await;
        assert_eq!(
            (log.status, log.records_processed),
            (ImportStatus::Success, 510)
        );
        assert_eq!(log.filename.as_deref(), Some("b.json"));
        assert_eq!(
            log.file_size,
            i64::try_from(packed.len()).ok(),
            "what arrived"
        );
        let sum = sha256(&file);
        assert_eq!(log.payload_sha256, Some(sum), "of what is inside");
    }
    assert_eq!(app.data().await, (10, 500));
    // Packed or not, it is the same file.
    let plain = app.import(file).await.json();
    assert!(plain["same_as"].is_number(), "{plain}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_stored_of_a_packed_file_is_what_is_inside(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let file = generated(500);
    let packed = gzip(&file);
    let id = app.queue(packed.clone()).await;
    let stored = std::fs::read_dir(app.folder.path())
        .unwrap()
        .next()
        .unwrap();
    assert!(std::fs::read(stored.unwrap().path()).unwrap() == file);
    let log = app.log(id).await;
    let bytes = |length: usize| i64::try_from(length).ok();
    assert_eq!(
        (log.file_size, log.progress_total),
        (bytes(packed.len()), bytes(file.len()))
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_body_may_be_packed_on_its_way_and_a_file_in_it_too(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let (once, twice) = (gzip(small_backup()), gzip(gzip(small_backup())));
    for (coding, body) in [
        ("gzip", once.clone()),
        ("X-GZIP", once.clone()),
        ("identity, gzip", once.clone()),
        ("identity", once.clone()),
        ("", once),
        ("gzip", twice.clone()),
    ] {
        let reply = app.send(encoded(coding, body)).await;
        assert_eq!(reply.status.as_u16(), 200, "{coding}: {}", reply.text());
    }
    assert_eq!(app.data().await, (1, 1));
    // Never more than both: the rest says so itself.
    for request in [
        upload().body(twice.clone().into()).unwrap(),
        encoded("gzip", gzip(twice)),
    ] {
        let sentence = app.send(request).await.problem(422);
        assert!(
            sentence.contains("more often than NumWatch unpacks"),
            "{sentence}"
        );
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_packed_file_may_come_byte_by_byte(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let bytes = gzip(gzip(small_backup())).into_iter();
    let bytes = stream::iter(bytes.map(|byte| Ok::<_, std::io::Error>(Bytes::from(vec![byte]))));
    let reply = app.send(encoded("gzip", Body::from_stream(bytes))).await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.text());
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn another_packing_is_refused_before_the_body_is_read(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for coding in ["br", "zstd", "deflate", "gzip, gzip", "gzip, br"] {
        let never_ends = stream::pending::<std::io::Result<Bytes>>();
        let mut request = encoded(coding, Body::from_stream(never_ends));
        request
            .headers_mut()
            .insert("expect", "100-continue".parse().unwrap());
        let reply = app.send(request).await;
        let sentence = invalid(&app, &reply, 415).await;
        assert!(sentence.contains(&format!("\"{coding}\"")), "{sentence}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_body_that_is_not_packed_as_it_says_is_refused(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let reply = app.send(encoded("gzip", small_backup())).await;
    let sentence = invalid(&app, &reply, 400).await;
    assert!(sentence.contains("isn't packed with gzip"), "{sentence}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_broken_archive_is_told_with_the_byte(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let packed = gzip(generated(50));
    let length = packed.len();
    let reply = app.import(packed[..length - 20].to_vec()).await;
    let sentence = invalid(&app, &reply, 422).await;
    let byte = format!("ends in the middle of it (byte {}).", length - 20);
    assert!(sentence.contains(&byte), "{sentence}");

    let mut broken = packed;
    broken[length - 7] ^= 1;
    let sentence = invalid(&app, &app.import(broken).await, 422).await;
    assert!(
        sentence.contains(&format!("broken near byte {length}.")),
        "{sentence}"
    );

    let sentence = invalid(&app, &app.import(gzip("")).await, 422).await;
    assert!(sentence.contains("what is inside is empty"), "{sentence}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn limits_are_of_what_is_inside(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_MAX_UPLOAD_BYTES", "5000000")]).await;
    let fits = generated(15_000);
    let too_large = generated(25_000);
    assert!(fits.len() < 5_000_000 && too_large.len() > 5_000_000);
    let packed = gzip(&too_large);
    assert!(packed.len() < 1_000_000);
    let reply = app.import(packed).await;
    let sentence = invalid(&app, &reply, 413).await;
    assert!(
        sentence.contains("once it is unpacked, and 5000000"),
        "{sentence}"
    );
    app.queue(gzip(fits)).await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_decompression_bomb_is_refused_before_it_goes_off(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let bomb = gzip(vec![b' '; 20 << 20]);
    let pieces: Vec<_> = bomb.chunks(4_096).map(Bytes::copy_from_slice).collect();
    let pieces = stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    let reply = app.import(Body::from_stream(pieces)).await;
    let sentence = invalid(&app, &reply, 413).await;
    assert!(
        sentence.contains("a decompression bomb: 4096 bytes of it"),
        "{sentence}"
    );
    app.stop().await;
}

/// Whatever is refused before it is queued says which import it was.
#[sqlx::test(migrations = false)]
async fn a_refusal_names_its_import(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_MAX_UPLOAD_BYTES", "100")]).await;
    invalid(&app, &app.import("").await, 400).await;
    invalid(&app, &app.import(vec![b' '; 101]).await, 413).await;
    let text = upload().header("content-type", "text/csv; charset=utf-8");
    let mut request = text.body(Body::from("a,b")).unwrap();
    request
        .headers_mut()
        .insert("content-type", "text/csv".parse().unwrap());
    let sentence = invalid(&app, &app.send(request).await, 415).await;
    assert!(sentence.contains("\"text/csv\""), "{sentence}");
    let cut_off = stream::iter([Err::<Bytes, _>(std::io::Error::from(
        std::io::ErrorKind::ConnectionReset,
    ))]);
    let reply = app.import(Body::from_stream(cut_off)).await;
    let log = refused(&app, &reply, 400).await;
    assert_eq!(log.failure_kind, Some(FailureKind::Interrupted));
    for path in [
        "/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-22",
        "/scheduler/trigger",
    ] {
        let reply = app.post(path).await;
        reply.problem(503);
        assert_eq!(app.newest().await.id, reply.id("import_id"));
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_cancelled_upload_names_its_import(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let pieces = stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"{")) });
    let request = upload()
        .header("expect", "100-continue")
        .body(Body::from_stream(pieces.chain(stream::pending())))
        .unwrap();
    let cancelling = async {
        let id = app.logged().await;
        app.post(&format!("/import-logs/{id}/cancel")).await;
        id
    };
    let (reply, id) = tokio::time::timeout(Duration::from_mins(1), async {
        tokio::join!(app.send(request), cancelling)
    })
    .await
    .unwrap();
    reply.problem(409);
    assert_eq!(reply.id("import_id"), id);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_name_is_kept_as_it_can_be_shown(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    for (name, kept) in [
        ("C%3A%5Cfakepath%5Ca.json", Some("a.json")),
        ("%2Fhome%2Fme%2F%E0%B8%AA.json", Some("ส.json")),
        ("a%00b%0Ac.json", Some("a␀b␊c.json")),
        ("gpj.%E2%80%AEnosj", Some("gpj.⟨U+202E⟩nosj")),
        ("%20%20", None),
        ("folder%2F", None),
    ] {
        let request = upload().header("x-filename", name);
        app.send(request.body(small_backup().into()).unwrap()).await;
        assert_eq!(app.newest().await.filename.as_deref(), kept, "{name}");
    }
    app.stop().await;
}
