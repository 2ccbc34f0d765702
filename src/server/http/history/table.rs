//! Logs as the rows of a table.

use crate::{error::AppError, model::import_log::ImportLog, server::http::files};

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
    files::table(std::iter::once(
        COLUMNS.map(|(name, _)| name.to_owned()).to_vec(),
    ))
}

/// Logs as rows.
///
/// # Errors
/// Never: there is memory.
pub fn rows(logs: Vec<ImportLog>) -> Result<Vec<u8>, AppError> {
    let cells = |log: ImportLog| COLUMNS.iter().map(|(_, cell)| cell(&log)).collect();
    files::table(logs.into_iter().map(cells))
}
