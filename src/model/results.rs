//! The stored results: what can be asked of them, and what their page shows.

use chrono::{Datelike as _, NaiveDate};

use super::{difference::DrawValues, game::ResultStatus};

/// What is asked of the results. Nothing of it: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of a game's id or name, in any case.
    pub game: Option<String>,
    pub status: Option<ResultStatus>,
    /// Drawn on this day or later.
    pub from: Option<NaiveDate>,
    /// Drawn on this day or before.
    pub to: Option<NaiveDate>,
}

/// A place among the results, which go from the newest date to the oldest, and within a date by the games' database ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub date: NaiveDate,
    pub game_id: i32,
}

/// Which page of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// The newest.
    #[default]
    Newest,
    /// Those right after a place: older ones.
    After(Place),
    /// Those right before it: newer ones.
    Before(Place),
}

/// The days that results are drawn on, as far as anything can be asked for.
#[must_use]
pub fn can_be_asked(date: NaiveDate) -> bool {
    (1..=9999).contains(&date.year())
}

/// What became of a game's draw on a day, and where that comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    pub place: Place,
    pub values: DrawValues,
    /// The import that created it. `None`: it was stored before NumWatch kept track of that.
    pub created_by: Option<i32>,
    /// The import that its present values come with, if not the one that created it.
    pub changed_by: Option<i32>,
}

/// What a game is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GameName {
    pub base_game_id: String,
    pub game_name: String,
}

/// Some results, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice<T> {
    pub draws: Vec<T>,
    /// There are newer ones than these.
    pub has_newer: bool,
    pub has_older: bool,
}

/// What the page of the results shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultsPage {
    /// What the address asks for, by the names that it has there.
    pub asked: Vec<(String, String)>,
    /// Today in Bangkok.
    pub today: NaiveDate,
    /// The results, or a sentence that says why they can't be shown.
    pub found: Result<Found, String>,
}

/// The results that an address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Each with its game and whether the log of the import that it comes from still stands.
    pub slice: Slice<(Draw, GameName, bool)>,
    /// How many match; above [`COUNTED`] one more than that.
    pub matches: usize,
    /// There is any game at all.
    pub any_game: bool,
    pub newest: String,
    pub newer: Option<String>,
    pub older: Option<String>,
    /// Where all that matches is to be had as a file.
    pub csv: String,
}

/// So many matches are counted; beyond there are "over" so many. Each that has to be of a status is looked at, wherever it lies.
pub const COUNTED: usize = 1000;

/// The same of the results of one game.
pub const COUNTED_OF_GAME: usize = 100_000;

impl ResultsPage {
    /// What the address gives for a name; nothing if it doesn't.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        let given = self.asked.iter().find(|(known, _)| known == name);
        given.map_or("", |(_, value)| value)
    }
}

impl Draw {
    /// The import that its present values come from, if that is known.
    #[must_use]
    pub fn comes_from(&self) -> Option<i32> {
        self.changed_by.or(self.created_by)
    }
}

/// Ids that mean something else in a path: another page, this folder, the one above it.
const MEAN_OTHERS: [&str; 3] = ["fast", ".", ".."];

/// What stands before an id in a path that would mean something else without it.
const MARK: char = '=';

/// The address of a game's page. What isn't plain in its id is percent-encoded (RFC 3986), a slash too; an id that would
/// mean something else stands behind a `=`.
#[must_use]
pub fn game_address(base_game_id: &str) -> String {
    let mut address = String::from("/results/");
    if MEAN_OTHERS.contains(&base_game_id) || base_game_id.starts_with(MARK) {
        address.push(MARK);
    }
    for byte in base_game_id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let hex = |half: u8| char::from(b"0123456789ABCDEF"[usize::from(half)]);
            address.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    address
}

/// The id that a path of a game's page means, once it is decoded.
#[must_use]
pub fn game_of_path(path: &str) -> &str {
    path.strip_prefix(MARK).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_game_says_its_id() {
        for (id, address) in [
            ("L03-01-000500", "/results/L03-01-000500"),
            ("a/b c", "/results/a%2Fb%20c"),
            ("50%", "/results/50%25"),
            ("ก?#", "/results/%E0%B8%81%3F%23"),
            ("fast", "/results/=fast"),
            ("..", "/results/=.."),
            ("=fast", "/results/=%3Dfast"),
        ] {
            assert_eq!(game_address(id), address);
        }
    }
}
