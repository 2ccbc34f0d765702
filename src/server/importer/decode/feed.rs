//! The results feed: one day's answer, read as a whole. A day is some tens of kilobytes.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, hash_map::Entry},
    fmt,
};

use chrono::NaiveDate;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{error::Category, value::RawValue};

use super::{
    BOM, byte_of,
    error::DecodeError,
    instant,
    members::{Members, fitting, wrong},
    record::{
        BASE_GAME_ID_MAX, COUNTRY_CODE_MAX, DrawRecord, GAME_NAME_MAX, RESULT_VALUE_MAX, Reject,
    },
    result_text::{self, Reading},
};

/// What a game code has to be.
const GAME_CODE_FORM: &str =
    "a game id, a dash and a date of the calendar, such as \"L03-01-000500-20250622\"";

/// One day of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedDay {
    /// Each draw once, in the order in which they first appear.
    pub draws: Vec<DrawRecord>,
    pub rejects: Vec<Reject>,
    /// How many readings of a draw were replaced by a later one.
    pub duplicates: u64,
}

/// Decodes the feed's answer to the question about one day.
///
/// # Errors
///
/// When the answer is no JSON object. A bad item within it is a reject.
pub fn decode_day(body: &[u8]) -> Result<FeedDay, DecodeError> {
    let json = body.strip_prefix(&BOM).unwrap_or(body).trim_ascii_start();
    match json.first() {
        None => return Err(DecodeError::FeedEmpty),
        Some(b'{') => {}
        Some(b'<') => return Err(DecodeError::FeedWebPage),
        Some(&found) => return Err(DecodeError::FeedNotAnObject { found }),
    }
    let Sections(sections) = serde_json::from_slice(json).map_err(|error| {
        let skipped = body.len() - json.len();
        match error.classify() {
            Category::Eof => DecodeError::FeedTruncated {
                byte: body.len() as u64,
            },
            _ => DecodeError::FeedBroken {
                byte: (skipped + byte_of(&error, json)) as u64 + 1,
            },
        }
    })?;
    let mut day = DayBuilder::default();
    for (name, section) in sections {
        for (item, position) in items(section).into_iter().zip(1..) {
            day.read(&name, position, item);
        }
    }
    Ok(day.day)
}

/// The members of the answer in their order, which decides whose reading of a draw is the last.
struct Sections<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Sections<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SectionsVisitor;
        impl<'de> Visitor<'de> for SectionsVisitor {
            type Value = Sections<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of sections")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut sections = Vec::new();
                while let Some(section) = map.next_entry()? {
                    sections.push(section);
                }
                Ok(Sections(sections))
            }
        }
        deserializer.deserialize_map(SectionsVisitor)
    }
}

/// The items of a section; none if it is no section or has no `lists`.
fn items(section: &RawValue) -> Vec<&RawValue> {
    serde_json::from_str::<BTreeMap<Cow<'_, str>, &RawValue>>(section.get())
        .ok()
        .and_then(|section| serde_json::from_str(section.get("lists")?.get()).ok())
        .unwrap_or_default()
}

#[derive(Default)]
struct DayBuilder {
    day: FeedDay,
    /// Where in `day.draws` each draw stands.
    known: HashMap<(String, NaiveDate), usize>,
}

impl DayBuilder {
    fn read(&mut self, section: &str, position: u64, item: &RawValue) {
        let item = item.get().as_bytes();
        match Members::parse(item).and_then(|members| draw(&members)) {
            Ok(None) => {}
            Ok(Some(draw)) => self.add(draw),
            Err(reason) => {
                let reject = Reject::new(section.to_owned(), position, reason, item);
                self.day.rejects.push(reject);
            }
        }
    }

    fn add(&mut self, draw: DrawRecord) {
        match self
            .known
            .entry((draw.base_game_id.clone(), draw.result_date))
        {
            Entry::Occupied(known) => {
                self.day.draws[*known.get()] = draw;
                self.day.duplicates += 1;
            }
            Entry::Vacant(unknown) => {
                unknown.insert(self.day.draws.len());
                self.day.draws.push(draw);
            }
        }
    }
}

/// The draw that an item tells of; `None` for an item without a game code.
fn draw(item: &Members) -> Result<Option<DrawRecord>, String> {
    let Some(code) = item
        .text("GAME_CODE")?
        .map(str::trim)
        .filter(|code| !code.is_empty())
    else {
        return Ok(None);
    };
    let (game_id, date) = code
        .rsplit_once('-')
        .and_then(|(game_id, date)| Some((game_id, instant::compact_date(date)?)))
        .filter(|(game_id, _)| !game_id.is_empty())
        .ok_or_else(|| wrong("GAME_CODE", &code.into(), GAME_CODE_FORM))?;
    let game_name = item.required_text("GAME_NAME", GAME_NAME_MAX)?.trim();
    let (result_3up, up3) = result(item, "RESULT_3UP")?;
    let (result_2down, down2) = result(item, "RESULT_2DOWN")?;
    let (result_4up, up4) = result(item, "RESULT_4UP")?;
    Ok(Some(DrawRecord {
        base_game_id: fitting("GAME_CODE's game id", game_id, BASE_GAME_ID_MAX)?.to_owned(),
        game_name: game_name.to_owned(),
        country_code: item
            .optional_text("COUNTRY_CODE", COUNTRY_CODE_MAX)?
            .map(str::to_owned),
        result_date: date,
        result_3up,
        result_2down,
        result_4up,
        status: result_text::status([up3, down2, up4]),
    }))
}

/// A result's value and what its text says. Anything but text counts as no value here.
fn result(item: &Members, name: &str) -> Result<(Option<String>, Reading), String> {
    let text = item.text_if_any(name).unwrap_or_default().trim();
    let reading = Reading::of(text);
    let value = (reading == Reading::Value)
        .then(|| fitting(name, text, RESULT_VALUE_MAX).map(str::to_owned))
        .transpose()?;
    Ok((value, reading))
}
