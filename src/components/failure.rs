//! What a failure means, and what to do about it.

use crate::model::import_log::{FailureKind, ImportLog, ImportStatus, ImportType};

/// A failure, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// What has happened, for those who don't know the program.
    pub means: &'static str,
    /// What to do next.
    pub next: String,
}

/// What the failure of an import means, and what is to be done. `None`: it did not fail, or its log doesn't say why.
#[must_use]
pub fn explained(log: &ImportLog) -> Option<Explained> {
    let kind = log
        .failure_kind
        .filter(|_| log.status == ImportStatus::Failed)?;
    Some(Explained {
        means: means(kind, log.import_type),
        next: settled(log).unwrap_or_else(|| next(kind, log)),
    })
}

const fn means(kind: FailureKind, of: ImportType) -> &'static str {
    match (kind, of) {
        (FailureKind::Cancelled, _) => "Somebody stopped it. Nothing is broken.",
        (FailureKind::Interrupted, _) => {
            "What worked on it stopped before it was through. The stored data is whole: nothing half done was kept."
        }
        (FailureKind::InvalidInput, ImportType::Backup) => {
            "The file can't be used as it is, however often it is tried."
        }
        (FailureKind::InvalidInput, _) => {
            "What came from the source can't be used, however often it is read."
        }
        (FailureKind::SourceUnavailable, ImportType::DateRange) => {
            "The results feed could not be reached, or answered with an error."
        }
        (FailureKind::SourceUnavailable, _) => {
            "The file, or the database, could not be reached for too long."
        }
        (FailureKind::Internal, _) => "This is a fault of NumWatch, not of what was imported.",
        (FailureKind::Unknown, _) => "Only a newer version of NumWatch knows this reason.",
    }
}

/// Nothing is to be done any more.
fn settled(log: &ImportLog) -> Option<String> {
    match (log.resolved_by, log.superseded_by) {
        (Some(later), _) => Some(format!(
            "Nothing is left to do: import #{later} has brought what it lacked."
        )),
        (None, Some(later)) => Some(format!(
            "It was run again and failed again: go on with import #{later}."
        )),
        (None, None) if log.dismissed => {
            Some("Nothing is left to do: it was dismissed.".to_owned())
        }
        (None, None) => None,
    }
}

fn next(kind: FailureKind, log: &ImportLog) -> String {
    let again = match log.import_type {
        ImportType::Backup if log.retryable => {
            "Retry it here: the file is kept, and need not be sent again."
        }
        ImportType::Backup if kind == FailureKind::InvalidInput => {
            "Mend the file or make a new backup, then upload it on the Scheduler page."
        }
        ImportType::Backup => "Upload the file again on the Scheduler page.",
        ImportType::DateRange if log.retryable => {
            "Retry it here: it asks only for the days that are still missing."
        }
        ImportType::Unknown => "Retry it with the newer version of NumWatch, which knows its kind.",
        _ if log.retryable => "Retry it here.",
        _ => "Start it again on the Scheduler page.",
    };
    let first = match (kind, log.import_type) {
        (FailureKind::Internal, _) => Some(format!(
            "The server's log has the cause under import #{}. Have it mended first.",
            log.id
        )),
        (FailureKind::SourceUnavailable, ImportType::DateRange) => Some(
            "See whether the feed answers (the server's EXTERNAL_API_URL names it).".to_owned(),
        ),
        (FailureKind::InvalidInput, ImportType::DateRange) => {
            Some("Tell those who run the feed what its message says.".to_owned())
        }
        (FailureKind::Unknown, _) => Some("Look at this page with the newer version.".to_owned()),
        _ => None,
    };
    match first {
        Some(first) => format!("{first} {again}"),
        None => again.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample_log::ended;

    #[test]
    fn each_kind_of_each_type_says_what_it_means_and_what_to_do() {
        let kinds = FailureKind::ALL.into_iter().chain([FailureKind::Unknown]);
        for kind in kinds {
            for import_type in ImportType::ALL {
                for retryable in [false, true] {
                    let log = ImportLog {
                        status: ImportStatus::Failed,
                        failure_kind: Some(kind),
                        retryable,
                        ..ended(import_type)
                    };
                    let Explained { means, next } = explained(&log).expect("an explanation");
                    for sentence in [means, next.as_str()] {
                        assert!(sentence.ends_with('.'), "{kind} {import_type}: {sentence}");
                    }
                    assert_eq!(next.contains("Retry it here"), retryable, "{next}");
                }
            }
        }
        assert_eq!(explained(&ended(ImportType::Backup)), None);
    }

    #[test]
    fn what_is_settled_asks_for_nothing() {
        let log = ImportLog {
            status: ImportStatus::Failed,
            failure_kind: Some(FailureKind::Internal),
            dismissed: true,
            ..ended(ImportType::Backup)
        };
        let next = |log: &ImportLog| explained(log).expect("an explanation").next;
        assert_eq!(next(&log), "Nothing is left to do: it was dismissed.");
        let again = ImportLog {
            superseded_by: Some(7),
            ..log
        };
        assert!(next(&again).contains("go on with import #7"));
        let good = ImportLog {
            resolved_by: Some(8),
            ..again
        };
        assert!(next(&good).contains("import #8 has brought"));
    }
}
