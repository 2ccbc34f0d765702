//! How far a running import is, and how fast it goes, stands on its log.

use axum::{
    body::{Body, Bytes},
    http::header,
};
use futures::{StreamExt as _, channel::mpsc};
use serde_json::json;
use sqlx::PgPool;

use super::{
    app::{App, eventually, upload},
    fixtures::generated,
};
use crate::model::import_log::{ImportLog, ImportStatus, Phase};

#[sqlx::test(migrations = false)]
async fn progress_stands_on_the_log_of_a_running_import(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let held = app.hold_results().await;
    let file = generated(3_000);
    let size = file.len();
    let id = app.queue(file).await;
    app.until_held(1).await;
    let log = eventually("the progress is written", async || {
        let log = app.get(&format!("/import-logs/{id}")).await.json();
        (log["progress"] == size).then_some(log)
    })
    .await;
    assert_eq!(
        (&log["phase"], &log["progress_total"]),
        (&json!("reading"), &json!(size))
    );
    assert_eq!(
        (&log["status"], &log["records_processed"]),
        (&json!("running"), &json!(3_010))
    );
    assert_eq!(
        log["games_created"], 0,
        "nothing is counted that is not there"
    );
    drop(held);
    app.ended(id).await;
    app.stop().await;
}

/// An upload comes in three parts, each when the log has told of the one before.
#[sqlx::test(migrations = false)]
async fn an_upload_tells_how_fast_it_comes_and_how_long_the_rest_takes(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let file = Bytes::from(generated(300));
    let size = file.len();
    let parts = [0..1_000, 1_000..size / 2, size / 2..size].map(|range| file.slice(range));
    let (send, body) = mpsc::unbounded::<Bytes>();
    let request = upload()
        .header(header::CONTENT_LENGTH, size)
        .body(Body::from_stream(body.map(Ok::<_, std::io::Error>)))
        .unwrap();
    let arrives = async {
        let told = async |told: fn(&ImportLog) -> bool| {
            eventually("the log tells of it", async || {
                let logs = app.state.logs.latest().await.unwrap();
                logs.first().filter(|log| told(log)).cloned()
            })
            .await
        };
        send.unbounded_send(parts[0].clone()).unwrap();
        let log = told(|log| log.progress == 1_000).await;
        assert_eq!(
            (log.bytes_per_second, log.seconds_left),
            (None, None),
            "of one part nobody can tell"
        );
        send.unbounded_send(parts[1].clone()).unwrap();
        let log = told(|log| log.bytes_per_second.is_some()).await;
        assert_eq!(
            (log.phase, log.progress, log.progress_total),
            (
                Phase::Uploading,
                i64::try_from(size / 2).unwrap(),
                i64::try_from(size).ok()
            )
        );
        assert!(log.seconds_left.is_some_and(|left| left > 0), "{log:?}");
        send.unbounded_send(parts[2].clone()).unwrap();
        drop(send);
    };
    let (reply, ()) = tokio::join!(app.send(request), arrives);
    assert_eq!(reply.json()["results_created"], 300);
    let log = app.newest().await;
    assert_eq!(
        (log.status, log.bytes_per_second, log.seconds_left),
        (ImportStatus::Success, None, None)
    );
    app.stop().await;
}
