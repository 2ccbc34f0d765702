//! What an import of a file would do, found out beforehand: the answer of a check, and what its page shows.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    count::{count, results_differ, some, thousands},
    difference::{Differences, DrawValues},
    history::Zone,
    import_log::ImportReject,
    moment,
};

/// Of a check so many rejects are shown; `records_rejected` counts all.
pub const REJECTS_SHOWN: usize = 20;

/// And so many new games; `games_created` counts all.
pub const NEW_GAMES_SHOWN: i64 = 100;

/// And so many results of each kind; the counters count all.
pub const DRAWS_SHOWN: i64 = 20;

/// A result of the file that doesn't contradict what is stored: it is new, completes the stored one, or equals it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CheckedDraw {
    pub base_game_id: String,
    pub game_name: String,
    #[serde(with = "moment")]
    pub result_date: NaiveDate,
    /// What is stored, if it is.
    pub stored: Option<DrawValues>,
    /// What the file has.
    pub brought: DrawValues,
    /// What would be stored after the import.
    pub becomes: DrawValues,
}

/// A game that an import would create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct NewGame {
    pub base_game_id: String,
    pub game_name: String,
    pub country_code: Option<String>,
}

/// What an import of a file would do, as its log would count it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Checked {
    /// The token by which the file is imported without being sent again.
    pub checked: String,
    #[serde(with = "moment")]
    pub checked_at: DateTime<Utc>,
    /// Until when the file is kept for that.
    #[serde(with = "moment")]
    pub expires_at: DateTime<Utc>,
    pub filename: Option<String>,
    /// Bytes, as they arrived.
    pub file_size: i64,
    /// Bytes, once they are unpacked.
    pub unpacked_size: i64,
    /// Of what is unpacked, in hexadecimal.
    pub sha256: String,
    pub records_processed: i64,
    pub games_created: i64,
    /// No backup changes known games.
    pub games_updated: i64,
    pub results_created: i64,
    pub results_updated: i64,
    /// No backup replaces stored digits.
    pub results_corrected: i64,
    pub results_unchanged: i64,
    pub results_differing: i64,
    pub duplicates: i64,
    pub records_rejected: i64,
    /// The first [`DRAWS_SHOWN`] of `results_created`, in the file's order.
    pub created: Vec<CheckedDraw>,
    /// The first [`DRAWS_SHOWN`] of `results_updated`: what they lack, the file has.
    pub completed: Vec<CheckedDraw>,
    /// The first [`DRAWS_SHOWN`] of `results_unchanged`.
    pub unchanged: Vec<CheckedDraw>,
    /// Both values of the first results that differ, and would stay as they are stored.
    pub differences: Differences,
    /// The first [`REJECTS_SHOWN`].
    pub rejects: Vec<ImportReject>,
    /// The first [`NEW_GAMES_SHOWN`].
    pub new_games: Vec<NewGame>,
    pub note: Option<String>,
}

impl Checked {
    /// What it would come to, in a sentence or a few.
    #[must_use]
    pub fn outcome(&self) -> String {
        let new: Vec<String> = [
            some(self.games_created, "game", "games"),
            some(self.results_created, "result", "results"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let completed = some(self.results_updated, "result", "results");
        let mut would = Vec::new();
        if !new.is_empty() {
            would.push(format!("add {}", new.join(" and ")));
        }
        would.extend(completed.map(|results| format!("complete {results}")));
        let differ = results_differ(self.results_differing).map(|differ| differ + ".");
        let said = [differ, self.rejected()];
        let first = if !would.is_empty() {
            format!("An import would {}.", would.join("; "))
        } else if said.iter().any(Option::is_some) {
            "An import would add nothing.".to_owned()
        } else if self.records_processed > 0 {
            "An import would add nothing: every game and result is stored already.".to_owned()
        } else {
            "An import would add nothing: the file holds no records.".to_owned()
        };
        let said = said.into_iter().chain([self.note.clone()]).flatten();
        said.fold(first, |told, next| format!("{told} {next}"))
    }

    fn rejected(&self) -> Option<String> {
        (self.records_rejected > 0).then(|| {
            format!(
                "{} of {} would be rejected.",
                thousands(self.records_rejected),
                count(self.records_processed, "record", "records")
            )
        })
    }
}

/// What the address of a checked file shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShownCheck {
    Checked(Box<CheckedPage>),
    /// It was imported; as which import.
    Imported(i32),
    Discarded,
}

/// A checked file, and how it is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedPage {
    pub checked: Checked,
    pub zone: Zone,
    /// Why what was asked of it was refused.
    pub refused: Option<String>,
    /// How many files came with it in the same form, and were not looked at.
    pub others: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample_log::checked;

    #[test]
    fn it_says_all_that_is_worth_telling() {
        let much = Checked {
            games_created: 1,
            results_created: 1200,
            results_updated: 2,
            results_differing: 1,
            records_rejected: 3,
            note: Some("1 optional member isn't understood.".into()),
            ..checked()
        };
        assert_eq!(
            much.outcome(),
            "An import would add 1 game and 1,200 results; complete 2 results. 1 result differs from the stored one, which stays. 3 of 510 records would be rejected. 1 optional member isn't understood."
        );
        let completes = Checked {
            results_updated: 1,
            ..checked()
        };
        assert_eq!(completes.outcome(), "An import would complete 1 result.");
    }

    #[test]
    fn where_nothing_would_happen_it_says_why() {
        assert_eq!(
            checked().outcome(),
            "An import would add nothing: every game and result is stored already."
        );
        let empty = Checked {
            records_processed: 0,
            ..checked()
        };
        assert_eq!(
            empty.outcome(),
            "An import would add nothing: the file holds no records."
        );
        let differs = Checked {
            results_differing: 2,
            ..checked()
        };
        assert_eq!(
            differs.outcome(),
            "An import would add nothing. 2 results differ from the stored ones, which stay."
        );
    }
}
