//! `/import-logs`: one of them, and what can be done to it; and clearing them all.

mod answers;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::Serialize;

use self::answers::{Flat, LogRemoved, LogsCleared, Retried, RetryRefused, RetryStarted};
use super::{
    described::{ClearAsked, HistoryFilters, ImportNumber, Known, UndoAsked},
    history::read_filter_and,
    identity::ByApi,
    params::{ImportId, Parameters},
    problem::Problem,
    zone::ReadersZone,
};
use crate::{
    model::{
        count::{count, open_failures_stay},
        import_log::{ImportDetails, ImportLog, Started},
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
#[utoipa::path(
    delete, path = "/import-logs", operation_id = "removeImportLogs", tag = "History",
    summary = "Remove logs",
    description = "Removes the logs of all finished imports, or of those that the filters match. Games and results stay.",
    params(ClearAsked, HistoryFilters),
    responses(
        (status = 200, description = "How many were removed.", body = LogsCleared),
    ),
    extensions(("x-action" = json!("remove_logs")), ("x-problems" = json!([409]))),
)]
pub async fn clear(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    parameters: Parameters,
) -> Result<Json<LogsCleared>, Problem> {
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
    Ok(Json(LogsCleared {
        message,
        logs_deleted: cleared.removed,
        open_failures_left: cleared.open_failures_left,
    }))
}

/// `GET /import-logs/{id}`: one log with its dates, its first rejects, and what happened to it.
#[utoipa::path(
    get, path = "/import-logs/{id}", operation_id = "readImport", tag = "History",
    summary = "One import",
    description = "Its log with the days of a range, the first of the records that could not be used, and what happened to it.",
    params(ImportNumber, Known),
    responses(
        (status = 200, description = "The import.", body = Flat),
    ),
    extensions(("x-action" = json!("see")), ("x-problems" = json!([404]))),
)]
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
#[utoipa::path(
    delete, path = "/import-logs/{id}", operation_id = "removeImportLog", tag = "History",
    summary = "Remove one log",
    description = "Removes the log of an import that has ended. Games and results stay.",
    params(ImportNumber),
    responses(
        (status = 200, description = "It was removed.", body = LogRemoved),
    ),
    extensions(("x-action" = json!("remove_logs")), ("x-problems" = json!([404, 409]))),
)]
pub async fn remove(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    ImportId(id): ImportId,
) -> Result<Json<LogRemoved>, Problem> {
    state.logs.remove(id, &by).await?;
    Ok(Json(LogRemoved {
        message: format!("Removed the log of import #{id}."),
        logs_deleted: 1,
    }))
}

/// `POST /import-logs/retry`: runs all failed imports again that the history's filters match and that can be. Answers which
/// imports that started, and which were refused, and why.
#[utoipa::path(
    post, path = "/import-logs/retry", operation_id = "retryImports", tag = "History",
    summary = "Run failed imports again",
    description = "Runs all failed imports again that the filters match and that can be, each as a new one.",
    params(HistoryFilters),
    responses(
        (status = 202, description = "Which have begun, and which were refused and why.", body = Retried),
    ),
    extensions(("x-action" = json!("retry")), ("x-problems" = json!([409, 429]))),
)]
pub async fn retry_all(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    parameters: Parameters,
) -> Result<impl IntoResponse, Problem> {
    let filter = read_filter_and(&parameters, ReadersZone::BANGKOK, &[])?;
    let retried = state.bulk.retry(&filter, &by).await?;
    let started = retried.started.into_iter();
    let refused = retried.refused.into_iter();
    let answer = Retried {
        started: started
            .map(|(id, retry_of)| RetryStarted { id, retry_of })
            .collect(),
        refused: refused
            .map(|(id, detail)| RetryRefused { id, detail })
            .collect(),
    };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// `POST /import-logs/{id}/retry`: runs a failed import again, as a new one.
#[utoipa::path(
    post, path = "/import-logs/{id}/retry", operation_id = "retryImport", tag = "History",
    summary = "Run a failed import again",
    description = "Runs a failed import again, as a new one.",
    params(ImportNumber),
    responses(
        (status = 202, description = "It has begun: follow it where the `Location` header says.", body = Started, headers(("Location" = String, description = "The import's log."))),
    ),
    extensions(("x-action" = json!("retry")), ("x-problems" = json!([404, 409, 422, 429]))),
)]
pub async fn retry(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    ImportId(id): ImportId,
) -> Result<impl IntoResponse, Problem> {
    Ok(accepted(state.imports.retry(id, &by).await?))
}

/// `POST /import-logs/{id}/cancel`: asks a running import to stop.
#[utoipa::path(
    post, path = "/import-logs/{id}/cancel", operation_id = "cancelImport", tag = "History",
    summary = "Stop an import",
    description = "Asks an import to stop that waits or runs. What it has brought until then is not kept, but for the days of a range that are done.",
    params(ImportNumber),
    responses(
        (status = 202, description = "It has begun: follow it where the `Location` header says.", body = Started, headers(("Location" = String, description = "The import's log."))),
    ),
    extensions(("x-action" = json!("cancel")), ("x-problems" = json!([404, 409]))),
)]
pub async fn cancel(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    ImportId(id): ImportId,
) -> Result<impl IntoResponse, Problem> {
    state.imports.cancel(id, &by).await?;
    Ok(accepted(Started { id }))
}

/// `POST /import-logs/{id}/dismiss`: settles an open failure that nobody will retry; answers its log.
#[utoipa::path(
    post, path = "/import-logs/{id}/dismiss", operation_id = "dismissFailure", tag = "History",
    summary = "Dismiss a failure",
    description = "Settles a failure that nobody will retry.",
    params(ImportNumber),
    responses(
        (status = 200, description = "Its log.", body = ImportLog),
    ),
    extensions(("x-action" = json!("dismiss")), ("x-problems" = json!([404, 409]))),
)]
pub async fn dismiss(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    ImportId(id): ImportId,
) -> Result<Json<ImportLog>, Problem> {
    Ok(Json(state.logs.dismiss(id, &by).await?))
}

/// `POST /import-logs/{id}/undo`: takes back what an import did, as far as nobody has changed it since; with `dry_run=true`
/// says what that would be, and does nothing. Each list has up to `limit` games and as many results.
#[utoipa::path(
    post, path = "/import-logs/{id}/undo", operation_id = "undoImport", tag = "History",
    summary = "Undo an import",
    description = "Takes back what an import did, as far as nobody has changed it since. With `dry_run=true` it only tells what that would be.",
    params(ImportNumber, UndoAsked),
    responses(
        (status = 200, description = "What it came to, or would.", body = Undo),
    ),
    extensions(("x-action" = json!("undo")), ("x-problems" = json!([404, 409]))),
)]
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
