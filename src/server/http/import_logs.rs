//! `/import-logs`: one of them, and what can be done to it; and clearing them all.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    history::read_filter_and,
    identity::ByApi,
    params::{ImportId, Parameters},
    problem::Problem,
    zone::ReadersZone,
};
use crate::{
    model::{
        count::{count, open_failures_stay},
        import_log::{ImportDate, ImportDetails, ImportLog, ImportReject, Started},
        timeline::ImportEvent,
        undo::{LISTED, MOST_LISTED, Undo},
    },
    server::state::AppState,
};

/// The parameter of what is only to be told, not done.
const DRY_RUN: &str = "dry_run";

/// How many of a list are wanted.
const LIMIT: &str = "limit";

/// `DELETE /import-logs`: removes those of finished imports, with the history's filters those that they match; of open
/// failures too, unless `keep_open_failures=true`.
pub async fn clear(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    parameters: Parameters,
) -> Result<Json<Value>, Problem> {
    const KEEP: &str = "keep_open_failures";
    let keep = parameters.flag(KEEP)?;
    let filter = read_filter_and(&parameters, ReadersZone::BANGKOK, &[KEEP])?;
    let cleared = state.bulk.remove(&filter, keep, &by).await?;
    let finished = i64::try_from(cleared.removed).unwrap_or(i64::MAX);
    let finished = count(finished, "finished import", "finished imports");
    let mut message = format!("Removed the logs of {finished}.");
    if let Some(stay) = open_failures_stay(cleared.open_failures_left) {
        message = format!("{message} {stay}");
    }
    Ok(Json(json!({
        "message": message,
        "logs_deleted": cleared.removed,
        "open_failures_left": cleared.open_failures_left,
    })))
}

/// A log with its dates, rejects and what happened to it, all in one object.
#[derive(Serialize)]
pub struct Flat {
    #[serde(flatten)]
    log: ImportLog,
    dates: Vec<ImportDate>,
    rejects: Vec<ImportReject>,
    events: Vec<ImportEvent>,
}

/// `GET /import-logs/{id}`: one log with its dates, its first rejects, and what happened to it.
pub async fn details(
    State(state): State<AppState>,
    ImportId(id): ImportId,
) -> Result<Json<Flat>, Problem> {
    let ImportDetails {
        log,
        dates,
        rejects,
    } = state.logs.details(id).await?;
    Ok(Json(Flat {
        events: state.logs.events(id).await?,
        log,
        dates,
        rejects,
    }))
}

/// `DELETE /import-logs/{id}`: removes the log of an import that has ended.
pub async fn remove(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    ImportId(id): ImportId,
) -> Result<Json<Value>, Problem> {
    state.logs.remove(id, &by).await?;
    Ok(Json(json!({
        "message": format!("Removed the log of import #{id}."),
        "logs_deleted": 1,
    })))
}

/// `POST /import-logs/retry`: runs all failed imports again that the history's filters match and that can be. Answers which
/// imports that started, and which were refused, and why.
pub async fn retry_all(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    parameters: Parameters,
) -> Result<impl IntoResponse, Problem> {
    let filter = read_filter_and(&parameters, ReadersZone::BANGKOK, &[])?;
    let retried = state.bulk.retry(&filter, &by).await?;
    let started = retried.started.into_iter();
    let started: Vec<_> = started
        .map(|(id, retry_of)| json!({ "id": id, "retry_of": retry_of }))
        .collect();
    let refused = retried.refused.into_iter();
    let refused: Vec<_> = refused
        .map(|(id, detail)| json!({ "id": id, "detail": detail }))
        .collect();
    let answer = json!({ "started": started, "refused": refused });
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// `POST /import-logs/{id}/retry`: runs a failed import again, as a new one.
pub async fn retry(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    ImportId(id): ImportId,
) -> Result<impl IntoResponse, Problem> {
    Ok(accepted(state.imports.retry(id, &by).await?))
}

/// `POST /import-logs/{id}/cancel`: asks a running import to stop.
pub async fn cancel(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    ImportId(id): ImportId,
) -> Result<impl IntoResponse, Problem> {
    state.imports.cancel(id, &by).await?;
    Ok(accepted(Started { id }))
}

/// `POST /import-logs/{id}/dismiss`: settles an open failure that nobody will retry; answers its log.
pub async fn dismiss(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    ImportId(id): ImportId,
) -> Result<Json<ImportLog>, Problem> {
    Ok(Json(state.logs.dismiss(id, &by).await?))
}

/// `POST /import-logs/{id}/undo`: takes back what an import did, as far as nobody has changed it since; with `dry_run=true`
/// says what that would be, and does nothing. Each list has up to `limit` games and as many results.
pub async fn undo(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    ImportId(id): ImportId,
    parameters: Parameters,
) -> Result<Json<Undo>, Problem> {
    parameters.only(&[DRY_RUN, LIMIT])?;
    let listed = parameters.number(LIMIT, LISTED, MOST_LISTED)?;
    Ok(Json(if parameters.flag(DRY_RUN)? {
        state.logs.plan_undo(id, listed).await?
    } else {
        state.logs.undo(id, &by, listed).await?
    }))
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
