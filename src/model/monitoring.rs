//! What the logs of imports add up to.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};

use super::{
    history::Zone,
    import_log::{FailureKind, ImportLog, ImportStatus, ImportType},
    words::words,
};

words! {
    /// How many days the page looks back on.
    Span { Day = "1", Week = "7", Month = "30", Quarter = "90" }
}

impl Span {
    /// So many days.
    #[must_use]
    pub const fn days(self) -> u32 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }

    /// As people say it.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "30 days",
            Self::Quarter => "90 days",
        }
    }

    /// Where the page is that looks back on it.
    #[must_use]
    pub fn address(self) -> String {
        format!("/monitoring?days={self}")
    }
}

/// What became of imports, as charts tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    /// Failed, and nothing is left to do: its data came with another import, it was run again, dismissed or cancelled.
    Settled,
    /// Failed, and nobody has seen to it yet.
    Open,
    Running,
}

impl Outcome {
    /// In the order in which charts stack them.
    pub const ALL: [Self; 4] = [Self::Succeeded, Self::Settled, Self::Open, Self::Running];

    /// As people say it.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Settled => "failed, settled since",
            Self::Open => "failed, open",
            Self::Running => "running",
        }
    }

    /// How the history is asked for them.
    #[must_use]
    pub const fn query(self) -> &'static str {
        match self {
            Self::Succeeded => "status=success",
            Self::Settled => "status=failed&unresolved=false",
            Self::Open => "unresolved=true",
            Self::Running => "status=running",
        }
    }
}

/// A stretch of time that a chart has a bar for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub begins_at: DateTime<Utc>,
    /// The next one's beginning.
    pub ends_at: DateTime<Utc>,
    /// The reader's day that it is; `None`: it is an hour, or the rest of one.
    pub day: Option<NaiveDate>,
}

impl Slot {
    /// How the history is asked for what started in it.
    #[must_use]
    pub fn query(&self) -> String {
        if let Some(day) = self.day {
            return format!("from={day}&to={day}");
        }
        // The last moment that belongs to it: PostgreSQL keeps microseconds.
        let last = self.ends_at - TimeDelta::microseconds(1);
        format!("{}&to={}", since(self.begins_at), instant(last))
    }
}

/// How the history is asked for what started at a moment or later.
#[must_use]
pub fn since(moment: DateTime<Utc>) -> String {
    format!("from={}", instant(moment))
}

fn instant(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Where the history shows what is asked for by some of its parameters.
#[must_use]
pub fn history_of(queries: &[&str]) -> String {
    let queries: Vec<&str> = queries
        .iter()
        .copied()
        .filter(|it| !it.is_empty())
        .collect();
    if queries.is_empty() {
        "/imports".to_owned()
    } else {
        format!("/imports?{}", queries.join("&"))
    }
}

/// How many logs are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Which of the slots they started in.
    pub slot: usize,
    pub import_type: ImportType,
    pub status: ImportStatus,
    pub failure_kind: Option<FailureKind>,
    /// They are open failures.
    pub open: bool,
    /// They are failures whose data has come since, with a retry or another import.
    pub resolved: bool,
    pub logs: i64,
    pub records: i64,
}

impl Counted {
    /// What became of them.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self.status {
            ImportStatus::Running => Outcome::Running,
            ImportStatus::Success => Outcome::Succeeded,
            ImportStatus::Failed if self.open => Outcome::Open,
            ImportStatus::Failed => Outcome::Settled,
        }
    }
}

/// How many logs there are of those that are `wanted`.
pub fn logs(counted: &[Counted], wanted: impl Fn(&Counted) -> bool) -> i64 {
    let wanted = counted.iter().filter(|it| wanted(it));
    wanted.map(|it| it.logs).sum()
}

/// How long the imports of a type took that have ended: in milliseconds to two digits, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Took {
    pub import_type: ImportType,
    /// How many there are.
    pub logs: i64,
    /// Half of them took at most this.
    pub median: i64,
    /// 95 of 100 took at most this.
    pub p95: i64,
}

/// Sums of logs, all of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Of the page's slots.
    pub slots: Vec<Counted>,
    /// Of the last 24 hours.
    pub last_day: Vec<Counted>,
    /// Of all logs that there are.
    pub ever: Vec<Counted>,
    /// Of the page's slots together.
    pub took: Vec<Took>,
}

/// What the page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonitoringPage {
    pub span: Span,
    pub slots: Vec<Slot>,
    pub sums: Sums,
    /// Where the last 24 hours begin.
    pub day_ago: DateTime<Utc>,
    /// The latest, newest first.
    pub failures: Vec<ImportLog>,
    pub zone: Zone,
}

impl MonitoringPage {
    /// How the history is asked for what the slots count.
    #[must_use]
    pub fn query(&self) -> String {
        let (Some(first), Some(last)) = (self.slots.first(), self.slots.last()) else {
            return String::new();
        };
        match (first.day, last.day) {
            (Some(from), Some(to)) => format!("from={from}&to={to}"),
            _ => Slot {
                ends_at: last.ends_at,
                ..*first
            }
            .query(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_asks_the_history_for_what_started_in_it() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        let hour = Slot {
            begins_at: at("2026-11-26T04:30:00Z"),
            ends_at: at("2026-11-26T05:30:00Z"),
            day: None,
        };
        assert_eq!(
            hour.query(),
            "from=2026-11-26T04:30:00Z&to=2026-11-26T05:29:59.999999Z"
        );
        let day = Slot {
            day: "2026-11-26".parse().ok(),
            ..hour
        };
        assert_eq!(
            history_of(&["", Outcome::Settled.query(), &day.query()]),
            "/imports?status=failed&unresolved=false&from=2026-11-26&to=2026-11-26"
        );
    }
}
