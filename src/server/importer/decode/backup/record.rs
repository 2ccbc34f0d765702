//! One record of a backup: the fast way into a struct, and the slow way to the reason why not.

use std::{borrow::Cow, fmt};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, Visitor},
};

use super::BackupSink;
use crate::server::importer::decode::{
    byte_of,
    error::Section,
    instant,
    members::Members,
    record::{BASE_GAME_ID_MAX, GAME_NAME_MAX, GameRecord, RESULT_VALUE_MAX, ResultRecord, fits},
    result_text::{self, Reading},
};

/// A record as JSON has it. Types alone can fail here; what they can't say, the conversion checks.
pub trait RawRecord<'a>: Deserialize<'a> {
    type Record;
    const SECTION: Section;

    /// The record, if all its members are usable.
    fn accept(self) -> Option<Self::Record>;

    /// Says which member is not usable.
    fn check(members: &Members) -> Result<(), String>;

    fn deliver(record: Self::Record, position: u64, sink: &mut impl BackupSink);
}

#[derive(Deserialize)]
pub struct RawGame<'a> {
    id: i64,
    #[serde(borrow)]
    base_game_id: Text<'a>,
    #[serde(borrow)]
    game_name: Text<'a>,
    is_active: Option<bool>,
    created_at: Option<Instant>,
}

impl<'a> RawRecord<'a> for RawGame<'a> {
    type Record = GameRecord<'a>;
    const SECTION: Section = Section::Games;

    fn accept(self) -> Option<GameRecord<'a>> {
        Some(GameRecord {
            file_id: self.id,
            base_game_id: self.base_game_id.required(BASE_GAME_ID_MAX)?,
            game_name: self.game_name.required(GAME_NAME_MAX)?,
            is_active: self.is_active.unwrap_or(true),
            created_at: self.created_at.map(|instant| instant.0),
        })
    }

    fn check(members: &Members) -> Result<(), String> {
        members.integer("id")?;
        members.required_text("base_game_id", BASE_GAME_ID_MAX)?;
        members.required_text("game_name", GAME_NAME_MAX)?;
        members.flag("is_active")?;
        members.instant("created_at")
    }

    fn deliver(record: GameRecord<'a>, position: u64, sink: &mut impl BackupSink) {
        sink.game(position, record);
    }
}

#[derive(Deserialize)]
pub struct RawResult<'a> {
    game_id: i64,
    // Follows from the game and the date; read only so that a wrong type is noticed.
    #[serde(borrow, rename = "full_game_code")]
    _full_game_code: Option<Text<'a>>,
    result_date: Date,
    #[serde(borrow)]
    result_3up: Option<Text<'a>>,
    #[serde(borrow)]
    result_2down: Option<Text<'a>>,
    #[serde(borrow)]
    result_4up: Option<Text<'a>>,
    #[serde(borrow)]
    status: Option<Text<'a>>,
    created_at: Option<Instant>,
}

impl<'a> RawRecord<'a> for RawResult<'a> {
    type Record = ResultRecord<'a>;
    const SECTION: Section = Section::Results;

    fn accept(self) -> Option<ResultRecord<'a>> {
        let (result_3up, up3) = Text::result(self.result_3up)?;
        let (result_2down, down2) = Text::result(self.result_2down)?;
        let (result_4up, up4) = Text::result(self.result_4up)?;
        let status = match self.status {
            Some(word) => word.0.parse().ok()?,
            None => result_text::status([up3, down2, up4]),
        };
        Some(ResultRecord {
            game_file_id: self.game_id,
            result_date: self.result_date.0,
            result_3up,
            result_2down,
            result_4up,
            status,
            created_at: self.created_at.map(|instant| instant.0),
        })
    }

    fn check(members: &Members) -> Result<(), String> {
        members.integer("game_id")?;
        members.text("full_game_code")?;
        members.date("result_date")?;
        for name in ["result_3up", "result_2down", "result_4up"] {
            members.optional_text(name, RESULT_VALUE_MAX)?;
        }
        members.status("status")?;
        members.instant("created_at")
    }

    fn deliver(record: ResultRecord<'a>, position: u64, sink: &mut impl BackupSink) {
        sink.result(position, record);
    }
}

/// Reads the record at the start of `bytes` and says where it ends. `None`: take the slow way.
pub fn parse_front<'a, R: RawRecord<'a>>(bytes: &'a [u8]) -> Option<(R::Record, usize)> {
    // An array would do for serde, member by member; a record it is not.
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut records = serde_json::Deserializer::from_slice(bytes).into_iter::<R>();
    let record = records.next()?.ok()?.accept()?;
    Some((record, records.byte_offset()))
}

/// Why a whole record gave none.
pub enum Fault {
    /// Broken JSON, at this byte of the record, counted from 0: the document can't be read.
    Broken(usize),
    /// Sound JSON that is no usable record.
    Reason(String),
}

/// Reads a record of which `bytes` holds all and nothing else.
pub fn parse_whole<'a, R: RawRecord<'a>>(bytes: &'a [u8]) -> Result<R::Record, Fault> {
    if let Some((record, _)) = parse_front::<R>(bytes) {
        return Ok(record);
    }
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes) {
        return Err(Fault::Broken(byte_of(&error, bytes)));
    }
    Err(Fault::Reason(
        match Members::parse(bytes).and_then(|members| R::check(&members)) {
            Err(reason) => reason,
            // Each member by itself is fine, and only a repeated one is left to be at fault.
            Ok(()) => "A member stands in the record twice.".to_owned(),
        },
    ))
}

/// A JSON string that borrows unless it holds escapes; serde never borrows into an `Option<Cow<str>>`.
struct Text<'a>(Cow<'a, str>);

impl<'a> Text<'a> {
    fn required(self, max: usize) -> Option<Cow<'a, str>> {
        (fits(&self.0, max) && !self.0.trim().is_empty()).then_some(self.0)
    }

    /// The value of a result and what the text says; `None` if it can't have come from the column.
    fn result(text: Option<Self>) -> Option<(Option<Cow<'a, str>>, Reading)> {
        let Some(Self(text)) = text else {
            return Some((None, Reading::Nothing));
        };
        let trimmed = text.trim();
        if !fits(trimmed, RESULT_VALUE_MAX) {
            return None;
        }
        Some(match (Reading::of(trimmed), text.len() == trimmed.len()) {
            (Reading::Value, true) => (Some(text), Reading::Value),
            (Reading::Value, false) => (Some(Cow::Owned(trimmed.to_owned())), Reading::Value),
            (reading, _) => (None, reading),
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

struct Date(NaiveDate);

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        let date = instant::date(&text.0).ok_or_else(|| Error::custom("not a date"))?;
        Ok(Self(date))
    }
}

struct Instant(DateTime<Utc>);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        let instant = instant::instant(&text.0).ok_or_else(|| Error::custom("not an instant"))?;
        Ok(Self(instant))
    }
}
