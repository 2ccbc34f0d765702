//! What became of a day of a range, in words.

use super::{
    count::{count, thousands},
    import_log::{DateOutcome, ImportDate},
};

impl DateOutcome {
    /// In a word; `ended`: the import is over, so that what is pending was not asked for.
    #[must_use]
    pub const fn in_words(self, ended: bool) -> &'static str {
        match self {
            Self::Success => "imported",
            Self::Failed => "failed",
            Self::Pending if ended => "not asked",
            Self::Pending => "not yet",
            Self::Unknown => "?",
        }
    }
}

impl ImportDate {
    /// What there is to say of a date: what it brought, and its note or the reason of its failure.
    #[must_use]
    pub fn said(&self) -> String {
        let mut said = Vec::new();
        if self.outcome == DateOutcome::Success && self.records_processed > 0 {
            said.push(format!(
                "{}, {} new, {} updated",
                count(self.records_processed.into(), "record", "records"),
                thousands(self.results_created.into()),
                thousands(self.results_updated.into()),
            ));
            if self.results_corrected > 0 {
                let corrected = thousands(self.results_corrected.into());
                said.push(format!("{corrected} corrected"));
            }
        }
        let mut said = said.join(", ");
        if let Some(message) = &self.message {
            said += if said.is_empty() { "" } else { ". " };
            said += message;
        } else if said.is_empty() && self.outcome == DateOutcome::Success {
            said.push_str("0 records");
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_tells_its_numbers_and_its_note() {
        let date = ImportDate {
            date: "2025-06-22".parse().expect("a date"),
            outcome: DateOutcome::Success,
            records_processed: 80,
            games_created: 0,
            results_created: 70,
            results_updated: 5,
            results_corrected: 2,
            failure_kind: None,
            message: None,
        };
        assert_eq!(date.said(), "80 records, 70 new, 5 updated, 2 corrected");
        let empty = ImportDate {
            records_processed: 0,
            message: Some("The feed has no draws for this day.".into()),
            ..date.clone()
        };
        assert_eq!(empty.said(), "The feed has no draws for this day.");
        let failed = ImportDate {
            outcome: DateOutcome::Failed,
            message: Some("The feed answered 500.".into()),
            ..date
        };
        assert_eq!(failed.said(), "The feed answered 500.");
    }
}
