//! Stopping an upload is a cancel, not an accident: its sender names it before it is an import of the table's.

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use futures::{StreamExt as _, stream};
use sqlx::PgPool;
use tokio::sync::oneshot;

use super::{
    app::{App, upload},
    reply::Reply,
};
use crate::model::import_log::FailureKind;

const STOPPED: &str =
    "The upload was cancelled from the page. Upload the file again whenever you like.";

async fn stop(app: &App, called: &str) -> Reply {
    let request = Request::post("/api/stop_upload")
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("called={called}")));
    app.send(request.unwrap()).await
}

/// A body that has begun, and breaks off when told to, or when nobody is left to tell it.
fn begun() -> (oneshot::Sender<()>, Body) {
    let (cut, told) = oneshot::channel();
    let broken = async {
        let _ = told.await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    };
    let first = stream::iter([Ok(Bytes::from_static(b"{"))]);
    let pieces = first.chain(stream::once(Box::pin(broken)));
    (cut, Body::from_stream(pieces))
}

#[sqlx::test(migrations = false)]
async fn an_upload_is_stopped_by_its_name(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let (cut, body) = begun();
    let sending = upload().header("x-upload", "mine").body(body).unwrap();
    let stopping = async {
        app.logged().await;
        assert_eq!(stop(&app, "another").await.status.as_u16(), 404);
        assert_eq!(stop(&app, "mine").await.status.as_u16(), 200);
    };
    let (reply, ()) = tokio::join!(app.send(sending), stopping);
    assert_eq!(reply.problem(409), STOPPED);
    let log = app.newest().await;
    assert_eq!(log.failure_kind, Some(FailureKind::Cancelled));
    assert_eq!(stop(&app, "mine").await.status.as_u16(), 404);
    drop(cut);
    app.stop().await;
}

/// Behind a balancer the cancel may reach another process than the upload.
#[sqlx::test(migrations = false)]
async fn an_upload_is_stopped_through_another_process(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let another = App::idle(&pool, &[]).await;
    let (cut, body) = begun();
    let sending = upload().header("x-upload", "mine").body(body).unwrap();
    let stopping = async {
        app.logged().await;
        assert_eq!(stop(&another, "mine").await.status.as_u16(), 200);
    };
    let (reply, ()) = tokio::join!(app.send(sending), stopping);
    assert_eq!(reply.problem(409), STOPPED);
    drop(cut);
    another.stop().await;
    app.stop().await;
}

/// A process that stops waits for no sender.
#[sqlx::test(migrations = false)]
async fn an_upload_that_arrives_at_a_process_that_stops_is_refused_at_once(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let (cut, body) = begun();
    let sending = upload().body(body).unwrap();
    let stopping = async {
        app.logged().await;
        app.imports.stop_arriving().await;
    };
    let (reply, ()) = tokio::join!(app.send(sending), stopping);
    let sentence =
        "The upload was cut off: the server that received it was stopped. Upload the file again.";
    assert_eq!(reply.problem(503), sentence);
    let log = app.newest().await;
    assert_eq!(log.error_message.as_deref(), Some(sentence));
    drop(cut);
    app.stop().await;
}

/// The page hangs up as soon as its cancel is taken, often before the server's own heartbeat has heard of it.
#[sqlx::test(migrations = false)]
async fn an_upload_that_is_stopped_and_cut_off_was_stopped(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let (cut, body) = begun();
    let sending = upload().header("x-upload", "mine").body(body).unwrap();
    let stopping = async {
        app.logged().await;
        assert_eq!(stop(&app, "mine").await.status.as_u16(), 200);
        drop(cut);
    };
    tokio::join!(app.send(sending), stopping);
    let log = app.newest().await;
    assert_eq!(log.error_message.as_deref(), Some(STOPPED));
    assert_eq!(log.failure_kind, Some(FailureKind::Cancelled));
    app.stop().await;
}
