//! A feed in trouble: what is tried again, what is not, and what the log says of each date.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::Request,
    http::{
        StatusCode,
        header::{LOCATION, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{Server, feed, serve},
};
use crate::{
    model::import_log::{DateOutcome, FailureKind, ImportLog, ImportStatus},
    server::feed::simulator::{
        Trouble,
        day::{Moment, day},
    },
};

/// Imports one day from a feed whose nth answer is this one; answers the log and how often the feed was asked.
async fn one_day(pool: &PgPool, answer: fn(usize) -> Response) -> (ImportLog, usize) {
    let asked = Arc::new(AtomicUsize::new(0));
    let feed = serve(Router::new().fallback({
        let asked = asked.clone();
        move || async move { answer(asked.fetch_add(1, Ordering::SeqCst) + 1) }
    }))
    .await;
    let log = one_day_of(pool, &feed.url).await;
    (log, asked.load(Ordering::SeqCst))
}

/// With two further tries, as the tests' configuration says.
async fn one_day_of(pool: &PgPool, url: &str) -> ImportLog {
    let app = App::working(
        pool,
        &[("EXTERNAL_API_URL", url), ("FEED_TIMEOUT_SECONDS", "0.5")],
    )
    .await;
    app.post("/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-20")
        .await;
    let log = app.newest().await;
    let date = app
        .state
        .logs
        .details(log.id)
        .await
        .unwrap()
        .dates
        .remove(0);
    if log.status == ImportStatus::Failed {
        assert_eq!(log.failure_kind, Some(FailureKind::SourceUnavailable));
        assert_eq!(
            (date.outcome, app.data().await),
            (DateOutcome::Failed, (0, 0))
        );
        let reason = date.message.unwrap();
        let message = log.error_message.as_deref().unwrap();
        assert!(
            message.contains(reason.trim_end_matches('.')),
            "{message} / {reason}"
        );
        assert!(
            message.starts_with("1 of 1 day failed: 2025-06-20 ("),
            "{message}"
        );
    }
    app.stop().await;
    log
}

fn a_day() -> Response {
    axum::Json(day("2025-06-20".parse().unwrap(), Moment::During)).into_response()
}

#[sqlx::test(migrations = false)]
async fn a_500_is_tried_again_and_then_fails(pool: PgPool) {
    let (log, asked) = one_day(&pool, |_| StatusCode::INTERNAL_SERVER_ERROR.into_response()).await;
    assert_eq!((log.status, asked), (ImportStatus::Failed, 3));
    assert!(
        log.error_message
            .unwrap()
            .contains("The feed answered 500 (Internal Server Error)")
    );
}

#[sqlx::test(migrations = false)]
async fn a_500_that_passes_is_no_failure(pool: PgPool) {
    let (log, asked) = one_day(&pool, |n| {
        if n < 3 {
            StatusCode::BAD_GATEWAY.into_response()
        } else {
            a_day()
        }
    })
    .await;
    assert_eq!(
        (log.status, asked, log.error_message),
        (ImportStatus::Success, 3, None)
    );
}

#[sqlx::test(migrations = false)]
async fn a_429_is_tried_again(pool: PgPool) {
    let (log, asked) = one_day(&pool, |n| {
        if n < 2 {
            StatusCode::TOO_MANY_REQUESTS.into_response()
        } else {
            a_day()
        }
    })
    .await;
    assert_eq!((log.status, asked), (ImportStatus::Success, 2));
}

#[sqlx::test(migrations = false)]
async fn a_pause_that_the_feed_asks_for_is_made(pool: PgPool) {
    let began = Instant::now();
    let (log, asked) = one_day(&pool, |n| {
        if n < 2 {
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")]).into_response()
        } else {
            a_day()
        }
    })
    .await;
    assert_eq!((log.status, asked), (ImportStatus::Success, 2));
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[sqlx::test(migrations = false)]
async fn a_redirect_in_a_circle_is_told_as_one_and_not_tried_again(pool: PgPool) {
    let (log, asked) = one_day(&pool, |_| {
        (StatusCode::FOUND, [(LOCATION, "/results")]).into_response()
    })
    .await;
    assert_eq!((log.status, asked), (ImportStatus::Failed, 2));
    assert!(
        log.error_message
            .unwrap()
            .contains("The feed redirects in a circle (to 127.0.0.1:")
    );
}

#[sqlx::test(migrations = false)]
async fn a_404_is_not_tried_again(pool: PgPool) {
    let (log, asked) = one_day(&pool, |_| StatusCode::NOT_FOUND.into_response()).await;
    assert_eq!((log.status, asked), (ImportStatus::Failed, 1));
    assert!(
        log.error_message
            .unwrap()
            .contains("The feed answered 404 (Not Found)")
    );
}

#[sqlx::test(migrations = false)]
async fn a_web_page_is_told_as_one(pool: PgPool) {
    let (log, asked) = one_day(&pool, |_| {
        "<!doctype html><title>502 Bad Gateway</title>".into_response()
    })
    .await;
    assert_eq!((log.status, asked), (ImportStatus::Failed, 1));
    assert!(
        log.error_message
            .unwrap()
            .contains("The feed answered with a web page (HTML) instead of JSON")
    );
}

#[sqlx::test(migrations = false)]
async fn a_feed_that_never_answers_times_out(pool: PgPool) {
    let feed = feed(Trouble {
        timeout_rate: 1.0,
        ..Trouble::default()
    })
    .await;
    let log = one_day_of(&pool, &feed.url).await;
    assert!(
        log.error_message
            .unwrap()
            .contains("The feed did not answer within 0.5 s")
    );
}

#[sqlx::test(migrations = false)]
async fn an_answer_that_breaks_off_fails_its_date(pool: PgPool) {
    let feed = feed(Trouble {
        broken_rate: 1.0,
        ..Trouble::default()
    })
    .await;
    let log = one_day_of(&pool, &feed.url).await;
    assert!(
        log.error_message
            .unwrap()
            .contains("ends in the middle of the JSON (byte ")
    );
}

#[sqlx::test(migrations = false)]
async fn a_feed_that_is_not_there_fails_its_date(pool: PgPool) {
    let Server { url, .. } = feed(Trouble::default()).await;
    // It has ended with that statement.
    let log = one_day_of(&pool, &url).await;
    assert!(
        log.error_message
            .unwrap()
            .contains("The feed can't be reached (no connection)")
    );
}

#[sqlx::test(migrations = false)]
async fn each_date_has_an_outcome_of_its_own(pool: PgPool) {
    let bad = ["2025-06-11", "2025-06-13"].map(|date| date.parse().unwrap());
    let feed = feed(Trouble {
        bad_dates: bad.to_vec(),
        ..Trouble::default()
    })
    .await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.post("/scheduler/import-range?start_date=2025-06-10&end_date=2025-06-14")
        .await;
    let details = app.state.logs.details(app.newest().await.id).await.unwrap();
    let failed: Vec<_> = details
        .dates
        .iter()
        .filter(|date| date.outcome == DateOutcome::Failed)
        .map(|date| date.date)
        .collect();
    assert_eq!(failed, bad);
    assert_eq!(
        (details.log.successful_dates, details.log.failed_dates),
        (Some(3), Some(2))
    );
    let message = details.log.error_message.unwrap();
    assert!(
        message.starts_with("2 of 5 days failed: 2025-06-11 (") && message.contains("2025-06-13 ("),
        "{message}"
    );
    assert!(
        message.ends_with("Run it again to ask for them."),
        "{message}"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn of_many_failed_dates_ten_are_named_and_all_are_counted(pool: PgPool) {
    // No two days that follow each other fail alike.
    let feed = serve(Router::new().fallback(|request: Request| async move {
        let query = request.uri().query().unwrap_or_default().to_owned();
        let day: usize = query[20..22].parse().unwrap();
        [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN][day % 2]
    }))
    .await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.post("/scheduler/import-range?start_date=2025-06-01&end_date=2025-06-14")
        .await;
    let log = app.newest().await;
    let message = log.error_message.unwrap();
    assert!(message.starts_with("14 of 14 days failed:"), "{message}");
    assert!(
        message.contains("2025-06-10 (")
            && !message.contains("2025-06-11 (")
            && message.contains("and 4 more"),
        "{message}"
    );
    app.stop().await;
}

/// A feed that is down, or is none, isn't asked 366 times: the rest waits for a retry.
#[sqlx::test(migrations = false)]
async fn after_three_days_in_a_row_that_fail_alike_no_more_are_asked(pool: PgPool) {
    let feed = feed(Trouble {
        html_rate: 1.0,
        ..Trouble::default()
    })
    .await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let reply = app
        .post("/scheduler/import-range?start_date=2025-06-01&end_date=2025-06-14")
        .await
        .json();
    assert_eq!(
        (
            &reply["success"],
            &reply["total_dates"],
            &reply["failed_dates"]
        ),
        (&json!(false), &json!(14), &json!(3))
    );
    let details = app.state.logs.details(app.newest().await.id).await.unwrap();
    let message = details.log.error_message.unwrap();
    assert!(message.starts_with("3 of 14 days failed:"), "{message}");
    assert!(
        message.ends_with(
            "; 11 days were not asked: 2025-06-04 to 2025-06-14. Run it again to ask for all of them."
        ),
        "{message}"
    );
    let outcomes: Vec<_> = details.dates.iter().map(|date| date.outcome).collect();
    assert_eq!(outcomes[..3], [DateOutcome::Failed; 3]);
    assert_eq!(outcomes[3..], [DateOutcome::Pending; 11]);
    assert!(details.log.retryable);
    app.stop().await;

    let mended = super::fixtures::feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &mended.url)]).await;
    let again = app
        .post(&format!("/import-logs/{}/retry", details.log.id))
        .await
        .id("id");
    let log = app.ended(again).await;
    assert_eq!(
        (log.status, log.successful_dates),
        (ImportStatus::Success, Some(14))
    );
    app.stop().await;
}
