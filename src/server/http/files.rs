//! Answers that are kept as files: tables (RFC 4180) and lines of JSON, sent piece by piece.

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use serde::Serialize;

use super::problem::Problem;
use crate::{error::AppError, server::services::ServiceError};

/// The type of a table.
pub const TABLE: &str = "text/csv; charset=utf-8; header=present";

/// The type of lines of JSON.
pub const LINES: &str = "application/x-ndjson";

/// A file to be kept: its head, then all pieces as `written`. What fails before its first piece is told as a problem; what
/// fails later breaks it off.
pub async fn answer<T: Send + 'static>(
    kind: &'static str,
    name: &str,
    head: Vec<u8>,
    written: fn(Vec<T>) -> Result<Vec<u8>, AppError>,
    pieces: impl Stream<Item = Result<Vec<T>, AppError>> + Send + 'static,
) -> Result<Response, Problem> {
    let pieces = pieces.map(move |piece| piece.and_then(written).map(Bytes::from));
    let mut pieces = Box::pin(pieces.peekable());
    if let Some(Err(error)) = pieces.as_mut().peek().await {
        return Err(error.clone().into());
    }
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok((
        [
            (header::CONTENT_TYPE, kind.to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        Body::from_stream(stream::iter([Ok(Bytes::from(head))]).chain(pieces)),
    )
        .into_response())
}

/// Values as JSON, one a line.
///
/// # Errors
/// Never: there is memory.
pub fn lines<T: Serialize>(values: Vec<T>) -> Result<Vec<u8>, AppError> {
    let mut lines = Vec::new();
    for value in values {
        serde_json::to_writer(&mut lines, &value).map_err(|error| unwritten(error.into()))?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Rows of a table, whose cells no spreadsheet runs.
///
/// # Errors
/// Never: there is memory.
pub fn table(rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, AppError> {
    // Some spreadsheets part cells at semicolons.
    quoted(csv::QuoteStyle::NonNumeric, rows)
}

/// The same where digits are no numbers: quoted, so that a spreadsheet that is told to keeps them as they are.
///
/// # Errors
/// Never: there is memory.
pub fn table_of_texts(rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, AppError> {
    quoted(csv::QuoteStyle::Always, rows)
}

fn quoted(
    style: csv::QuoteStyle,
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Vec<u8>, AppError> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(style)
        .from_writer(Vec::new());
    for row in rows {
        table
            .write_record(row.into_iter().map(harmless))
            .map_err(|error| unwritten(error.into()))?;
    }
    table
        .into_inner()
        .map_err(|error| unwritten(error.to_string().into()))
}

/// A cell that no spreadsheet runs as a formula (OWASP, "CSV Injection"): a filename is whatever its sender says.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{cell}")
    } else {
        cell
    }
}

/// That a value could not be written, as it is told.
pub fn unwritten(error: Box<dyn std::error::Error + Send + Sync>) -> AppError {
    ServiceError::from(sqlx::Error::Encode(error)).tell()
}
