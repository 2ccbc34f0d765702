//! The simulated feed is a feed, and its trouble is trouble.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use axum::{body::Body, http::Request, response::Response};
use clap::{Args, Command, FromArgMatches};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{names::GAMES, *};
use crate::server::importer::decode::{
    DecodeError,
    calendar::Calendar,
    feed::{FeedDay, Question, decode_day},
    record::ResultStatus,
};

const QUESTION: &str = "/?dateCurrent=2025-06-21T17:00:00.000Z";

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn decoded(date: NaiveDate, moment: Moment) -> FeedDay {
    let json = serde_json::to_vec(&day(date, moment)).expect("a day can be written");
    decode(&json).expect("a simulated day is sound")
}

fn decode(answer: &[u8]) -> Result<FeedDay, DecodeError> {
    let calendar = Calendar::new(date("2025-12-31"));
    decode_day(
        answer,
        Question {
            day: None,
            calendar,
        },
    )
}

/// How many items of a day have a draw.
fn items(day: &Day) -> usize {
    let json = serde_json::to_value(day).expect("a day can be written");
    let sections = json.as_object().expect("an object").values();
    let items = sections.filter_map(|section| section["lists"].as_array());
    items
        .flatten()
        .filter(|item| item["GAME_CODE"].is_string())
        .count()
}

async fn ask(router: &Router, uri: &str) -> Response {
    let request = Request::get(uri).body(Body::empty()).expect("a request");
    router
        .clone()
        .oneshot(request)
        .await
        .unwrap_or_else(|never| match never {})
}

async fn body(response: Response) -> Vec<u8> {
    response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes()
        .to_vec()
}

#[test]
fn a_day_has_about_80_draws_in_about_140_items() {
    let ids: HashSet<_> = GAMES.iter().map(|game| game.id).collect();
    assert_eq!(ids.len(), GAMES.len(), "an id stands twice");
    for day in date("2025-01-01").iter_days().take(365) {
        let decoded = decoded(day, Moment::During);
        assert_eq!(decoded.rejects, []);
        assert!((68..=80).contains(&decoded.draws.len()), "{day}");
        let items = items(&super::day(day, Moment::During));
        assert!((45..=60).contains(&(items - decoded.draws.len())), "{day}");
        assert!(decoded.draws.iter().all(|draw| draw.result_date == day));
    }
}

#[test]
fn a_day_never_changes_and_no_two_are_alike() {
    let (first, second) = (date("2025-06-22"), date("2025-06-23"));
    assert_eq!(day(first, Moment::During), day(first, Moment::During));
    assert_ne!(
        decoded(first, Moment::During),
        decoded(second, Moment::During)
    );
}

#[test]
fn afterwards_only_what_was_waiting_is_different() {
    let today = date("2025-06-22");
    let (during, afterwards) = (
        decoded(today, Moment::During),
        decoded(today, Moment::Afterwards),
    );
    assert_eq!(during.draws.len(), afterwards.draws.len());
    let mut filled_in = 0;
    for (before, after) in during.draws.iter().zip(&afterwards.draws) {
        if before.values.status == ResultStatus::Waiting {
            assert_eq!(after.values.status, ResultStatus::Completed);
            filled_in += 1;
        } else {
            assert_eq!(before, after);
        }
    }
    assert!(filled_in > 0);
    assert!(
        during
            .draws
            .iter()
            .any(|draw| draw.values.status == ResultStatus::Cancelled)
    );
}

#[test]
fn the_bundled_sample_is_a_simulated_day() {
    let sample = include_bytes!("../../importer/responseData.json");
    assert_eq!(
        decode(sample),
        Ok(decoded(date("2025-06-22"), Moment::During))
    );
}

#[tokio::test]
async fn any_path_answers_the_day_that_begins_in_bangkok() {
    let router = router(Trouble::default());
    for uri in [
        QUESTION,
        "/api/v2/results?dateCurrent=2025-06-22T00:00:00%2B07:00",
    ] {
        let response = ask(&router, uri).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["x-numwatch-demo"], "made-up results");
        let day = decode(&body(response).await).expect("a day");
        assert_eq!(day, decoded(date("2025-06-22"), Moment::During));
    }
    let later = ask(&router, &format!("/afterwards{}", &QUESTION[1..])).await;
    let day = decode(&body(later).await).expect("a day");
    assert_eq!(day, decoded(date("2025-06-22"), Moment::Afterwards));
}

#[tokio::test]
async fn a_question_that_is_no_beginning_of_a_day_is_refused() {
    let router = router(Trouble::default());
    for uri in [
        "/",
        "/?dateCurrent=",
        "/?dateCurrent=2025-06-22",
        "/?dateCurrent=2025-06-21T18:00:00.000Z",
    ] {
        let response = ask(&router, uri).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{uri}");
        assert!(String::from_utf8_lossy(&body(response).await).contains("detail"));
    }
}

#[tokio::test]
async fn trouble_looks_like_trouble() {
    let broken = router(Trouble {
        broken_rate: 1.0,
        ..Trouble::default()
    });
    let answer = body(ask(&broken, QUESTION).await).await;
    assert!(decode(&answer).is_err_and(|error| error.to_string().contains("ends in the middle")));

    let html = router(Trouble {
        html_rate: 1.0,
        ..Trouble::default()
    });
    let answer = body(ask(&html, QUESTION).await).await;
    assert!(decode(&answer).is_err_and(|error| error.to_string().contains("web page")));

    let bad_date = router(Trouble {
        bad_dates: vec![date("2025-06-22")],
        ..Trouble::default()
    });
    let answer = ask(&bad_date, QUESTION).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let next_day = ask(&bad_date, "/?dateCurrent=2025-06-22T17:00:00.000Z").await;
    assert_eq!(next_day.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_time_out_never_answers_and_a_slow_feed_does() {
    let silent = router(Trouble {
        timeout_rate: 1.0,
        ..Trouble::default()
    });
    let moment = Duration::from_millis(100);
    assert!(
        tokio::time::timeout(moment, ask(&silent, QUESTION))
            .await
            .is_err()
    );

    let slow = router(Trouble {
        slow: Some(moment),
        ..Trouble::default()
    });
    let begin = Instant::now();
    assert_eq!(ask(&slow, QUESTION).await.status(), StatusCode::OK);
    assert!(begin.elapsed() >= moment);
}

#[test]
fn the_same_seed_hits_the_same_requests_at_about_the_rate() {
    let trouble = |seed| Trouble {
        error_rate: 0.2,
        html_rate: 0.1,
        seed,
        ..Trouble::default()
    };
    let mishaps = |seed| -> Vec<_> {
        (0..10_000)
            .map(|request| trouble(seed).mishap(request, date("2025-06-22")))
            .collect()
    };
    assert_eq!(mishaps(1), mishaps(1));
    assert_ne!(mishaps(1), mishaps(2));
    let share = |mishap| mishaps(1).iter().filter(|hit| **hit == mishap).count();
    assert!((1_800..2_200).contains(&share(Some(Mishap::Error))));
    assert!((850..1_150).contains(&share(Some(Mishap::Html))));
    assert!((6_800..7_200).contains(&share(None)));
}

#[test]
fn the_command_line_takes_trouble() {
    let command = || Trouble::augment_args(Command::new("feed"));
    let matches = command().try_get_matches_from([
        "feed",
        "--error-rate",
        "0.5",
        "--slow",
        "250",
        "--bad-dates",
        "2025-06-20,2025-06-21",
    ]);
    let trouble = matches
        .and_then(|matches| Trouble::from_arg_matches(&matches))
        .expect("arguments");
    assert_eq!(trouble.slow, Some(Duration::from_millis(250)));
    assert_eq!(trouble.bad_dates, [date("2025-06-20"), date("2025-06-21")]);
    assert!((trouble.error_rate - 0.5).abs() < f64::EPSILON);
    assert!(
        command()
            .try_get_matches_from(["feed", "--error-rate", "1.5"])
            .is_err()
    );
}
