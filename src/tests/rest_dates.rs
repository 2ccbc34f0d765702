//! `POST /scheduler/import-dates`: single days, however far apart.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{app::App, fixtures::feed, reply::Reply};
use crate::{
    model::import_log::{DateOutcome, ImportStatus, ImportType},
    server::feed::simulator::Trouble,
};

async fn ask(app: &App, body: &Value, prefer: &str) -> Reply {
    let request = Request::post("/scheduler/import-dates")
        .header("content-type", "application/json")
        .header("prefer", prefer);
    app.send(request.body(Body::from(body.to_string())).unwrap())
        .await
}

async fn days_of(app: &App, id: i32) -> Vec<(String, DateOutcome)> {
    let details = app.state.logs.details(id).await.unwrap();
    let days = details.dates.iter();
    days.map(|day| (day.date.to_string(), day.outcome))
        .collect()
}

#[sqlx::test(migrations = false)]
async fn just_the_days_of_a_list_are_imported(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let listed =
        json!({ "dates": ["2025-06-20", "2025-06-01", "2025-06-09T17:00:00Z", "2025-06-20"] });
    let reply = ask(&app, &listed, "").await;
    let answer = reply.json();
    assert_eq!(answer["message"], "Imported 3 days.");
    let (games, results) = app.data().await;
    for (member, value) in [
        ("success", json!(true)),
        ("total_dates", json!(3)),
        ("successful_dates", json!(3)),
        ("failed_dates", json!(0)),
        ("records_rejected", json!(0)),
        ("total_games_created", json!(games)),
        ("total_results_updated", json!(results)),
    ] {
        assert_eq!(answer[member], value, "{member}");
    }
    let id = reply.id("import_id");
    let days = ["2025-06-01", "2025-06-10", "2025-06-20"];
    let came = days.map(|day| (day.to_owned(), DateOutcome::Success));
    assert_eq!(days_of(&app, id).await, came);
    assert_eq!(
        app.number("SELECT count(DISTINCT result_date) FROM results")
            .await,
        3
    );
    let log = app.log(id).await;
    assert_eq!(log.import_type, ImportType::DateRange);
    assert_eq!(
        (log.range_start, log.range_end, log.progress_total),
        (
            "2025-06-01".parse().ok(),
            "2025-06-20".parse().ok(),
            Some(3)
        )
    );
    // What it is called, on each page, and its calendar: a week each.
    let name = "3 days, 1–20 Jun";
    app.page("/imports").await.shows(&[name, "3 days"]);
    let page = app.page(&format!("/imports/{id}")).await;
    page.shows(&[
        name,
        "row-start-1 col-start-7",
        "row-start-2 col-start-2",
        "row-start-3 col-start-5",
    ]);
    // The list itself is one, too.
    let bare = ask(&app, &json!(["2025-06-02"]), "").await.json();
    assert_eq!(bare["total_dates"], 1);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_failed_of_single_days_is_retried_and_resolved_by_those_days(pool: PgPool) {
    let trouble = Trouble {
        bad_dates: vec!["2025-06-05".parse().unwrap(), "2025-06-20".parse().unwrap()],
        ..Trouble::default()
    };
    let bad = feed(trouble).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &bad.url)]).await;
    let days = json!(["2025-06-01", "2025-06-05", "2025-06-20"]);
    let failed = ask(&app, &days, "").await;
    assert_eq!(failed.json()["failed_dates"], 2);
    let failed = failed.id("import_id");
    app.stop().await;

    let good = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &good.url)]).await;
    let retried = app
        .post(&format!("/import-logs/{failed}/retry"))
        .await
        .id("id");
    assert_eq!(app.ended(retried).await.status, ImportStatus::Success);
    let came = ["2025-06-05", "2025-06-20"].map(|day| (day.to_owned(), DateOutcome::Success));
    assert_eq!(days_of(&app, retried).await, came);
    assert_eq!(app.log(failed).await.resolved_by, Some(retried));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_same_days_are_not_imported_twice_at_once_but_others_between_the_same_are(
    pool: PgPool,
) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let at_once = "respond-async";
    let first = ask(&app, &json!(["2025-06-01", "2025-06-03"]), at_once).await;
    assert_eq!(first.status.as_u16(), 202);
    let id = first.id("id");
    let same = ask(&app, &json!(["2025-06-03", "2025-06-01"]), at_once).await;
    assert_eq!(
        same.problem(409),
        format!(
            "These 2 days are being imported already, as #{id}. Wait for it to end, or cancel it."
        )
    );
    // A range of the same ends, and more days between them.
    let range = "/scheduler/import-range?start_date=2025-06-01&end_date=2025-06-03";
    let request = Request::post(range).header("prefer", at_once);
    let range = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(range.status.as_u16(), 202, "{}", range.text());
    let more = json!(["2025-06-01", "2025-06-02", "2025-06-03"]);
    ask(&app, &more, at_once).await.problem(409);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn days_that_cannot_be_are_refused_with_a_sentence(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let from = |first: &str, days: usize| -> Vec<String> {
        let first: chrono::NaiveDate = first.parse().unwrap();
        let days = first.iter_days().take(days);
        days.map(|day| day.to_string()).collect()
    };
    for (body, status, says) in [
        (json!([]), 422, "No day was named."),
        (json!(["2025-06-23"]), 422, "2025-06-23 is in the future"),
        (
            json!(["1899-12-31"]),
            422,
            "On 1899-12-31 there were no draws yet.",
        ),
        (
            json!(from("2024-01-01", 367)),
            422,
            "These are 367 days, which is more than 366.",
        ),
        (
            json!(["2025-02-30"]),
            400,
            "dates is \"2025-02-30\", which is no date.",
        ),
        (
            json!({ "days": ["2025-06-01"] }),
            400,
            "The body is no JSON that holds days.",
        ),
        (
            json!("2025-06-01"),
            400,
            "The body is no JSON that holds days.",
        ),
        (
            json!([20_250_601]),
            400,
            "The body is no JSON that holds days.",
        ),
    ] {
        let sentence = ask(&app, &body, "").await.problem(status);
        assert!(sentence.starts_with(says), "{sentence}");
    }
    app.post("/scheduler/import-dates").await.problem(400);
    let logs = app.number("SELECT count(*) FROM import_logs").await;
    assert_eq!(logs, 0, "nothing was attempted");
    let most = ask(&app, &json!(from("2024-01-01", 366)), "respond-async").await;
    assert_eq!(app.log(most.id("id")).await.progress_total, Some(366));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn without_a_feed_days_leave_a_failure_that_can_be_retried(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let reply = ask(&app, &json!(["2025-06-01", "2025-06-03"]), "").await;
    assert!(
        reply
            .problem(503)
            .starts_with("No results feed is configured")
    );
    let log = app.newest().await;
    assert_eq!((log.status, log.retryable), (ImportStatus::Failed, true));
    app.stop().await;
}
