//! Invariant 1: every attempt has a log row, the ones that fail at the first byte too.

use std::io;

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use futures::stream;
use sqlx::PgPool;

use super::{
    app::{App, upload},
    fixtures::small_backup,
};
use crate::model::import_log::{FailureKind, ImportLog, ImportStatus, ImportType, Requester};

/// Asserts that an import failed for this reason, with the database empty and nothing kept of it.
async fn failed(app: &App, log: &ImportLog, kind: FailureKind, sentence: &str) {
    assert_eq!(log.status, ImportStatus::Failed);
    assert_eq!(log.failure_kind, Some(kind));
    assert_eq!(log.error_message.as_deref(), Some(sentence));
    assert!(log.completed_at.is_some());
    assert_eq!(app.data().await, (0, 0));
}

#[sqlx::test(migrations = false)]
async fn invariant_1_every_attempt_has_a_log_row_that_is_not_json(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let reply = app.import("<!doctype html><title>502</title>").await;
    let sentence = reply.problem(422);
    assert!(sentence.contains("web page (HTML)"), "{sentence}");
    let log = app.newest().await;
    assert_eq!(reply.id("import_id"), log.id);
    failed(&app, &log, FailureKind::InvalidInput, &sentence).await;
    assert_eq!(log.file_size, Some(33));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_1_every_attempt_has_a_log_row_that_is_empty(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let sentence = app.import("").await.problem(400);
    failed(
        &app,
        &app.newest().await,
        FailureKind::InvalidInput,
        &sentence,
    )
    .await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_1_every_attempt_has_a_log_row_that_is_announced_too_large(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_MAX_UPLOAD_BYTES", "100")]).await;
    let request = upload()
        .header("content-length", "5000")
        .header("x-filename", "big.json")
        .body(Body::from("{}"));
    let sentence = app.send(request.unwrap()).await.problem(413);
    assert!(
        sentence.contains("5000 bytes") && sentence.contains("100"),
        "{sentence}"
    );
    let log = app.newest().await;
    failed(&app, &log, FailureKind::InvalidInput, &sentence).await;
    assert_eq!(log.filename.as_deref(), Some("big.json"));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_1_every_attempt_has_a_log_row_that_grows_too_large(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_MAX_UPLOAD_BYTES", "100")]).await;
    let pieces = stream::iter((0..3).map(|_| Ok::<_, io::Error>(Bytes::from(vec![b' '; 50]))));
    let sentence = app.import(Body::from_stream(pieces)).await.problem(413);
    failed(
        &app,
        &app.newest().await,
        FailureKind::InvalidInput,
        &sentence,
    )
    .await;
    app.until_nothing_is_stored().await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_1_every_attempt_has_a_log_row_whose_upload_is_cut_off(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let pieces = [
        Ok(Bytes::from(vec![b' '; 700])),
        Ok(Bytes::from_static(b"{\"games\"")),
        Err(io::ErrorKind::ConnectionReset),
    ];
    let body = Body::from_stream(stream::iter(
        pieces.map(|piece| piece.map_err(io::Error::from)),
    ));
    let request = upload()
        .header("content-length", "48213")
        .header("x-filename", "a%20b.json")
        .body(body);
    let sentence = app.send(request.unwrap()).await.problem(400);
    assert_eq!(
        sentence,
        "The upload was cut off after 708 of 48213 bytes. Upload the file again."
    );
    let log = app.newest().await;
    failed(&app, &log, FailureKind::Interrupted, &sentence).await;
    assert_eq!(log.filename.as_deref(), Some("a b.json"));
    assert!(!log.retryable, "its file is not there");
    app.until_nothing_is_stored().await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_1_every_attempt_has_a_log_row_of_the_wrong_content_type(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let request = Request::post("/import-backup")
        .header("content-type", "text/csv; charset=utf-8")
        .body(Body::from("a,b"));
    let sentence = app.send(request.unwrap()).await.problem(415);
    assert!(sentence.contains("\"text/csv\""), "{sentence}");
    failed(
        &app,
        &app.newest().await,
        FailureKind::InvalidInput,
        &sentence,
    )
    .await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_1_every_attempt_has_a_log_row_without_a_feed(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let sentence = app
        .post("/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-22")
        .await
        .problem(503);
    assert!(sentence.contains("EXTERNAL_API_URL"), "{sentence}");
    let range = app.newest().await;
    failed(&app, &range, FailureKind::SourceUnavailable, &sentence).await;
    assert_eq!(
        (range.import_type, range.requested_by),
        (ImportType::DateRange, Some(Requester::Api))
    );

    assert_eq!(app.post("/scheduler/trigger").await.problem(503), sentence);
    let triggered = app.newest().await;
    assert_ne!(triggered.id, range.id);
    failed(&app, &triggered, FailureKind::SourceUnavailable, &sentence).await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_1_a_form_without_scripts_leaves_the_same_log(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let form = |file: &str| {
        let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b.json\"\r\nContent-Type: application/json\r\n\r\n";
        Request::post("/imports/backup")
            .header("content-type", "multipart/form-data; boundary=x")
            .body(Body::from(format!("{head}{file}")))
            .unwrap()
    };
    let reply = app
        .send(form(&format!("{}\r\n--x--\r\n", small_backup())))
        .await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("location")),
        (303, "/")
    );
    let log = app.ended(app.newest().await.id).await;
    assert_eq!(
        (log.status, log.filename.as_deref(), log.requested_by),
        (ImportStatus::Success, Some("b.json"), Some(Requester::Page))
    );
    assert_eq!(
        log.file_size,
        Some(i64::try_from(small_backup().len()).unwrap())
    );

    app.send(form("{\"games\": [")).await;
    let log = app.newest().await;
    assert_eq!(
        (log.status, log.failure_kind),
        (ImportStatus::Failed, Some(FailureKind::Interrupted))
    );
    app.stop().await;
}
