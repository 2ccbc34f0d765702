//! The scheduler's state, and what the Scheduler page shows.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    count::count,
    fold::Fold,
    import_log::{ImportLog, Requester},
    moment,
};

/// A day of which not all is known yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct IncompleteDay {
    #[serde(with = "moment")]
    pub date: NaiveDate,
    /// "never asked", or how asking failed, or what is still awaited.
    pub why: String,
}

/// A process of NumWatch's, as the others see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Process {
    /// Its command, its machine, and its number there.
    pub name: String,
    #[serde(with = "moment")]
    pub started_at: DateTime<Utc>,
    #[serde(with = "moment")]
    pub seen_at: DateTime<Utc>,
    /// It takes imports that wait.
    pub runs_imports: bool,
    /// It keeps the schedule.
    pub has_timer: bool,
    pub is_alive: bool,
}

/// What the scheduler is doing. The first four members are those that clients of `GET /scheduler/status` read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "its first members are those of an API that exists"
)]
pub struct SchedulerStatus {
    /// It will start an import at each tick: switched on, and a feed is configured.
    pub is_running: bool,
    pub external_api_configured: bool,
    /// The next runs, as RFC 3339 instants.
    pub next_jobs: Vec<String>,
    /// A process that is alive keeps the schedule.
    pub thread_alive: bool,

    /// The next of these runs.
    #[serde(with = "moment")]
    pub next_run: Option<DateTime<Utc>>,
    /// Switched on by its operator; kept across restarts.
    pub enabled: bool,
    /// Since when it is switched off.
    #[serde(with = "moment")]
    pub stopped_at: Option<DateTime<Utc>>,
    /// Through which door it was.
    pub stopped_by: Option<Requester>,
    pub stopped_by_name: Option<String>,
    /// The cron expression.
    pub schedule: String,
    /// The same in words: "every 5 minutes".
    pub schedule_in_words: String,
    /// The feed is the built-in simulator: its results are made up.
    pub demo_feed: bool,
    /// Why it doesn't run, if it doesn't.
    pub why_not: Option<String>,
    /// What is amiss with the processes, though it may run.
    pub warning: Option<String>,
    /// When the schedule was last looked at, and what was due taken.
    #[serde(with = "moment")]
    pub last_tick: Option<DateTime<Utc>>,
    /// The days that the next run asks for besides today, and today if it failed.
    pub incomplete_days: Vec<IncompleteDay>,
    /// The processes that are alive, or went within the last hour without a word.
    pub processes: Vec<Process>,
    /// The newest import that the scheduler started.
    pub last_run: Option<ImportLog>,
}

impl SchedulerStatus {
    /// What its operator is to know: why it doesn't run, and what else is amiss.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        match (&self.why_not, &self.warning) {
            (Some(why_not), Some(warning)) => Some(format!("{why_not} {warning}")),
            (one, other) => one.clone().or_else(|| other.clone()),
        }
    }
}

/// What the last removal of old logs came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    #[serde(with = "moment")]
    pub at: DateTime<Utc>,
    pub logs: i64,
    /// Uploads that no log has any more.
    pub payloads: i64,
}

impl Retained {
    /// `12 logs, 3 uploads`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let logs = count(self.logs, "log", "logs");
        let uploads = count(self.payloads, "upload", "uploads");
        format!("{logs}, {uploads}")
    }
}

/// All that the Scheduler page shows, read in one round trip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulerPage {
    /// The server's clock when it was read.
    #[serde(with = "moment")]
    pub now: DateTime<Utc>,
    /// Today in Bangkok, where the draws are: the last date a range may end on.
    #[serde(with = "moment")]
    pub today: NaiveDate,
    /// The latest 20 rows but for the folds among them, newest first; then older failures that are open, newest first, as far as there is room.
    pub logs: Vec<ImportLog>,
    /// Scheduled runs that brought nothing, and stand next to each other: they have no rows of their own.
    pub folds: Vec<Fold>,
    /// How many of the logs are such older failures.
    pub older_failures: i64,
    /// How many more of them there are, for which there was no room.
    pub more_failures: i64,
    /// How many logs a clear would remove, open failures among them.
    pub finished_logs: i64,
    pub running_logs: i64,
    /// Failed imports that nothing has settled: how many of the logs say `open_failure`, and `more_failures`.
    pub unresolved_failures: i64,
    /// The id of the newest of them.
    pub newest_unresolved: Option<i32>,
    /// There is something to export.
    pub has_results: bool,
    pub scheduler: SchedulerStatus,
    /// The largest upload accepted, in bytes.
    pub max_upload_bytes: u64,
    /// For so many days the logs of finished imports are kept; 0: for ever.
    pub kept_days: i64,
    /// The same of open failures.
    pub open_failures_kept_days: i64,
    /// What was removed the last time; `None`: nothing was yet.
    pub retained: Option<Retained>,
}

impl SchedulerPage {
    /// What the tab says: `(2 running, 3 failed) Scheduler · NumWatch`.
    #[must_use]
    pub fn title(&self) -> String {
        let told = [
            (self.running_logs, "running"),
            (self.unresolved_failures, "failed"),
        ];
        let told: Vec<String> = told
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}"))
            .collect();
        let page = "Scheduler · NumWatch";
        if told.is_empty() {
            page.to_owned()
        } else {
            format!("({}) {page}", told.join(", "))
        }
    }
}
