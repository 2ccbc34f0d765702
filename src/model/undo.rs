//! The undo of an import: what it takes back, and what stays.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::{difference::DrawValues, import_log::Requester, moment, undone::Undone};

/// So many games and so many results are in each of the lists, unless more are asked for; the counts count all.
pub const LISTED: u32 = 100;

/// The most that can be asked for.
pub const MOST_LISTED: u32 = 10_000;

/// A game or result that the import had created or changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Touched {
    pub base_game_id: String,
    pub game_name: String,
    /// The draw; `None`: it is the game itself.
    #[serde(with = "moment")]
    pub result_date: Option<NaiveDate>,
    /// What stands there, of a result.
    pub stored: Option<DrawValues>,
    /// What it goes back to, of a result that is put back.
    pub before: Option<DrawValues>,
    /// The name that it goes back to, of a game that is put back.
    pub name_before: Option<String>,
    /// Which import has changed it since, of what is kept. `None`: one of before NumWatch kept track of that.
    pub changed_by: Option<i32>,
}

/// The undo of an import, or what it would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Undo {
    pub import_id: i32,
    /// Nothing was done.
    pub dry_run: bool,
    /// What it came to, in a sentence.
    pub message: String,
    pub undone_at: Option<DateTime<Utc>>,
    pub undone_by: Option<Requester>,
    #[serde(flatten)]
    pub counts: Undone,
    /// The first of those that are removed.
    pub removed: Vec<Touched>,
    /// The first of those that go back to what they were.
    pub put_back: Vec<Touched>,
    /// The first of those that stay, each with the import that has changed it since.
    pub kept: Vec<Touched>,
}
