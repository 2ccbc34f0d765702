//! The history of imports: page by page, and all that matches as a file.

mod asked;
mod bulk;
mod page;
mod table;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::Stream;

pub use self::{
    asked::{Asked, read_filter_and},
    bulk::bulk,
    page::read_page,
};
use super::{
    described::{HistoryFilters, HistoryPages, Known},
    files,
    params::Parameters,
    problem::Problem,
    zone::ReadersZone,
};
use crate::{error::AppError, model::import_log::ImportLog, server::state::AppState};

/// `GET /import-logs`: the latest 20, newest first; with parameters those that they ask for, and in `Link` (RFC 8288)
/// where the pages beside them are.
#[utoipa::path(
    get, path = "/import-logs", operation_id = "listImports", tag = "History",
    summary = "The history of imports",
    description = "The latest 20 imports, newest first. With parameters those that they ask for; the `Link` header (RFC 8288) says where newer (`prev`) and older ones (`next`) are.",
    params(HistoryPages, Known),
    responses(
        (status = 200, description = "The imports.", body = Vec<ImportLog>, headers(("Link" = String, description = "Where the pages beside this one are, if there are such."))),
    ),
    extensions(("x-action" = json!("see"))),
)]
pub async fn list(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    if parameters.is_empty() {
        return Ok(axum::Json(state.logs.latest().await?.as_slice()).into_response());
    }
    let asked = Asked::read(&parameters, ReadersZone::BANGKOK, &[])?;
    let slice = state
        .history
        .page(&asked.filter, asked.from, asked.limit)
        .await?;
    let (newer, older) = asked.neighbours("/import-logs", &slice);
    let links = [("prev", newer), ("next", older)];
    let links = links
        .into_iter()
        .filter_map(|(rel, address)| Some(format!("<{}>; rel=\"{rel}\"", address?)));
    let links = links.collect::<Vec<_>>().join(", ");
    let mut headers = HeaderMap::new();
    if !links.is_empty()
        && let Ok(links) = HeaderValue::from_str(&links)
    {
        headers.insert(header::LINK, links);
    }
    Ok((headers, axum::Json(slice.logs)).into_response())
}

/// `GET /import-logs.ndjson`: all that matches, one log a line.
#[utoipa::path(
    get, path = "/import-logs.ndjson", operation_id = "exportImportsAsLines", tag = "History",
    summary = "All imports, one a line",
    description = "All that the filters match, newest first, as a file: each line is an `ImportLog`.",
    params(HistoryFilters),
    responses(
        (status = 200, description = "Lines of JSON.", body = String, content_type = "application/x-ndjson"),
    ),
    extensions(("x-action" = json!("see"))),
)]
pub async fn ndjson(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let logs = all(&state, &parameters)?;
    files::answer(
        files::LINES,
        "imports.ndjson",
        Vec::new(),
        files::lines,
        logs,
    )
    .await
}

/// `GET /import-logs.csv`: all that matches, as a table (RFC 4180).
#[utoipa::path(
    get, path = "/import-logs.csv", operation_id = "exportImportsAsTable", tag = "History",
    summary = "All imports as a table",
    description = "All that the filters match, newest first, as a file (RFC 4180). Its columns are members of `ImportLog`.",
    params(HistoryFilters),
    responses(
        (status = 200, description = "A table.", body = String, content_type = "text/csv"),
    ),
    extensions(("x-action" = json!("see"))),
)]
pub async fn csv(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let logs = all(&state, &parameters)?;
    files::answer(
        files::TABLE,
        "imports.csv",
        table::head()?,
        table::rows,
        logs,
    )
    .await
}

/// All that an address asks for, in pieces.
fn all(
    state: &AppState,
    parameters: &Parameters,
) -> Result<impl Stream<Item = Result<Vec<ImportLog>, AppError>> + use<>, Problem> {
    let filter = read_filter_and(parameters, ReadersZone::BANGKOK, &[])?;
    Ok(state.history.all(filter))
}
