//! `/import-logs`: one of them, and what can be done to it; and clearing them all.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use futures::TryStreamExt as _;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    history::read_filter_and,
    params::{ImportId, Parameters},
    problem::Problem,
};
use crate::{
    error::ErrorKind,
    model::{
        count::{count, open_failures_stay},
        history::Filter,
        import_log::{ImportDate, ImportDetails, ImportLog, ImportReject, Requester, Started},
        timeline::ImportEvent,
    },
    server::state::AppState,
};

/// `DELETE /import-logs`: removes those of finished imports, with the history's filters those that they match; of open
/// failures too, unless `keep_open_failures=true`.
pub async fn clear(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<Json<Value>, Problem> {
    const KEEP: &str = "keep_open_failures";
    let keep = parameters.flag(KEEP)?;
    let filter = read_filter_and(&parameters, &[KEEP])?;
    let cleared = if filter == Filter::default() {
        state.logs.clear(keep).await?
    } else {
        state.history.remove(&filter, keep).await?
    };
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
    ImportId(id): ImportId,
) -> Result<Json<Value>, Problem> {
    state.logs.remove(id).await?;
    Ok(Json(json!({
        "message": format!("Removed the log of import #{id}."),
        "logs_deleted": 1,
    })))
}

/// `POST /import-logs/retry`: runs all failed imports again that the history's filters match and that can be. Answers which
/// imports that started, and which were refused, and why.
pub async fn retry_all(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<impl IntoResponse, Problem> {
    let filter = read_filter_and(&parameters, &[])?;
    let (mut started, mut refused) = (Vec::new(), Vec::new());
    let mut pieces = std::pin::pin!(state.history.all(filter));
    while let Some(logs) = pieces.try_next().await? {
        // What failed again stands for what it repeated, and what was settled stays so.
        let open = |log: &&ImportLog| log.superseded_by.is_none() && !log.dismissed;
        for log in logs.iter().filter(|log| log.retryable).filter(open) {
            match state.imports.retry(log.id, Requester::Api).await {
                Ok(retry) => started.push(json!({ "id": retry.id, "retry_of": log.id })),
                Err(error) => {
                    let told = error.tell();
                    // What one can't do the others can't do either.
                    if told.kind == ErrorKind::Unavailable && started.is_empty() {
                        return Err(error.into());
                    }
                    refused.push(json!({ "id": log.id, "detail": told.message }));
                }
            }
        }
    }
    let answer = json!({ "started": started, "refused": refused });
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// `POST /import-logs/{id}/retry`: runs a failed import again, as a new one.
pub async fn retry(
    State(state): State<AppState>,
    ImportId(id): ImportId,
) -> Result<impl IntoResponse, Problem> {
    Ok(accepted(state.imports.retry(id, Requester::Api).await?))
}

/// `POST /import-logs/{id}/cancel`: asks a running import to stop.
pub async fn cancel(
    State(state): State<AppState>,
    ImportId(id): ImportId,
) -> Result<impl IntoResponse, Problem> {
    state.imports.cancel(id, Requester::Api).await?;
    Ok(accepted(Started { id }))
}

/// `POST /import-logs/{id}/dismiss`: settles an open failure that nobody will retry; answers its log.
pub async fn dismiss(
    State(state): State<AppState>,
    ImportId(id): ImportId,
) -> Result<Json<ImportLog>, Problem> {
    Ok(Json(state.logs.dismiss(id, Requester::Api).await?))
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
