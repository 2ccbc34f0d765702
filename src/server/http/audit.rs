//! The audit: its page, and all that matches as a file.

mod asked;
mod table;

use axum::{
    extract::{Request, State},
    response::Response,
};
use futures::Stream;

use self::asked::Asked;
use super::{
    described::AuditFilters,
    files,
    identity::{ByApi, ByPage},
    params::Parameters,
    problem::Problem,
    site,
    zone::ReadersZone,
};
use crate::{
    app,
    error::AppError,
    model::audit::{AuditLine, AuditPage, Found},
    server::{actor::Actor, state::AppState},
};

/// Where it is read.
const HERE: &str = "/audit";

/// `GET /audit`: the page. What can't be asked for is told below the form that asks for it.
pub async fn show(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    zone: ReadersZone,
    parameters: Parameters,
    request: Request,
) -> Response {
    let found = find(&state, &by, zone, &parameters).await;
    let kind = found.as_ref().err().map(|error| error.kind);
    let page = AuditPage {
        asked: asked::given(&parameters),
        zone: zone.for_page(&state.clock),
        found: found.map_err(|error| error.message),
    };
    let mut response = site::shown_page(state, Ok(page), request, app::audit).await;
    if let Some(kind) = kind {
        site::set_status(&mut response, kind);
    }
    response
}

async fn find(
    state: &AppState,
    by: &Actor,
    zone: ReadersZone,
    parameters: &Parameters,
) -> Result<Found, AppError> {
    let asked = Asked::read(parameters, zone)?;
    let read = state
        .audit
        .page_and_count(by, &asked.filter, asked.from, asked.limit)
        .await;
    let (slice, matches) = read.map_err(|error| error.tell())?;
    let newer = slice.lines.first().filter(|_| slice.has_newer);
    let older = slice.lines.last().filter(|_| slice.has_older);
    Ok(Found {
        newest: asked.address(HERE, None),
        newer: newer.map(|line| asked.address(HERE, Some((asked::BEFORE, line.id)))),
        older: older.map(|line| asked.address(HERE, Some((asked::AFTER, line.id)))),
        csv: asked.file("/audit.csv"),
        ndjson: asked.file("/audit.ndjson"),
        slice,
        matches,
    })
}

/// `GET /audit.csv`: all that matches, as a table (RFC 4180).
#[utoipa::path(
    get, path = "/audit.csv", operation_id = "exportAuditAsTable", tag = "Audit",
    summary = "The audit as a table",
    description = "Who did what, and who was refused what: all that the filters match, newest first (RFC 4180).",
    params(AuditFilters),
    responses(
        (status = 200, description = "A table.", body = String, content_type = "text/csv"),
    ),
    extensions(("x-action" = json!("read_audit"))),
)]
pub async fn csv(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let lines = all(&state, &by, &parameters)?;
    files::answer(
        files::TABLE,
        "audit.csv",
        table::head()?,
        table::rows,
        lines,
    )
    .await
}

/// `GET /audit.ndjson`: all that matches, one line of it a line.
#[utoipa::path(
    get, path = "/audit.ndjson", operation_id = "exportAuditAsLines", tag = "Audit",
    summary = "The audit, one line of it a line",
    description = "All that the filters match, newest first: each line is an `AuditLine`.",
    params(AuditFilters),
    responses(
        (status = 200, description = "Lines of JSON.", body = String, content_type = "application/x-ndjson"),
    ),
    extensions(("x-action" = json!("read_audit"))),
)]
pub async fn ndjson(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let lines = all(&state, &by, &parameters)?;
    files::answer(
        files::LINES,
        "audit.ndjson",
        Vec::new(),
        files::lines,
        lines,
    )
    .await
}

fn all(
    state: &AppState,
    by: &Actor,
    parameters: &Parameters,
) -> Result<impl Stream<Item = Result<Vec<AuditLine>, AppError>> + use<>, Problem> {
    let filter = asked::read_filter_alone(parameters, ReadersZone::BANGKOK)?;
    Ok(state.audit.all(by, filter)?)
}
