//! What the page of one game shows.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    difference::DrawValues,
    history::Zone,
    results::{Draw, Slice},
    story::Part,
};

/// The weekdays are those of so many weeks.
pub const WEEKS: u32 = 8;

/// What a game is called, and where it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    pub name: String,
    pub country: Option<String>,
}

/// A game, with what its results say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    pub base_game_id: String,
    pub called: Called,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    /// Its first draw and its last. `None`: it has no results.
    pub drawn: Option<(NaiveDate, NaiveDate)>,
    /// How many results it has; above [`super::results::COUNTED_OF_GAME`] one more than that.
    pub results: usize,
    /// How many draws each weekday had in the last [`WEEKS`] weeks, from Monday on.
    pub weekdays: [i64; 7],
    pub story: Vec<Part<Called>>,
}

/// A result and its story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub draw: Draw,
    pub story: Vec<Part<DrawValues>>,
}

/// A game at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneGame {
    pub about: About,
    pub slice: Slice<Told>,
    /// Of the imports that the stories tell of, those whose logs still stand.
    pub logged: BTreeSet<i32>,
}

/// The same, and how it is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GamePage {
    pub game: OneGame,
    /// The day that was asked for.
    pub date: Option<NaiveDate>,
    pub newest: String,
    pub newer: Option<String>,
    pub older: Option<String>,
    /// Today in Bangkok.
    pub today: NaiveDate,
    pub zone: Zone,
}
