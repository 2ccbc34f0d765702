//! `/import-logs/{id}/rejects`: all records that an import went on without, as far as they are kept, in three formats.

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};

use super::{described::ImportNumber, files, params::ImportId, problem::Problem};
use crate::{error::AppError, model::import_log::ImportReject, server::state::AppState};

/// The columns of the table, by the API's names.
const COLUMNS: [&str; 5] = ["section", "position", "date", "reason", "record"];

/// `GET /import-logs/{id}/rejects`: one JSON array.
#[utoipa::path(
    get, path = "/import-logs/{id}/rejects", operation_id = "listRejects", tag = "History",
    summary = "Records that could not be used",
    description = "All records that an import went on without, as far as they are kept.",
    params(ImportNumber),
    responses(
        (status = 200, description = "The records.", body = Vec<ImportReject>),
    ),
    extensions(("x-action" = json!("see")), ("x-problems" = json!([404]))),
)]
pub async fn json(
    State(state): State<AppState>,
    ImportId(id): ImportId,
) -> Result<impl IntoResponse, Problem> {
    let rejects = state.logs.rejects(id).await?;
    let mut first = true;
    let pieces = rejects.map(move |rejects| {
        let mut piece = Vec::new();
        for reject in rejects? {
            if !std::mem::take(&mut first) {
                piece.push(b',');
            }
            serde_json::to_writer(&mut piece, &reject)
                .map_err(|error| files::unwritten(error.into()))?;
        }
        Ok::<_, AppError>(Bytes::from(piece))
    });
    let edge = |bracket: &'static [u8]| stream::iter([Ok(Bytes::from_static(bracket))]);
    Ok((
        [(header::CONTENT_TYPE, "application/json")],
        Body::from_stream(edge(b"[").chain(pieces).chain(edge(b"]"))),
    ))
}

/// `GET /import-logs/{id}/rejects.csv`: a table.
#[utoipa::path(
    get, path = "/import-logs/{id}/rejects.csv", operation_id = "exportRejectsAsTable", tag = "History",
    summary = "Records that could not be used, as a table",
    params(ImportNumber),
    responses(
        (status = 200, description = "A table (RFC 4180).", body = String, content_type = "text/csv"),
    ),
    extensions(("x-action" = json!("see")), ("x-problems" = json!([404]))),
)]
pub async fn csv(
    State(state): State<AppState>,
    ImportId(id): ImportId,
) -> Result<Response, Problem> {
    let rejects = state.logs.rejects(id).await?;
    let name = format!("import-{id}-rejects.csv");
    let head = files::table(std::iter::once(COLUMNS.map(str::to_owned).to_vec()))?;
    files::answer(files::TABLE, &name, head, rows, rejects).await
}

/// `GET /import-logs/{id}/rejects.ndjson`: one a line.
#[utoipa::path(
    get, path = "/import-logs/{id}/rejects.ndjson", operation_id = "exportRejectsAsLines", tag = "History",
    summary = "Records that could not be used, one a line",
    params(ImportNumber),
    responses(
        (status = 200, description = "Lines of JSON: each is an `ImportReject`.", body = String, content_type = "application/x-ndjson"),
    ),
    extensions(("x-action" = json!("see")), ("x-problems" = json!([404]))),
)]
pub async fn ndjson(
    State(state): State<AppState>,
    ImportId(id): ImportId,
) -> Result<Response, Problem> {
    let rejects = state.logs.rejects(id).await?;
    let name = format!("import-{id}-rejects.ndjson");
    files::answer(files::LINES, &name, Vec::new(), files::lines, rejects).await
}

fn rows(rejects: Vec<ImportReject>) -> Result<Vec<u8>, AppError> {
    files::table(rejects.into_iter().map(|reject| {
        vec![
            reject.section,
            reject.position.to_string(),
            reject
                .date
                .map_or_else(String::new, |date| date.to_string()),
            reject.reason,
            reject.record,
        ]
    }))
}
