//! What `/import-logs` answers.

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{
    import_log::{ImportDate, ImportLog, ImportReject},
    timeline::ImportEvent,
};

/// How many logs were removed.
#[derive(Serialize, ToSchema)]
pub struct LogsCleared {
    /// It in a sentence.
    pub message: String,
    pub logs_deleted: u64,
    /// Failures that nothing has settled, and that were kept.
    pub open_failures_left: i64,
}

/// That a log was removed.
#[derive(Serialize, ToSchema)]
pub struct LogRemoved {
    pub message: String,
    pub logs_deleted: u8,
}

/// What running failed imports again came to.
#[derive(Serialize, ToSchema)]
pub struct Retried {
    pub started: Vec<RetryStarted>,
    pub refused: Vec<RetryRefused>,
}

/// An import that repeats a failed one.
#[derive(Serialize, ToSchema)]
pub struct RetryStarted {
    pub id: i32,
    /// The failed one.
    pub retry_of: i32,
}

/// A failed import that was not run again.
#[derive(Serialize, ToSchema)]
pub struct RetryRefused {
    pub id: i32,
    /// Why not.
    pub detail: String,
}

/// A log with its dates, rejects and what happened to it, all in one object.
#[derive(Serialize, ToSchema)]
#[schema(as = Import)]
pub struct Flat {
    #[serde(flatten)]
    pub log: ImportLog,
    pub dates: Vec<ImportDate>,
    pub rejects: Vec<ImportReject>,
    pub events: Vec<ImportEvent>,
}
