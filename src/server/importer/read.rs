//! What was read of a backup.

use crate::model::import_log::ImportReject;

/// What was read of a backup.
#[derive(Debug, Default)]
pub struct Read {
    pub games: i64,
    pub results: i64,
    /// Results left out because the file had brought their draw before.
    pub repeated: i64,
    pub rejected: i64,
    /// The first of them.
    pub rejects: Vec<ImportReject>,
    /// The name that the file gives itself.
    pub filename: Option<String>,
}
