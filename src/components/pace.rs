//! How fast a running import goes, and how long it will still take, from what successive refreshes saw.

use chrono::{DateTime, Duration, Utc};

use super::format;
use crate::model::import_log::{ImportLog, ImportType, Phase};

/// Two sightings of one phase: the first and the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    phase: Phase,
    first: (DateTime<Utc>, i64),
    latest: (DateTime<Utc>, i64),
}

impl Pace {
    /// Adds a sighting. A new phase begins anew, since it counts from zero.
    #[must_use]
    pub fn seen(before: Option<Self>, log: &ImportLog, at: DateTime<Utc>) -> Self {
        let latest = (at, log.progress);
        match before {
            Some(pace) if pace.phase == log.phase && pace.latest.1 <= log.progress => {
                Self { latest, ..pace }
            }
            _ => Self {
                phase: log.phase,
                first: latest,
                latest,
            },
        }
    }

    /// How long the rest takes at this pace; `None` while nobody can know.
    #[must_use]
    pub fn left(self, log: &ImportLog) -> Option<Duration> {
        let (begun, from) = if self.latest.1 > self.first.1 {
            self.first
        } else {
            // One sighting only: then from the start, if this phase is the first that counts.
            matches!(log.phase, Phase::Uploading | Phase::Fetching)
                .then_some((log.started_at, 0))?
        };
        let done = self.latest.1 - from;
        let rest = log.progress_total? - self.latest.1;
        let spent = (self.latest.0 - begun).num_milliseconds();
        if done <= 0 || rest < 0 || spent < 500 {
            return None;
        }
        Some(Duration::milliseconds(spent.saturating_mul(rest) / done))
    }
}

/// What a running import is doing, in words.
#[must_use]
pub fn phase_in_words(log: &ImportLog) -> String {
    let words = match log.phase {
        Phase::Uploading => "Uploading",
        Phase::Queued => "Waiting for a worker",
        Phase::Fetching => {
            return match log.progress_total {
                Some(total) => format!(
                    "Asking the feed (day {} of {total})",
                    (log.progress + 1).min(total)
                ),
                None => "Asking the feed".into(),
            };
        }
        Phase::Reading => "Reading",
        Phase::Loading => "Loading",
        Phase::Finishing => "Finishing",
        Phase::Ended => "Ended",
    };
    words.into()
}

/// The share done, in thousandths, where it is known.
#[must_use]
pub fn fraction(log: &ImportLog) -> Option<i64> {
    let counts = matches!(
        log.phase,
        Phase::Uploading | Phase::Fetching | Phase::Reading
    );
    match log.progress_total {
        Some(total) if total > 0 && (counts || log.import_type == ImportType::DateRange) => {
            Some(format::share(log.progress, total))
        }
        _ => None,
    }
}

/// One line on a running import: `Reading · 812,000 records · 68 % · 4 s left`.
#[must_use]
pub fn line(log: &ImportLog, pace: Pace) -> String {
    let mut parts = vec![phase_in_words(log)];
    if log.attempt > 1 {
        parts.push(format!("attempt {}", log.attempt));
    }
    if log.records_processed > 0 {
        parts.push(format::count(
            log.records_processed.into(),
            "record",
            "records",
        ));
    }
    if let Some(share) = fraction(log) {
        parts.push(format!("{} %", share / 10));
    }
    if let Some(left) = pace.left(log) {
        parts.push(match left.num_seconds() {
            ..90 => format!("{} left", format::whole(left.max(Duration::seconds(1)))),
            seconds => format!("{} min left", (seconds + 30) / 60),
        });
    }
    parts.join(" · ")
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
