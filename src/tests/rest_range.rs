//! `POST /scheduler/import-range` (`formats.md` §3).

use axum::{body::Body, http::Request};
use serde_json::json;
use sqlx::PgPool;

use super::{app::App, fixtures::feed};
use crate::{
    model::import_log::{ImportStatus, ImportType},
    server::feed::simulator::Trouble,
};

fn range(start: &str, end: &str) -> String {
    format!("/scheduler/import-range?start_date={start}&end_date={end}")
}

#[sqlx::test(migrations = false)]
async fn a_range_of_plain_dates_answers_with_its_counts(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let reply = app.post(&range("2025-06-20", "2025-06-22")).await;
    assert_eq!(reply.status.as_u16(), 200);
    let json = reply.json();
    let (games, results) = app.data().await;
    assert_eq!(json["success"], true);
    assert_eq!(json["message"], "Imported 3 days.");
    assert_eq!(
        (
            &json["total_dates"],
            &json["successful_dates"],
            &json["failed_dates"]
        ),
        (&json!(3), &json!(3), &json!(0))
    );
    assert_eq!(
        (&json["total_games_created"], &json["total_results_updated"]),
        (&json!(games), &json!(results))
    );

    let log = app.log(reply.id("import_id")).await;
    assert_eq!(
        (log.import_type, log.filename),
        (ImportType::DateRange, None)
    );
    assert_eq!(
        (log.range_start, log.range_end),
        ("2025-06-20".parse().ok(), "2025-06-22".parse().ok())
    );
    assert_eq!((log.progress, log.progress_total), (3, Some(3)));
    app.stop().await;
}

/// A day is written as the instant at which it begins in Bangkok.
#[sqlx::test(migrations = false)]
async fn a_range_of_instants_is_of_the_days_in_bangkok(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let json = app
        .post(&range(
            "2025-06-19T17:00:00.000Z",
            "2025-06-21T16:59:59.999Z",
        ))
        .await
        .json();
    assert_eq!(
        (&json["success"], &json["total_dates"]),
        (&json!(true), &json!(2))
    );
    let log = app.newest().await;
    assert_eq!(
        (log.range_start, log.range_end),
        ("2025-06-20".parse().ok(), "2025-06-21".parse().ok())
    );
    assert_eq!(
        app.number("SELECT count(DISTINCT result_date) FROM results")
            .await,
        2
    );

    app.post(&range(
        "2025-06-20T00:00:00%2B07:00",
        "2025-06-20T23:00:00+07:00",
    ))
    .await;
    let log = app.newest().await;
    assert_eq!(
        (log.range_start, log.range_end),
        ("2025-06-20".parse().ok(), "2025-06-20".parse().ok())
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_range_answers_at_once_when_asked_to(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let request = Request::post(range("2025-06-20", "2025-06-20"))
        .header("prefer", "respond-async")
        .body(Body::empty());
    let reply = app.send(request.unwrap()).await;
    assert_eq!(reply.status.as_u16(), 202);
    let id = reply.id("id");
    assert_eq!(reply.header("location"), format!("/import-logs/{id}"));
    app.work_on(id).await;
    assert_eq!(app.log(id).await.status, ImportStatus::Success);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_range_that_cannot_be_is_refused_with_a_sentence(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let sentence = app
        .post(&range("2025-06-22", "2025-06-20"))
        .await
        .problem(422);
    assert_eq!(
        sentence,
        "The range ends (2025-06-20) before it starts (2025-06-22). Swap the two dates."
    );
    let sentence = app
        .post(&range("2025-06-20", "2025-06-23"))
        .await
        .problem(422);
    assert_eq!(
        sentence,
        "The range ends on 2025-06-23, which is in the future: today in Bangkok is 2025-06-22."
    );
    let sentence = app
        .post(&range("2024-06-21", "2025-06-22"))
        .await
        .problem(422);
    assert_eq!(
        sentence,
        "The range from 2024-06-21 to 2025-06-22 is longer than 366 days. Import it in parts."
    );
    for malformed in ["2025-02-30", "22.06.2025", "tomorrow"] {
        let sentence = app.post(&range(malformed, "2025-06-22")).await.problem(400);
        assert!(
            sentence.starts_with(&format!("start_date is \"{malformed}\", which is no date")),
            "{sentence}"
        );
        let sentence = app.post(&range("2025-06-22", malformed)).await.problem(400);
        assert!(sentence.starts_with("end_date"), "{sentence}");
    }
    app.post("/scheduler/import-range?start_date=2025-06-22")
        .await
        .problem(400);
    assert_eq!(
        app.number("SELECT count(*) FROM import_logs").await,
        0,
        "nothing was attempted"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_range_of_366_days_and_one_of_today_are_taken(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let start = async |start: &str, end: &str| {
        let request = Request::post(range(start, end))
            .header("prefer", "respond-async")
            .body(Body::empty());
        app.send(request.unwrap()).await.id("id")
    };
    let year = start("2024-06-22", "2025-06-22").await;
    assert_eq!(app.log(year).await.progress_total, Some(366));
    assert_eq!(app.state.logs.details(year).await.unwrap().dates.len(), 366);
    // Midnight in Bangkok: a new day there, not yet in London.
    app.set_clock("2025-06-22T17:00:00Z");
    assert_eq!(
        app.log(start("2025-06-23", "2025-06-23").await)
            .await
            .progress_total,
        Some(1)
    );
    app.stop().await;
}
