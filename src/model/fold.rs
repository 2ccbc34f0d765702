//! Scheduled runs that brought nothing, next to each other in the table of the Scheduler page: one row.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::moment;

/// So many of them are counted; beyond there are "over" so many.
pub const FOLD_COUNTS: i64 = 1000;

/// So many of the newest are listed: among them are those of the latest 20 imports.
pub const FOLD_SHOWS: i32 = 20;

/// Such a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietRun {
    pub id: i32,
    #[serde(with = "moment")]
    pub started_at: DateTime<Utc>,
}

/// The row that stands for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// What it goes by while it grows: the import right below it, negated; 0 when it is the last.
    pub key: i32,
    /// It stands above this one of the logs that are shown, counted from 0.
    pub above: usize,
    /// How many runs there are, up to one more than [`FOLD_COUNTS`].
    pub runs: i64,
    /// When the oldest of them started.
    #[serde(with = "moment")]
    pub first: DateTime<Utc>,
    /// The newest, newest first.
    pub newest: Vec<QuietRun>,
}
