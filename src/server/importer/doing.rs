//! What is done with a backup.

use chrono::{DateTime, Utc};

/// What is done with a backup. Both go the same way, so that a check says what an import does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// What the data lacks is added, as this import's: records without a time of their own are of `now`.
    Import { id: i32, now: DateTime<Utc> },
    /// It is only compared with what is stored.
    Check,
}
