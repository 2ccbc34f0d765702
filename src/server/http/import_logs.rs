//! `/import-logs`: the history, and what can be done to one of its entries.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{params::InPath, problem::Problem};
use crate::{
    model::{
        count::count,
        import_log::{ImportDate, ImportDetails, ImportLog, ImportReject, Requester, Started},
    },
    server::state::AppState,
};

/// `GET /import-logs`: the latest 20, newest first.
pub async fn latest(State(state): State<AppState>) -> Result<Response, Problem> {
    Ok(Json(state.logs.latest().await?.as_slice()).into_response())
}

/// `DELETE /import-logs`: removes those of finished imports.
pub async fn clear(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let logs_deleted = state.logs.clear().await?;
    let finished = i64::try_from(logs_deleted).unwrap_or(i64::MAX);
    let finished = count(finished, "finished import", "finished imports");
    let message = format!("Removed the logs of {finished}.");
    Ok(Json(
        json!({ "message": message, "logs_deleted": logs_deleted }),
    ))
}

/// A log with its dates and rejects, all in one object.
#[derive(Serialize)]
pub struct Flat {
    #[serde(flatten)]
    log: ImportLog,
    dates: Vec<ImportDate>,
    rejects: Vec<ImportReject>,
}

/// `GET /import-logs/{id}`: one log with its dates and rejects.
pub async fn details(
    State(state): State<AppState>,
    InPath(id): InPath<i32>,
) -> Result<Json<Flat>, Problem> {
    let ImportDetails {
        log,
        dates,
        rejects,
    } = state.logs.details(id).await?;
    Ok(Json(Flat {
        log,
        dates,
        rejects,
    }))
}

/// `GET /import-logs/{id}/rejects`: all records that it went on without, as far as they are kept.
pub async fn rejects(
    State(state): State<AppState>,
    InPath(id): InPath<i32>,
) -> Result<impl IntoResponse, Problem> {
    let rejects = state.logs.rejects(id).await?;
    Ok((
        [(header::CONTENT_TYPE, "application/json")],
        Body::from_stream(rejects),
    ))
}

/// `POST /import-logs/{id}/retry`: runs a failed import again, as a new one.
pub async fn retry(
    State(state): State<AppState>,
    InPath(id): InPath<i32>,
) -> Result<impl IntoResponse, Problem> {
    Ok(accepted(state.imports.retry(id, Requester::Api).await?))
}

/// `POST /import-logs/{id}/cancel`: asks a running import to stop.
pub async fn cancel(
    State(state): State<AppState>,
    InPath(id): InPath<i32>,
) -> Result<impl IntoResponse, Problem> {
    state.imports.cancel(id, Requester::Api).await?;
    Ok(accepted(Started { id }))
}

/// 202 with where to follow the import.
pub fn accepted(started: Started) -> impl IntoResponse {
    accepted_with(started, started)
}

/// The same with more to say than the import's id.
pub fn accepted_with(started: Started, answer: impl Serialize) -> impl IntoResponse {
    (
        StatusCode::ACCEPTED,
        [(header::LOCATION, format!("/import-logs/{}", started.id))],
        Json(answer),
    )
}
