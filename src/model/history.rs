//! The history of imports: what can be asked of it, and what it answers.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    import_log::{FailureKind, ImportLog, ImportStatus, ImportType, Requester},
    words::words,
};

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
    /// Part of the filename or of the message, in any case.
    pub text: Option<String>,
    /// Without the scheduled runs that brought nothing.
    pub hides_quiet: bool,
}

impl Filter {
    /// What it asks for, in the words of the history's address. `None`: all imports.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        let moment = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339());
        let words = [
            (
                "import_type",
                self.import_type.map(|it| it.as_str().to_owned()),
            ),
            ("status", self.status.map(|it| it.as_str().to_owned())),
            (
                "failure_kind",
                self.failure_kind.map(|it| it.as_str().to_owned()),
            ),
            ("unresolved", self.unresolved.map(|it| it.to_string())),
            (
                "requested_by",
                self.requested_by.map(|it| it.as_str().to_owned()),
            ),
            ("from", moment(self.from)),
            ("until", moment(self.until)),
            ("q", self.text.clone()),
            ("quiet", self.hides_quiet.then(|| "hidden".to_owned())),
        ];
        let words = words.into_iter();
        let said: Vec<String> = words
            .filter_map(|(name, word)| Some(format!("{name}={}", word?)))
            .collect();
        (!said.is_empty()).then(|| said.join("&"))
    }
}

/// A place in the history. The newer of two is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    pub bulk: Bulk,
    pub zone: Zone,
}

/// What a page says of doing something to all that it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulk {
    /// The page without a question.
    pub here: String,
    /// The pages that ask whether to do it.
    pub ask_retry: String,
    pub ask_remove: String,
    /// Where the answer goes.
    pub action: String,
    /// What is asked.
    pub asks: Option<Ask>,
    /// What is being done, or was.
    pub work: Option<BulkWork>,
}

impl Bulk {
    /// Whether something is being done right now.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.work
            .is_some_and(|work| work.state == BulkState::Running)
    }
}

/// What would be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    Remove(Removable),
    Retry(Retryable),
}

/// What a removal would touch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removable {
    /// Logs of imports that have ended, those of open failures among them.
    pub ended: i64,
    pub open_failures: i64,
    /// Imports that still run: their logs stay.
    pub running: i64,
    /// There are more than were counted.
    pub at_least: bool,
}

/// What running all failures again would touch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retryable {
    pub can: i64,
    /// Their uploads are gone.
    pub lack_files: i64,
    /// Their data can only fail again, or their logs don't say what to import.
    pub never_can: i64,
    /// There are more than were counted.
    pub at_least: bool,
}

words! {
    /// What can be done to many logs at once.
    BulkKind { Remove = "remove", Retry = "retry" }
}

/// How far something is that is done to many logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkWork {
    pub kind: BulkKind,
    pub state: BulkState,
    /// How many logs it was begun for. `None`: they were not counted.
    pub total: Option<i64>,
    pub done: i64,
    /// Failures that could not be run again.
    pub refused: i64,
}

/// Whether something that is done to many logs goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkState {
    Running,
    Ended,
    /// The process that was at it is gone, or could not go on.
    BrokenOff,
}

/// The zone in which a page without scripts tells times, and its today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    /// As the IANA calls it.
    pub name: &'static str,
    pub today: NaiveDate,
    /// What its clocks are ahead of UTC, in minutes, from each of these moments on.
    pub offsets: &'static [(DateTime<Utc>, i64)],
}

impl Zone {
    /// Its name, as people say it: `Bangkok`, `America/New York`.
    #[must_use]
    pub fn in_words(self) -> String {
        let name = self
            .name
            .strip_prefix("Asia/Bangkok")
            .map_or(self.name, |_| "Bangkok");
        name.replace('_', " ")
    }

    /// What its clocks are ahead of UTC at a moment, in minutes.
    #[must_use]
    pub fn offset_minutes(self, at: DateTime<Utc>) -> i64 {
        let until = self.offsets.partition_point(|(from, _)| *from <= at);
        let offset = self.offsets.get(until.saturating_sub(1));
        offset.map_or(0, |(_, minutes)| *minutes)
    }
}

impl HistoryPage {
    /// What the address gives for a name; nothing if it doesn't.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        let given = self.asked.iter().find(|(known, _)| known == name);
        given.map_or("", |(_, value)| value)
    }
}
