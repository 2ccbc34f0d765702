//! What was read of a backup.

use super::decode::record::Oddity;
use crate::model::import_log::ImportReject;

/// What was read of a backup.
#[derive(Debug, Default)]
pub struct Read {
    pub games: i64,
    pub results: i64,
    pub rejected_games: i64,
    pub rejected_results: i64,
    /// The first record that was rejected, and the first such result.
    pub first_reject: Option<ImportReject>,
    pub first_rejected_result: Option<ImportReject>,
    /// Members that records were taken without, and the first of them.
    pub odd: i64,
    pub first_odd: Option<Oddity>,
    /// The name that the file gives itself.
    pub filename: Option<String>,
}

impl Read {
    /// All records, rejected ones included.
    pub fn records(&self) -> i64 {
        self.games + self.results + self.rejected_games + self.rejected_results
    }

    /// Keeps in mind the first rejects.
    pub fn note(&mut self, reject: &ImportReject) {
        if reject.section == "results" {
            self.first_rejected_result
                .get_or_insert_with(|| reject.clone());
        }
        self.first_reject.get_or_insert_with(|| reject.clone());
    }

    /// What there is to say of the members that were left out.
    pub fn odd_members(&self) -> Option<String> {
        let Oddity {
            section,
            position,
            reason,
        } = self.first_odd.as_ref()?;
        let members = match self.odd {
            1 => "1 optional member isn't understood and was".to_owned(),
            many => format!("{many} optional members aren't understood and were"),
        };
        Some(format!(
            "{members} left out. The first: {section} {position}: {reason}"
        ))
    }
}
