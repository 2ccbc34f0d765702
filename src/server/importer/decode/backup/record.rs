//! One record of a backup: the fast way into a struct, and the slow way for what is odd about it.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Deserialize, de::IgnoredAny};

use super::text::{Instant, Text, trimmed};
use crate::server::importer::decode::{
    byte_of,
    calendar::Calendar,
    error::Section,
    instant,
    members::Members,
    reasons::wrong,
    record::{BASE_GAME_ID_MAX, COUNTRY_CODE_MAX, GAME_NAME_MAX, GameRecord, ResultRecord, fits},
    values,
};

/// Longest full game code, in characters: a game id, a dash and a date.
const FULL_GAME_CODE_MAX: usize = BASE_GAME_ID_MAX + 9;

/// A record as JSON has it. Types alone can fail here; what they can't say, the conversion checks.
pub trait RawRecord<'a>: Deserialize<'a> {
    type Record;
    const SECTION: Section;

    /// The record, if nothing about it is odd.
    fn accept(self, calendar: Calendar) -> Option<Self::Record>;

    /// The record, member by member, without the optional ones that aren't understood: they are noted.
    ///
    /// # Errors
    /// What makes it unusable.
    fn read(
        members: &Members,
        calendar: Calendar,
        odd: &mut Vec<String>,
    ) -> Result<Self::Record, String>;
}

#[derive(Deserialize)]
pub struct RawGame<'a> {
    id: i64,
    #[serde(borrow)]
    base_game_id: Text<'a>,
    #[serde(borrow)]
    game_name: Text<'a>,
    #[serde(borrow)]
    country_code: Option<Text<'a>>,
    is_active: Option<bool>,
    created_at: Option<Instant>,
}

impl<'a> RawRecord<'a> for RawGame<'a> {
    type Record = GameRecord<'a>;
    const SECTION: Section = Section::Games;

    fn accept(self, _calendar: Calendar) -> Option<GameRecord<'a>> {
        let country_code = self.country_code.map(Text::trimmed);
        let country_code = country_code.filter(|code| !code.is_empty());
        Some(GameRecord {
            file_id: self.id,
            base_game_id: trimmed(self.base_game_id.required(BASE_GAME_ID_MAX)?),
            game_name: self.game_name.required(GAME_NAME_MAX)?,
            country_code: match country_code {
                Some(code) => Some(fits(&code, COUNTRY_CODE_MAX).then_some(code)?),
                None => None,
            },
            is_active: self.is_active.unwrap_or(true),
            created_at: self.created_at.map(|instant| instant.0),
        })
    }

    fn read(
        members: &Members,
        _calendar: Calendar,
        odd: &mut Vec<String>,
    ) -> Result<GameRecord<'a>, String> {
        const NAMES: [&str; 6] = [
            "id",
            "base_game_id",
            "game_name",
            "country_code",
            "is_active",
            "created_at",
        ];
        members.each_once(&NAMES)?;
        let file_id = members.integer("id")?;
        let base_game_id = members.required_text("base_game_id", BASE_GAME_ID_MAX)?;
        let game_name = members.required_text("game_name", GAME_NAME_MAX)?;
        let country_code = members.optional_text("country_code", COUNTRY_CODE_MAX);
        Ok(GameRecord {
            file_id,
            base_game_id: Cow::Owned(base_game_id.trim().to_owned()),
            game_name: Cow::Owned(game_name.to_owned()),
            country_code: optional(country_code, odd).map(|code| Cow::Owned(code.to_owned())),
            is_active: optional(members.flag("is_active"), odd).unwrap_or(true),
            created_at: optional(members.instant("created_at"), odd),
        })
    }
}

#[derive(Deserialize)]
pub struct RawResult<'a> {
    game_id: i64,
    #[serde(borrow)]
    full_game_code: Option<Text<'a>>,
    #[serde(borrow)]
    result_date: Text<'a>,
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

    fn accept(self, calendar: Calendar) -> Option<ResultRecord<'a>> {
        let result_date = instant::date(&self.result_date.0).filter(|d| calendar.allows(*d))?;
        let up3 = Text::value(self.result_3up)?;
        let down2 = Text::value(self.result_2down)?;
        let up4 = Text::value(self.result_4up)?;
        let status = match self.status {
            Some(word) => word.0.parse().ok()?,
            None => values::status([&up3, &down2, &up4]),
        };
        Some(ResultRecord {
            game_file_id: self.game_id,
            code_game: match self.full_game_code.map(Text::trimmed) {
                Some(code) if !code.is_empty() => Some(code_game(
                    fits(&code, FULL_GAME_CODE_MAX).then_some(code)?,
                    result_date,
                )?),
                _ => None,
            },
            result_date,
            result_3up: up3.digits(),
            result_2down: down2.digits(),
            result_4up: up4.digits(),
            status,
            created_at: self.created_at.map(|instant| instant.0),
        })
    }

    fn read(
        members: &Members,
        calendar: Calendar,
        odd: &mut Vec<String>,
    ) -> Result<ResultRecord<'a>, String> {
        const NAMES: [&str; 8] = [
            "game_id",
            "full_game_code",
            "result_date",
            "result_3up",
            "result_2down",
            "result_4up",
            "status",
            "created_at",
        ];
        members.each_once(&NAMES)?;
        let game_file_id = members.integer("game_id")?;
        let result_date = members.date("result_date", calendar)?;
        let code = members.optional_text("full_game_code", FULL_GAME_CODE_MAX)?;
        let code_game = match code {
            Some(code) => Some(
                code_game(Cow::Owned(code.to_owned()), result_date).ok_or_else(|| {
                    let ending = result_date.format("a game id that ends in \"-%Y%m%d\", its date");
                    wrong("full_game_code", &code.into(), &ending.to_string())
                })?,
            ),
            None => None,
        };
        let up3 = members.value("result_3up")?;
        let down2 = members.value("result_2down")?;
        let up4 = members.value("result_4up")?;
        let derived = values::status([&up3, &down2, &up4]);
        let [result_3up, result_2down, result_4up] =
            [up3, down2, up4].map(|value| value.digits().map(|d| Cow::Owned(d.into_owned())));
        Ok(ResultRecord {
            game_file_id,
            code_game,
            result_date,
            result_3up,
            result_2down,
            result_4up,
            status: members.status("status")?.unwrap_or(derived),
            created_at: optional(members.instant("created_at"), odd),
        })
    }
}

/// An optional member, or nothing and a note when it isn't understood.
fn optional<T>(read: Result<Option<T>, String>, odd: &mut Vec<String>) -> Option<T> {
    read.unwrap_or_else(|why| {
        odd.push(why);
        None
    })
}

/// The game that a full game code names, if the code ends in the date.
fn code_game(code: Cow<'_, str>, date: NaiveDate) -> Option<Cow<'_, str>> {
    let (game, ending) = code.rsplit_once('-')?;
    if game.trim().is_empty() || instant::compact_date(ending) != Some(date) {
        return None;
    }
    let length = game.trim_end().len();
    Some(match code {
        Cow::Borrowed(code) => Cow::Borrowed(&code[..length]),
        Cow::Owned(mut code) => {
            code.truncate(length);
            Cow::Owned(code)
        }
    })
}

/// Reads the record at the start of `bytes` and says where it ends. `None`: take the slow way.
pub fn parse_front<'a, R: RawRecord<'a>>(
    bytes: &'a [u8],
    calendar: Calendar,
) -> Option<(R::Record, usize)> {
    // An array would do for serde, member by member; a record it is not.
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut records = serde_json::Deserializer::from_slice(bytes).into_iter::<R>();
    let record = records.next()?.ok()?.accept(calendar)?;
    Some((record, records.byte_offset()))
}

/// Why a whole record gave none.
pub enum Fault {
    /// Broken JSON, at this byte of the record, counted from 0: the document can't be read.
    Broken(usize),
    /// Sound JSON that is no usable record; and of a game the id by which results would name it.
    Reason(String, Option<i64>),
}

/// Reads a record of which `bytes` holds all and nothing else; what is odd about it and could be left out is noted.
///
/// # Errors
/// When it is none.
pub fn parse_whole<'a, R: RawRecord<'a>>(
    bytes: &'a [u8],
    calendar: Calendar,
    odd: &mut Vec<String>,
) -> Result<R::Record, Fault> {
    if let Some((record, _)) = parse_front::<R>(bytes, calendar) {
        return Ok(record);
    }
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes) {
        return Err(Fault::Broken(byte_of(&error, bytes)));
    }
    let members = Members::parse(bytes).map_err(|reason| Fault::Reason(reason, None))?;
    R::read(&members, calendar, odd).map_err(|reason| {
        let id = match R::SECTION {
            Section::Games => members.integer("id").ok(),
            Section::Results => None,
        };
        Fault::Reason(reason, id)
    })
}
