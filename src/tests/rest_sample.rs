//! `POST /import-sample-data` (`formats.md` §3).

use axum::{body::Body, http::Request};
use sqlx::PgPool;

use super::app::App;
use crate::{
    model::import_log::{FailureKind, ImportStatus, ImportType, Requester},
    server::importer::{SAMPLE, SAMPLE_FILENAME},
};

#[sqlx::test(migrations = false)]
async fn the_sample_answers_with_its_counts(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let reply = app.post("/import-sample-data").await;
    assert_eq!(reply.status.as_u16(), 200);
    let json = reply.json();
    let (games, results) = app.data().await;
    assert_eq!(json["games_created"], games);
    assert_eq!(
        json["results_updated"], results,
        "today's clients read new and changed results here"
    );
    assert_eq!(json["total_unique_records"], results);
    assert!(json["message"].is_string());
    assert!((60..120).contains(&results), "about 80 draws: {results}");

    let log = app.log(reply.id("import_id")).await;
    assert_eq!(
        (log.import_type, log.requested_by),
        (ImportType::SampleData, Some(Requester::Api))
    );
    assert_eq!(log.filename.as_deref(), Some("responseData.json"));
    assert_eq!(log.filename.as_deref(), Some(SAMPLE_FILENAME));
    assert_eq!(log.file_size, i64::try_from(SAMPLE.len()).ok());
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_sample_has_draws_of_every_status(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.post("/import-sample-data").await;
    for status in ["completed", "waiting", "cancelled"] {
        let found: i64 = sqlx::query_scalar("SELECT count(*) FROM results WHERE status = $1")
            .bind(status)
            .fetch_one(&app.pool)
            .await
            .unwrap();
        assert!(found > 0, "{status}");
    }
    assert!(
        app.number("SELECT count(*) FROM results WHERE result_3up LIKE '0%'")
            .await
            > 0,
        "leading zeros are kept"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_sample_answers_at_once_when_asked_to(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for prefer in ["respond-async", "wait=10, Respond-Async; x=1"] {
        let request = Request::post("/import-sample-data")
            .header("prefer", prefer)
            .body(Body::empty())
            .unwrap();
        let reply = app.send(request).await;
        assert_eq!(reply.status.as_u16(), 202, "{prefer}");
        let id = reply.id("id");
        assert_eq!(reply.header("location"), format!("/import-logs/{id}"));
        assert_eq!(
            app.get(reply.header("location")).await.json()["status"],
            "running"
        );
        app.work_on(id).await;
        assert_eq!(app.log(id).await.status, ImportStatus::Success);
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_sample_that_is_cancelled_while_its_client_waits_answers_409(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let cancel = async {
        let id = app.logged().await;
        app.post(&format!("/import-logs/{id}/cancel")).await
    };
    let (answer, cancelled) = tokio::join!(app.post("/import-sample-data"), cancel);
    assert_eq!(cancelled.status.as_u16(), 202);
    assert_eq!(
        answer.problem(409),
        "Cancelled from the api. Nothing of it was imported; run it again whenever you like."
    );
    let log = app.newest().await;
    assert_eq!(
        (log.status, log.failure_kind),
        (ImportStatus::Failed, Some(FailureKind::Cancelled))
    );
    assert_eq!(answer.id("import_id"), log.id);
    app.stop().await;
}
