//! A feed for development and tests: made-up results, real trouble.
//!
//! Whatever the path, `?dateCurrent=2025-06-21T17:00:00.000Z` answers the Bangkok day 2025-06-22 as
//! it looks while draws are waiting for results. Under `/afterwards` the same day has all its
//! results, so that a second import has something to update.

pub mod chance;
pub mod day;
pub mod names;
mod trouble;

#[cfg(test)]
mod tests;

use std::{
    future,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Query, State},
    http::{HeaderName, StatusCode, Uri, header::CONTENT_TYPE},
    response::{Html, IntoResponse, Response},
};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use serde::Deserialize;
use serde_json::json;

use day::{Day, Moment, day};
pub use trouble::{Mishap, Trouble};

/// Says of every answer that it is not to be believed.
const DEMO: (HeaderName, &str) = (
    HeaderName::from_static("x-numwatch-demo"),
    "made-up results",
);
/// Bangkok is ahead of UTC by this many seconds, all year.
const BANGKOK: i32 = 7 * 60 * 60;

#[derive(Clone)]
struct Simulator {
    trouble: Arc<Trouble>,
    requests: Arc<AtomicU64>,
}

#[derive(Deserialize)]
struct Question {
    #[serde(rename = "dateCurrent")]
    date_current: Option<String>,
}

/// The feed as a router that makes this much trouble.
pub fn router(trouble: Trouble) -> Router {
    Router::new().fallback(answer).with_state(Simulator {
        trouble: Arc::new(trouble),
        requests: Arc::new(AtomicU64::new(0)),
    })
}

async fn answer(
    State(simulator): State<Simulator>,
    uri: Uri,
    Query(question): Query<Question>,
) -> Response {
    let request = simulator.requests.fetch_add(1, Ordering::Relaxed);
    let Some(date) = question.date_current.as_deref().and_then(bangkok_day) else {
        let detail = "dateCurrent must be the instant at which a day begins in Bangkok, such as 2025-06-21T17:00:00.000Z.";
        return (
            StatusCode::BAD_REQUEST,
            [DEMO],
            Json(json!({ "detail": detail })),
        )
            .into_response();
    };
    if let Some(pause) = simulator.trouble.slow {
        tokio::time::sleep(pause).await;
    }
    let moment = match uri.path() {
        "/afterwards" => Moment::Afterwards,
        _ => Moment::During,
    };
    let day = day(date, moment);
    let response = match simulator.trouble.mishap(request, date) {
        None => Json(day).into_response(),
        Some(Mishap::Error) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Mishap::Timeout) => future::pending().await,
        Some(Mishap::Broken) => cut_off(&day),
        Some(Mishap::Html) => Html("<!doctype html><title>502 Bad Gateway</title>").into_response(),
    };
    ([DEMO], response).into_response()
}

/// The day whose beginning in Bangkok the instant is.
fn bangkok_day(instant: &str) -> Option<NaiveDate> {
    let bangkok = FixedOffset::east_opt(BANGKOK)?;
    let begin = DateTime::parse_from_rfc3339(instant)
        .ok()?
        .with_timezone(&bangkok);
    (begin.time() == NaiveTime::MIN).then(|| begin.date_naive())
}

/// The first half of an answer.
fn cut_off(day: &Day) -> Response {
    let mut json = json!(day).to_string().into_bytes();
    json.truncate(json.len() / 2);
    ([(CONTENT_TYPE, "application/json")], Body::from(json)).into_response()
}
