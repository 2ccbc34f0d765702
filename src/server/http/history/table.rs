//! Logs as the lines of a file.

use crate::{error::AppError, model::import_log::ImportLog, server::services::ServiceError};

/// A column: its name, which is the API's, and its cell of a log.
type Column = (&'static str, fn(&ImportLog) -> String);

const COLUMNS: [Column; 31] = [
    ("id", |log| log.id.to_string()),
    ("filename", |log| maybe(log.filename.as_ref())),
    ("import_type", |log| log.import_type.to_string()),
    ("started_at", |log| log.started_at.to_rfc3339()),
    ("completed_at", |log| {
        log.completed_at
            .map_or_else(String::new, |at| at.to_rfc3339())
    }),
    ("status", |log| log.status.to_string()),
    ("failure_kind", |log| maybe(log.failure_kind)),
    ("requested_by", |log| maybe(log.requested_by)),
    ("range_start", |log| maybe(log.range_start)),
    ("range_end", |log| maybe(log.range_end)),
    ("file_size", |log| maybe(log.file_size)),
    ("records_processed", |log| log.records_processed.to_string()),
    ("games_created", |log| log.games_created.to_string()),
    ("games_updated", |log| log.games_updated.to_string()),
    ("results_created", |log| log.results_created.to_string()),
    ("results_updated", |log| log.results_updated.to_string()),
    ("results_corrected", |log| log.results_corrected.to_string()),
    ("results_unchanged", |log| log.results_unchanged.to_string()),
    ("results_differing", |log| log.results_differing.to_string()),
    ("duplicates", |log| log.duplicates.to_string()),
    ("records_rejected", |log| log.records_rejected.to_string()),
    ("successful_dates", |log| maybe(log.successful_dates)),
    ("failed_dates", |log| maybe(log.failed_dates)),
    ("attempt", |log| log.attempt.to_string()),
    ("retry_of", |log| maybe(log.retry_of)),
    ("resolved_by", |log| maybe(log.resolved_by)),
    ("superseded_by", |log| maybe(log.superseded_by)),
    ("open_failure", |log| log.open_failure.to_string()),
    ("payload_sha256", |log| maybe(log.payload_sha256.as_ref())),
    ("error_message", |log| maybe(log.error_message.as_ref())),
    ("note", |log| maybe(log.note.as_ref())),
];

fn maybe(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// The columns' names.
///
/// # Errors
/// Never: there is memory.
pub fn head() -> Result<Vec<u8>, AppError> {
    written(std::iter::once(
        COLUMNS.map(|(name, _)| name.to_owned()).to_vec(),
    ))
}

/// Logs as rows.
///
/// # Errors
/// Never: there is memory.
pub fn rows(logs: Vec<ImportLog>) -> Result<Vec<u8>, AppError> {
    let cells = |log: ImportLog| {
        COLUMNS
            .iter()
            .map(|(_, cell)| harmless(cell(&log)))
            .collect()
    };
    written(logs.into_iter().map(cells))
}

/// Logs as JSON, one a line.
///
/// # Errors
/// Never: there is memory.
pub fn lines(logs: Vec<ImportLog>) -> Result<Vec<u8>, AppError> {
    let mut lines = Vec::new();
    for log in logs {
        serde_json::to_writer(&mut lines, &log).map_err(|error| unwritten(error.into()))?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn written(rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, AppError> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        table
            .write_record(row)
            .map_err(|error| unwritten(error.into()))?;
    }
    table
        .into_inner()
        .map_err(|error| unwritten(error.to_string().into()))
}

/// A cell that no spreadsheet runs as a formula (OWASP, "CSV Injection"): a filename is whatever its sender says.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}

fn unwritten(error: Box<dyn std::error::Error + Send + Sync>) -> AppError {
    ServiceError::from(sqlx::Error::Encode(error)).tell()
}
