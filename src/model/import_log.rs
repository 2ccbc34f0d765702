//! An import log: one attempt to import, and what became of it (the seed's `ImportLog Table`).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{difference::Differences, moment, undone::Undone, words::words};

words!(
    /// Where the data came from.
    ImportType {
        Backup = "backup",
        DateRange = "date_range",
        SampleData = "sample_data",
    } or Unknown
);

words!(
    /// How it stands. Whatever more there is to say stands in [`Phase`] and [`FailureKind`].
    ImportStatus {
        Running = "running",
        Success = "success",
        Failed = "failed",
    }
);

words!(
    /// What a running import is doing.
    Phase {
        /// The file is arriving.
        Uploading = "uploading",
        /// Waiting for a worker.
        Queued = "queued",
        /// Asking the feed.
        Fetching = "fetching",
        /// Decoding into the staging table.
        Reading = "reading",
        /// Merging the staging table into the data.
        Loading = "loading",
        /// Committing.
        Finishing = "finishing",
        /// Over; the status says how.
        Ended = "ended",
    } or Unknown
);

words!(
    /// Why an import failed, for programs; `error_message` says it to people.
    FailureKind {
        /// Somebody stopped it.
        Cancelled = "cancelled",
        /// The process that worked on it died, and no attempt is left.
        Interrupted = "interrupted",
        /// The data can't be imported, however often it is tried.
        InvalidInput = "invalid_input",
        /// The feed, the upload's store or the database could not be reached.
        SourceUnavailable = "source_unavailable",
        /// A fault of NumWatch itself.
        Internal = "internal",
    } or Unknown
);

words!(
    /// Which door an import came through.
    Requester {
        Page = "page",
        Api = "api",
        Cli = "cli",
        Scheduler = "scheduler",
    } or Unknown
);

words!(
    /// What became of one date of a range.
    DateOutcome {
        Pending = "pending",
        Success = "success",
        Failed = "failed",
    } or Unknown
);

/// How many rejects of one import are kept; its log counts all of them.
pub const REJECTS_KEPT: usize = 10_000;

/// The most days that one range may hold.
pub const LONGEST_RANGE: i64 = 366;

/// The log of an import: first what clients have always read, then what else there is to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that clients read under its name"
)]
pub struct ImportLog {
    pub id: i32,
    pub filename: Option<String>,
    pub import_type: ImportType,
    #[serde(with = "moment")]
    pub started_at: DateTime<Utc>,
    /// `None` while running.
    #[serde(with = "moment")]
    pub completed_at: Option<DateTime<Utc>>,
    pub status: ImportStatus,
    /// Records read, rejected ones included: games and results of a backup, distinct draws of a feed.
    pub records_processed: i32,
    pub games_created: i32,
    pub results_created: i32,
    pub error_message: Option<String>,
    /// Bytes, as counted by the server.
    pub file_size: Option<i64>,

    pub phase: Phase,
    /// Done so far: bytes of a file, days of a range.
    pub progress: i64,
    /// Out of how many; `None` when unknown.
    pub progress_total: Option<i64>,
    /// How fast the present phase goes through the file; `None` while nobody can know, and for ranges.
    pub bytes_per_second: Option<i64>,
    /// How long the present phase will still take; `None` while nobody can know.
    pub seconds_left: Option<i32>,
    /// Known games that a feed gave another name or country.
    pub games_updated: i32,
    pub results_updated: i32,
    /// Among the updated: results whose stored digits a feed replaced with others.
    pub results_corrected: i32,
    /// Results that are stored just as they were brought.
    pub results_unchanged: i32,
    /// Results whose stored values differ from a backup's, and stay.
    pub results_differing: i32,
    /// Both values of the first corrected or differing results.
    pub differences: Differences,
    /// Records of one input that repeat each other.
    pub duplicates: i32,
    pub records_rejected: i32,
    pub failure_kind: Option<FailureKind>,
    /// What there is to say besides the numbers, such as that the feed has no draws for a day.
    pub note: Option<String>,
    /// Until when it waits: because its feed asked it to, or before it is tried again.
    #[serde(with = "moment")]
    pub waits_until: Option<DateTime<Utc>>,
    /// What it waits for to pass, while it does: a sentence.
    pub trouble: Option<String>,
    /// Its place in line, from 1, while it waits for a worker.
    pub queue_position: Option<i64>,
    /// How often a worker has begun it.
    pub attempt: i32,
    /// SHA-256 of the upload, in hexadecimal.
    pub payload_sha256: Option<String>,
    #[serde(with = "moment")]
    pub range_start: Option<NaiveDate>,
    #[serde(with = "moment")]
    pub range_end: Option<NaiveDate>,
    /// Dates of a range that were imported; `None` for other types.
    pub successful_dates: Option<i32>,
    pub failed_dates: Option<i32>,
    /// The failed import that this one repeats.
    pub retry_of: Option<i32>,
    /// The import that brought what this failed one lacks, or the last of it: its retry, or another one of the same
    /// bytes or days.
    pub resolved_by: Option<i32>,
    /// The retry of this failed import that failed as well, and stands for it now.
    pub superseded_by: Option<i32>,
    /// It failed, not because somebody stopped it, and nothing has settled it since.
    pub open_failure: bool,
    /// Somebody settled this failure, which nobody will retry.
    pub dismissed: bool,
    pub requested_by: Option<Requester>,
    /// Who: an account, or a token or terminal with that word before its name. `None`: the door is all that is known.
    pub requested_by_name: Option<String>,
    /// The request that began it, by the name under which the server's log and the answer's `x-request-id` speak of it.
    pub request_id: Option<String>,
    /// A cancel was asked for and is under way.
    pub cancel_requested: bool,
    /// A click on *Retry* can work: it failed, isn't resolved, and its input is still there.
    pub retryable: bool,
    /// It created or changed something, knows what, and was not undone.
    pub undoable: bool,
    /// When it was last undone.
    #[serde(with = "moment")]
    pub undone_at: Option<DateTime<Utc>>,
    pub undone_by: Option<Requester>,
    /// What became of what it had brought, once it was undone.
    pub undone: Undone,
}

impl ImportLog {
    /// Somebody stopped it, which is no breakdown.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.status == ImportStatus::Failed && self.failure_kind == Some(FailureKind::Cancelled)
    }

    /// It is a failure of a file that had come whole and could be imported again, were it still kept.
    #[must_use]
    pub fn lacks_its_upload(&self) -> bool {
        self.status == ImportStatus::Failed
            && self.import_type == ImportType::Backup
            && self.payload_sha256.is_some()
            && self.failure_kind != Some(FailureKind::InvalidInput)
            && self.resolved_by.is_none()
            && !self.retryable
    }
}

/// One date of a range and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportDate {
    #[serde(with = "moment")]
    pub date: NaiveDate,
    pub outcome: DateOutcome,
    pub records_processed: i32,
    pub games_created: i32,
    pub results_created: i32,
    pub results_updated: i32,
    /// Among the updated: results whose stored digits the feed replaced with others.
    pub results_corrected: i32,
    /// Why it failed, for programs.
    pub failure_kind: Option<FailureKind>,
    /// Why it failed, or what else there is to say.
    pub message: Option<String>,
}

/// A record that could not be used: the rest of its import went on without it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportReject {
    /// The array it stood in: `games`, `results`, or a section of the feed.
    pub section: String,
    /// Its number in that array, from 1; 0 for the array itself.
    pub position: i64,
    /// The day of a range that it came with.
    #[serde(with = "moment")]
    pub date: Option<NaiveDate>,
    pub reason: String,
    /// The record's own text, cut if long.
    pub record: String,
}

/// Everything about one import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportDetails {
    pub log: ImportLog,
    /// Empty unless a range.
    pub dates: Vec<ImportDate>,
    /// The first of them; `log.records_rejected` counts all.
    pub rejects: Vec<ImportReject>,
}

/// An earlier import that brought the very same file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    pub id: i32,
    #[serde(with = "moment")]
    pub ended: DateTime<Utc>,
}

/// What a clear of the logs removed, and what it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleared {
    pub removed: u64,
    pub open_failures_left: i64,
    /// More are being removed; the history tells how far it is.
    pub goes_on: bool,
}

/// An import that has just been accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Started {
    pub id: i32,
}
