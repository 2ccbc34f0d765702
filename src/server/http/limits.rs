//! What a request may be: its head, and its body where that is no upload. Uploads have limits of their own, and logs that say
//! how they ended.

use std::error::Error;

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::LengthLimitError;
use tokio::time::timeout;

use super::problem::Problem;
use crate::server::{config::Limits, state::AppState};

/// Refuses a head that is too long.
pub async fn of_head(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let limits = state.config.limits;
    let address = request.uri().path_and_query();
    let address = address.map_or(0, |address| address.as_str().len());
    if address > limits.address {
        return too_long_address(address, limits.address).into_response();
    }
    match too_many_headers(request.headers(), &limits) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}

fn too_long_address(is: usize, most: usize) -> Problem {
    Problem::plain(
        StatusCode::URI_TOO_LONG,
        &format!(
            "The address is too long: {is} bytes, and {most} is the most that is accepted (NUMWATCH_MAX_URL_BYTES). Ask for less at once."
        ),
    )
}

fn too_many_headers(headers: &HeaderMap, limits: &Limits) -> Option<Problem> {
    let refused = |what: String| {
        let sentence = format!(
            "The request's headers are too many: {what}. If a browser sends them, delete its cookies of this site."
        );
        Problem::plain(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, &sentence)
    };
    let count = headers.len();
    if count > limits.header_count {
        let most = limits.header_count;
        return Some(refused(format!(
            "{count}, and {most} is the most that is accepted (NUMWATCH_MAX_HEADERS)"
        )));
    }
    let bytes = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        name.as_str().len() + value.len()
    };
    let bytes: usize = headers.iter().map(bytes).sum();
    (bytes > limits.headers).then(|| {
        let most = limits.headers;
        refused(format!(
            "{bytes} bytes, and {most} is the most that is accepted (NUMWATCH_MAX_HEADER_BYTES)"
        ))
    })
}

/// Reads a body whole before anything is done: one that is too long, too slow or cut off does nothing.
pub async fn of_body(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let limits = state.config.limits;
    let (parts, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let announced = body.size_hint().lower();
    if announced > limits.body as u64 {
        return too_long_body(limits.body).into_response();
    }
    match timeout(limits.idle, to_bytes(body, limits.body)).await {
        Ok(Ok(bytes)) => {
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Ok(Err(error)) if is_too_long(&error) => too_long_body(limits.body).into_response(),
        Ok(Err(_)) => Problem::plain(
            StatusCode::BAD_REQUEST,
            "The request's body was cut off. Nothing was done; send it again.",
        )
        .into_response(),
        Err(_) => too_slow(&limits).into_response(),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    error
        .source()
        .is_some_and(<dyn Error>::is::<LengthLimitError>)
}

fn too_long_body(most: usize) -> Problem {
    Problem::plain(
        StatusCode::PAYLOAD_TOO_LARGE,
        &format!(
            "The request's body is too long: {most} bytes is the most that is accepted (NUMWATCH_MAX_BODY_BYTES). Nothing was done. A backup goes to POST /import-backup."
        ),
    )
}

fn too_slow(limits: &Limits) -> Problem {
    let seconds = limits.idle.as_secs_f64();
    Problem::plain(
        StatusCode::REQUEST_TIMEOUT,
        &format!(
            "The request's body did not arrive within {seconds} s (NUMWATCH_BODY_IDLE_SECONDS). Nothing was done; send it again."
        ),
    )
}
