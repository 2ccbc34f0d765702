//! Games and their results.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::words::words;

words!(
    /// What a draw came to.
    ResultStatus {
        Waiting = "waiting",
        Cancelled = "cancelled",
        Completed = "completed",
        NoResult = "no_result",
    }
);

/// A game that is drawn about once a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Game {
    pub id: i32,
    pub base_game_id: String,
    pub game_name: String,
    pub country_code: Option<String>,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
}

/// One draw of one game.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct DrawResult {
    pub game_id: i32,
    /// The game's id and the date: `L03-01-000500-20250622`.
    pub full_game_code: String,
    pub result_date: NaiveDate,
    pub result_3up: Option<String>,
    pub result_2down: Option<String>,
    pub result_4up: Option<String>,
    pub status: ResultStatus,
    pub created_at: DateTime<Utc>,
    pub game: Game,
}

/// The code by which the feed knows a draw: `L03-01-000500-20250622`.
#[must_use]
pub fn full_game_code(base_game_id: &str, date: NaiveDate) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    format!("{base_game_id}-{year:04}{month:02}{day:02}")
}
