//! What an import came to, in one home: the page, the API and the command line say the same.

use super::{
    count::{count, results_differ, some, thousands},
    import_log::{ImportLog, ImportStatus, ImportType},
};

impl ImportLog {
    /// What it came to, in a sentence or two. Of a success it names all that is worth telling: what was added, what
    /// differs or was corrected, and what could not be used.
    #[must_use]
    pub fn outcome(&self) -> String {
        let outcome = match self.status {
            ImportStatus::Success => self.succeeded(),
            ImportStatus::Running => "The import is still running.".into(),
            ImportStatus::Failed => self.failed(),
        };
        if self.undone_at.is_none() {
            return outcome;
        }
        format!("{outcome} Undone since: {}.", self.undone.said())
    }

    /// How it ended and what it came to: `Import #3 succeeded: Imported 77 draws.`
    #[must_use]
    pub fn ending(&self) -> String {
        let how = match self.status {
            ImportStatus::Running => "runs",
            ImportStatus::Success => "succeeded",
            ImportStatus::Failed if self.is_cancelled() => "was cancelled",
            ImportStatus::Failed => "failed",
        };
        format!("Import #{} {how}: {}", self.id, self.outcome())
    }

    /// How many records of a success could not be used: it must not look like one that used all.
    #[must_use]
    pub fn rejected_of_success(&self) -> Option<String> {
        (self.status == ImportStatus::Success && self.records_rejected > 0)
            .then(|| format!("{} rejected", thousands(self.records_rejected.into())))
    }

    /// Of a range some days may have come, with records that could not be used.
    fn failed(&self) -> String {
        let why = self.error_message.as_deref();
        let why = why.unwrap_or("The import failed; its log doesn't say why.");
        match self.rejected() {
            Some(rejected) if self.import_type == ImportType::DateRange => {
                format!("{why} {rejected}.")
            }
            _ => why.to_owned(),
        }
    }

    fn succeeded(&self) -> String {
        let mut said = vec![match self.import_type {
            ImportType::Backup | ImportType::Unknown => self.added(),
            ImportType::SampleData => {
                let draws = self.records_processed - self.records_rejected;
                format!("Imported {}", count(draws.into(), "draw", "draws"))
            }
            ImportType::DateRange => {
                let days = self.successful_dates.unwrap_or_default();
                format!("Imported {}", count(days.into(), "day", "days"))
            }
        }];
        let alone = said[0].is_empty();
        if alone {
            said[0] = "Nothing new".into();
        }
        said.extend(self.besides());
        if alone && said.len() == 1 {
            said[0].push_str(if self.records_processed > 0 {
                ": every game and result was stored already"
            } else {
                ": the file holds no records"
            });
        }
        let mut told = said.join("; ") + ".";
        if let Some(note) = &self.note {
            told.push(' ');
            told.push_str(note);
        }
        told
    }

    /// What a backup has brought; nothing when all of it was there.
    fn added(&self) -> String {
        let part = |number: i32, one, many| some(number.into(), one, many);
        let new: Vec<String> = [
            part(self.games_created, "game", "games"),
            part(self.results_created, "result", "results"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let new = new.join(" and ");
        let completed = part(self.results_updated, "result", "results");
        match (new.is_empty(), completed) {
            (false, Some(completed)) => format!("Added {new}; completed {completed}"),
            (false, None) => format!("Added {new}"),
            (true, Some(completed)) => format!("Completed {completed}"),
            (true, None) => String::new(),
        }
    }

    /// How many records could not be used.
    fn rejected(&self) -> Option<String> {
        (self.records_rejected > 0).then(|| {
            format!(
                "{} of {} rejected",
                thousands(self.records_rejected.into()),
                count(
                    self.records_processed.into(),
                    "record was",
                    if self.records_rejected == 1 {
                        "records was"
                    } else {
                        "records were"
                    }
                )
            )
        })
    }

    /// What else there is to tell of a success.
    fn besides(&self) -> impl Iterator<Item = String> {
        let corrected = (self.results_corrected > 0).then(|| self.corrected());
        let differing = results_differ(self.results_differing.into());
        let rejected = self.rejected();
        [corrected, differing, rejected].into_iter().flatten()
    }

    /// How many stored results a feed has corrected: `2 results were corrected`.
    #[must_use]
    pub fn corrected(&self) -> String {
        let corrected = i64::from(self.results_corrected);
        count(corrected, "result was", "results were") + " corrected"
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{
        import_log::{ImportLog, ImportStatus, ImportType},
        sample_log::ended,
    };

    fn backup() -> ImportLog {
        ImportLog {
            records_processed: 510,
            ..ended(ImportType::Backup)
        }
    }

    #[test]
    fn a_backup_says_what_it_added() {
        let log = ImportLog {
            games_created: 10,
            results_created: 500,
            ..backup()
        };
        assert_eq!(log.outcome(), "Added 10 games and 500 results.");
        let log = ImportLog {
            games_created: 1,
            results_updated: 4,
            ..backup()
        };
        assert_eq!(log.outcome(), "Added 1 game; completed 4 results.");
        let log = ImportLog {
            results_updated: 1,
            ..backup()
        };
        assert_eq!(log.outcome(), "Completed 1 result.");
    }

    #[test]
    fn a_backup_says_what_was_wrong_with_it() {
        let log = ImportLog {
            records_processed: 5,
            results_created: 3,
            records_rejected: 2,
            ..backup()
        };
        assert_eq!(
            log.outcome(),
            "Added 3 results; 2 of 5 records were rejected."
        );
        let log = ImportLog {
            results_differing: 3,
            records_rejected: 1,
            ..backup()
        };
        assert_eq!(
            log.outcome(),
            "Nothing new; 3 results differ from the stored ones, which stay; 1 of 510 records was rejected."
        );
        let log = ImportLog {
            results_created: 1,
            results_differing: 1,
            ..backup()
        };
        assert_eq!(
            log.outcome(),
            "Added 1 result; 1 result differs from the stored one, which stays."
        );
    }

    #[test]
    fn a_backup_without_news_says_so() {
        assert_eq!(
            backup().outcome(),
            "Nothing new: every game and result was stored already."
        );
        let empty = ImportLog {
            records_processed: 0,
            ..backup()
        };
        assert_eq!(empty.outcome(), "Nothing new: the file holds no records.");
    }

    #[test]
    fn a_sample_counts_the_draws_that_were_used() {
        let log = ImportLog {
            records_processed: 77,
            ..ended(ImportType::SampleData)
        };
        assert_eq!(log.outcome(), "Imported 77 draws.");
        let log = ImportLog {
            records_processed: 80,
            records_rejected: 3,
            results_corrected: 1,
            ..log
        };
        assert_eq!(
            log.outcome(),
            "Imported 77 draws; 1 result was corrected; 3 of 80 records were rejected."
        );
    }

    #[test]
    fn a_range_counts_its_days_and_keeps_its_note() {
        let log = ImportLog {
            successful_dates: Some(3),
            results_corrected: 2,
            ..ended(ImportType::DateRange)
        };
        assert_eq!(log.outcome(), "Imported 3 days; 2 results were corrected.");
        let log = ImportLog {
            successful_dates: Some(1),
            note: Some("The feed has no draws for this day.".into()),
            ..ended(ImportType::DateRange)
        };
        assert_eq!(
            log.outcome(),
            "Imported 1 day. The feed has no draws for this day."
        );
    }

    #[test]
    fn a_failure_says_its_reason() {
        let log = ImportLog {
            status: ImportStatus::Failed,
            error_message: Some("Not a backup: it is empty.".into()),
            ..backup()
        };
        assert_eq!(log.outcome(), "Not a backup: it is empty.");
        let silent = ImportLog {
            error_message: None,
            ..log
        };
        assert!(silent.outcome().contains("doesn't say why"));
    }
}
