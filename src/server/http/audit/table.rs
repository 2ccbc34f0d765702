//! Lines of the audit as the rows of a table.

use crate::{error::AppError, model::audit::AuditLine, server::http::files};

/// A column: its name, which is the API's, and its cell of a line.
type Column = (&'static str, fn(&AuditLine) -> Result<String, AppError>);

const COLUMNS: [Column; 11] = [
    ("id", |line| Ok(line.id.to_string())),
    ("at", |line| Ok(line.at.to_rfc3339())),
    ("action", |line| Ok(line.action.as_str().to_owned())),
    ("refused", |line| Ok(line.refused.to_string())),
    ("actor_kind", |line| Ok(line.actor_kind.to_string())),
    ("actor_id", |line| Ok(maybe(line.actor_id))),
    ("actor_name", |line| Ok(maybe(line.actor_name.as_ref()))),
    ("door", |line| Ok(line.door.to_string())),
    ("address", |line| Ok(maybe(line.address.as_ref()))),
    ("import_id", |line| Ok(maybe(line.import_id))),
    ("detail", |line| {
        serde_json::to_string(&line.detail).map_err(|error| files::unwritten(error.into()))
    }),
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

/// Lines as rows.
///
/// # Errors
/// Never: there is memory.
pub fn rows(lines: Vec<AuditLine>) -> Result<Vec<u8>, AppError> {
    let cells = |line: AuditLine| COLUMNS.iter().map(|(_, cell)| cell(&line)).collect();
    let rows: Vec<_> = lines.into_iter().map(cells).collect::<Result<_, _>>()?;
    files::table(rows.into_iter())
}
