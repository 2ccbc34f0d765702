//! What the decoders give out: records that fit their columns, and rejects that say why not.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};

use crate::model::difference::DrawValues;
pub use crate::model::game::ResultStatus;

/// Longest game id, in characters.
pub const BASE_GAME_ID_MAX: usize = 50;
/// Longest game name, in characters.
pub const GAME_NAME_MAX: usize = 255;
/// Longest result value, in characters.
pub const RESULT_VALUE_MAX: usize = 20;
/// Longest country code, in characters.
pub const COUNTRY_CODE_MAX: usize = 10;
/// How much of a rejected record is kept, in characters.
pub const REJECTED_TEXT_MAX: usize = 2_000;

/// A game of a backup. Its texts borrow from the document wherever they hold no escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GameRecord<'a> {
    /// The id by which the results of the same file name the game; never a database id.
    pub file_id: i64,
    pub base_game_id: Cow<'a, str>,
    pub game_name: Cow<'a, str>,
    pub country_code: Option<Cow<'a, str>>,
    pub is_active: bool,
    pub created_at: Option<DateTime<Utc>>,
}

/// A result of a backup. Its texts borrow from the document wherever they hold no escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultRecord<'a> {
    /// The [`GameRecord::file_id`] of the game that was drawn; nothing says yet that it exists.
    pub game_file_id: i64,
    /// The `base_game_id` that the record's full game code begins with, if it has one: it must be that game's.
    pub code_game: Option<Cow<'a, str>>,
    pub result_date: NaiveDate,
    pub result_3up: Option<Cow<'a, str>>,
    pub result_2down: Option<Cow<'a, str>>,
    pub result_4up: Option<Cow<'a, str>>,
    pub status: ResultStatus,
    pub created_at: Option<DateTime<Utc>>,
}

impl ResultRecord<'_> {
    /// Its three values.
    #[must_use]
    pub fn values(&self) -> [Option<&str>; 3] {
        [&self.result_3up, &self.result_2down, &self.result_4up].map(|value| value.as_deref())
    }
}

/// A draw of the feed: the game and its result in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawRecord {
    pub base_game_id: String,
    pub game_name: String,
    pub country_code: Option<String>,
    pub result_date: NaiveDate,
    pub values: DrawValues,
}

/// A record that can't be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// `games` or `results` of a backup, the section of a feed.
    pub section: Cow<'static, str>,
    /// The record's number within its array, counted from 1.
    pub position: u64,
    /// A sentence for the person who has to mend the source.
    pub reason: String,
    /// The record as it stands in the document, cut at [`REJECTED_TEXT_MAX`].
    pub record: String,
    /// Of a game: the id by which results would have named it.
    pub file_id: Option<i64>,
}

/// An optional member that isn't understood: its record is taken without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    pub section: &'static str,
    /// The record's number within its array, counted from 1.
    pub position: u64,
    /// What is wrong with the member, as a sentence.
    pub reason: String,
}

impl Reject {
    pub(super) fn new(
        section: impl Into<Cow<'static, str>>,
        position: u64,
        reason: String,
        record: &[u8],
    ) -> Self {
        // No character takes more than four bytes, so a huge record isn't converted as a whole.
        let head = &record[..record.len().min(4 * REJECTED_TEXT_MAX)];
        Self {
            section: section.into(),
            position,
            reason,
            record: String::from_utf8_lossy(head)
                .chars()
                .take(REJECTED_TEXT_MAX)
                .collect(),
            file_id: None,
        }
    }
}

/// Whether a `varchar(max)` can hold the text.
pub(super) fn fits(text: &str, max: usize) -> bool {
    // The byte length settles nearly all texts without counting characters.
    (text.len() <= max || text.chars().count() <= max)
        && memchr::memchr(0, text.as_bytes()).is_none()
}
