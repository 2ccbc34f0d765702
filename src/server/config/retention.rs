//! How long logs and uploads are kept.

use chrono::{DateTime, TimeDelta, Utc};

/// Open failures are what somebody still has to see to: they are kept so many days, if logs aren't kept longer.
const OPEN_FAILURES: i64 = 90;

/// How long logs and uploads are kept, in days; 0: for ever, and uploads as long as their logs.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    pub logs: i64,
    pub payloads: i64,
}

impl Retention {
    /// How many days open failures are kept; 0: for ever.
    #[must_use]
    pub fn open_failures(&self) -> i64 {
        match self.logs {
            0 => 0,
            days => days.max(OPEN_FAILURES),
        }
    }

    /// Logs that ended before this are old. `None`: none is.
    #[must_use]
    pub fn logs_before(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        before(self.logs, now)
    }

    /// The same of open failures.
    #[must_use]
    pub fn open_failures_before(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        before(self.open_failures(), now)
    }

    /// The uploads of failures that ended before this are given up. `None`: none is.
    #[must_use]
    pub fn payloads_before(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        before(self.payloads, now)
    }
}

fn before(days: i64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (days > 0).then(|| now - TimeDelta::days(days))
}
