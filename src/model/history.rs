//! The history of imports: what can be asked of it, and what it answers.

use chrono::{DateTime, NaiveDate, Utc};

use super::import_log::{FailureKind, ImportLog, ImportStatus, ImportType, Requester};

/// So many matches are counted; beyond there are "over" so many.
pub const COUNTED: usize = 10_000;

/// The fewest characters that can be searched for.
pub const SHORTEST_SEARCH: usize = 3;

/// What is asked of the history. Nothing of it: all imports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub import_type: Option<ImportType>,
    pub status: Option<ImportStatus>,
    pub failure_kind: Option<FailureKind>,
    /// Failures that are open, or all that isn't one.
    pub unresolved: Option<bool>,
    pub requested_by: Option<Requester>,
    /// Started at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Started before this moment.
    pub until: Option<DateTime<Utc>>,
    /// Part of the filename or of the message, in small letters.
    pub text: Option<String>,
    /// Without the scheduled runs that brought nothing.
    pub hides_quiet: bool,
}

/// A place in the history, which runs from the newest import to the oldest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub started_at: DateTime<Utc>,
    pub id: i32,
}

impl Place {
    /// Where an import stands.
    #[must_use]
    pub fn of(log: &ImportLog) -> Self {
        Self {
            started_at: log.started_at,
            id: log.id,
        }
    }
}

/// Which page of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// The newest.
    #[default]
    Newest,
    /// Those right after a place: older ones.
    After(Place),
    /// Those right before it: newer ones.
    Before(Place),
}

/// A page of the history, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    pub logs: Vec<ImportLog>,
    /// There are newer ones than these.
    pub has_newer: bool,
    pub has_older: bool,
}

/// What the page of the history shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    pub slice: Slice,
    /// How many imports match; above [`COUNTED`] one more than that.
    pub matches: usize,
    /// What the address asks for, by the names that it has there.
    pub asked: Vec<(String, String)>,
    pub newer: Option<String>,
    pub older: Option<String>,
    /// Where all that matches is to be had as a file.
    pub csv: String,
    pub zone: Zone,
}

/// The zone in which a page without scripts tells times, and its today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    pub offset_minutes: i64,
    pub today: NaiveDate,
}

impl HistoryPage {
    /// What the address gives for a name; nothing if it doesn't.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        let given = self.asked.iter().find(|(known, _)| known == name);
        given.map_or("", |(_, value)| value)
    }
}
