//! One import in short, for the panel below its row. Its sentences are made on the server: the browser only shows them.

use serde::{Deserialize, Serialize};

use super::{
    count::count,
    import_log::{DateOutcome, ImportDate, ImportDetails, ImportStatus},
};

/// So many days and so many rejects are told.
const FEW: usize = 5;

/// What there is to say of an import at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    /// What it came to.
    pub outcome: String,
    /// Its first days and rejects, a line each.
    pub lines: Vec<String>,
}

impl Brief {
    /// An import in short.
    #[must_use]
    pub fn of(details: &ImportDetails) -> Self {
        let ImportDetails {
            log,
            dates,
            rejects,
        } = details;
        let ended = log.status != ImportStatus::Running;
        // Of many days those are worth telling that failed.
        let told = |date: &&ImportDate| dates.len() <= FEW || date.outcome == DateOutcome::Failed;
        let days: Vec<&ImportDate> = dates.iter().filter(told).take(FEW).collect();
        let mut lines: Vec<String> = days.iter().map(|date| line(date, ended)).collect();
        lines.extend(more(dates.len(), days.len(), "day", "days"));
        let first = rejects.iter().take(FEW).map(|reject| {
            let day = reject.date.map(|date| format!("{date}, "));
            format!(
                "Rejected: {}{} {}: {}",
                day.unwrap_or_default(),
                reject.section,
                reject.position,
                reject.reason
            )
        });
        let before = lines.len();
        lines.extend(first);
        let shown = lines.len() - before;
        let all = usize::try_from(log.records_rejected).unwrap_or(0);
        lines.extend(more(all, shown, "rejected record", "rejected records"));
        Self {
            outcome: log.outcome(),
            lines,
        }
    }
}

/// How many are not told.
fn more(all: usize, told: usize, one: &str, many: &str) -> Option<String> {
    let more = i64::try_from(all.saturating_sub(told)).unwrap_or(i64::MAX);
    match (more, told) {
        (0, _) => None,
        (_, 0) => Some(format!("{}.", count(more, one, many))),
        _ => Some(format!("And {} more.", count(more, one, many))),
    }
}

fn line(date: &ImportDate, ended: bool) -> String {
    let (word, said) = (date.outcome.in_words(ended), date.said());
    let mark = if said.is_empty() { "" } else { ": " };
    format!("{} {word}{mark}{said}", date.date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        import_log::{ImportLog, ImportReject, ImportType},
        sample_log::{self, ended},
    };

    fn day(nth: u32, outcome: DateOutcome) -> ImportDate {
        let date = chrono::NaiveDate::from_ymd_opt(2025, 6, nth).expect("a date");
        sample_log::day(date, outcome)
    }

    #[test]
    fn of_few_days_all_are_told_and_of_many_those_that_failed() {
        let details = |dates: Vec<ImportDate>| ImportDetails {
            log: ended(ImportType::DateRange),
            dates,
            rejects: Vec::new(),
        };
        let few = details(vec![
            day(1, DateOutcome::Success),
            day(2, DateOutcome::Pending),
        ]);
        assert_eq!(
            Brief::of(&few).lines,
            ["2025-06-01 imported: 0 records", "2025-06-02 not asked"]
        );
        let mut many: Vec<_> = (1..=9).map(|nth| day(nth, DateOutcome::Success)).collect();
        assert_eq!(Brief::of(&details(many.clone())).lines, ["9 days."]);
        many[3].outcome = DateOutcome::Failed;
        many[3].message = Some("The feed answered 500.".into());
        assert_eq!(
            Brief::of(&details(many)).lines,
            [
                "2025-06-04 failed: The feed answered 500.",
                "And 8 days more."
            ]
        );
    }

    #[test]
    fn of_many_rejects_the_first_are_told() {
        let reject = |position| ImportReject {
            section: "results".into(),
            position,
            date: None,
            reason: "odd.".into(),
            record: "{}".into(),
        };
        let details = ImportDetails {
            log: ImportLog {
                records_rejected: 12_000,
                ..ended(ImportType::Backup)
            },
            dates: Vec::new(),
            rejects: (1..=100).map(reject).collect(),
        };
        let lines = Brief::of(&details).lines;
        assert_eq!(lines[0], "Rejected: results 1: odd.");
        assert_eq!(lines[5..], ["And 11,995 rejected records more."]);
    }
}
