//! `POST /import-sample-data`, and how an import that has ended is answered.

use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{described::Waiting, identity::ByApi, import_logs::accepted, problem::Problem};
use crate::{
    error::{AppError, ErrorKind},
    model::import_log::{ImportLog, ImportStatus, Started},
    server::{
        services::{in_time, kind_of},
        state::AppState,
    },
};

/// What the import of the sample came to.
#[derive(Serialize, ToSchema)]
pub struct SampleImported {
    message: String,
    import_id: i32,
    games_created: i32,
    /// New and changed ones.
    results_updated: i32,
    /// Draws of the sample.
    total_unique_records: i32,
}

/// `POST /import-sample-data`: imports the bundled sample.
#[utoipa::path(
    post, path = "/import-sample-data", operation_id = "importSample", tag = "Imports",
    summary = "Import the sample",
    description = "A day of results that comes with NumWatch.",
    params(Waiting),
    responses(
        (status = 200, description = "It has ended well.", body = SampleImported),
        (status = 202, description = "It has begun: follow it where the `Location` header says.", body = Started, headers(("Location" = String, description = "The import's log."))),
    ),
    extensions(("x-action" = json!("import")), ("x-problems" = json!([409, 422, 429]))),
)]
pub async fn sample(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let started = in_time(state.imports.start_sample(&by)).await?;
    if respond_async(&headers) {
        return Ok(accepted(started).into_response());
    }
    let log = succeeded(ended(&state, started).await?)?;
    Ok(Json(SampleImported {
        message: log.outcome(),
        import_id: log.id,
        games_created: log.games_created,
        // Today's clients read both new and changed results here.
        results_updated: log.results_created + log.results_updated,
        total_unique_records: log.records_processed,
    })
    .into_response())
}

/// The log of an import once it has ended, or a problem that names the import.
pub async fn ended(state: &AppState, started: Started) -> Result<ImportLog, Problem> {
    let waited = state.imports.wait(started.id).await;
    waited.map_err(|error| Problem::of_import(error.tell(), started.id))
}

/// Whether the client would rather not wait (`Prefer: respond-async`, RFC 7240 §4.1).
pub fn respond_async(headers: &HeaderMap) -> bool {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|preference| {
            preference
                .split(';')
                .next()
                .is_some_and(|name| name.trim().eq_ignore_ascii_case("respond-async"))
        })
}

/// A log that ended well, or the problem that it names.
pub fn succeeded(log: ImportLog) -> Result<ImportLog, Problem> {
    if log.status == ImportStatus::Success {
        return Ok(log);
    }
    let kind = log.failure_kind.map_or(ErrorKind::Internal, kind_of);
    Err(Problem::of_import(
        AppError::new(kind, log.outcome()),
        log.id,
    ))
}
