//! The results feed: one day's answer, read as a whole. A day is some tens of kilobytes.

mod sections;

use std::collections::{HashMap, hash_map::Entry};

use chrono::NaiveDate;
use serde_json::error::Category;

use self::sections::{Section, sections};
use super::{
    BOM, byte_of,
    calendar::Calendar,
    error::DecodeError,
    instant,
    members::Members,
    merging::merged,
    reasons::{fitting, wrong},
    record::{BASE_GAME_ID_MAX, COUNTRY_CODE_MAX, DrawRecord, GAME_NAME_MAX, Reject},
    values,
};
use crate::model::{difference::DrawValues, import_log::REJECTS_KEPT};

/// What a game code has to be.
const GAME_CODE_FORM: &str =
    "a game id, a dash and a date of the calendar, such as \"L03-01-000500-20250622\"";

/// How much of a section's name is kept, in characters.
const SECTION_MAX: usize = 60;

/// The members that are read of an item.
const MEMBERS: [&str; 6] = [
    "GAME_CODE",
    "GAME_NAME",
    "COUNTRY_CODE",
    "RESULT_3UP",
    "RESULT_2DOWN",
    "RESULT_4UP",
];

/// What the feed was asked.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// The day; `None` for an answer that nobody asked for, such as the sample.
    pub day: Option<NaiveDate>,
    pub calendar: Calendar,
}

/// One day of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedDay {
    /// Each draw once, in the order in which they first appear, its repetitions merged.
    pub draws: Vec<DrawRecord>,
    /// The first [`REJECTS_KEPT`] of them.
    pub rejects: Vec<Reject>,
    /// All of them.
    pub rejected: u64,
    /// Draws that were taken without a country code which isn't understood, and what is wrong with the first.
    pub odd: Option<(u64, String)>,
}

/// Decodes the feed's answer to the question about one day.
///
/// # Errors
///
/// When the answer is no JSON object, or one without any section. A bad item within it is a reject.
pub fn decode_day(body: &[u8], question: Question) -> Result<FeedDay, DecodeError> {
    let json = body.strip_prefix(&BOM).unwrap_or(body).trim_ascii_start();
    match json.first() {
        None => return Err(DecodeError::FeedEmpty),
        Some(b'{') => {}
        Some(b'<') => return Err(DecodeError::FeedWebPage),
        Some(&found) => return Err(DecodeError::FeedNotAnObject { found }),
    }
    let skipped = body.len() - json.len();
    let text = Text::of(json);
    let members = sections(&text.text).map_err(|error| match error.classify() {
        Category::Eof => DecodeError::FeedTruncated {
            byte: body.len() as u64,
        },
        _ => DecodeError::FeedBroken {
            byte: (skipped + byte_of(&error, text.text.as_bytes())) as u64 + 1,
        },
    })?;
    if members.iter().all(|(_, section)| section.is_none()) {
        return Err(DecodeError::FeedNoSections {
            members: members
                .into_iter()
                .map(|(name, _)| text.name(&name))
                .collect(),
        });
    }
    let mut day = DayBuilder::default();
    for (name, section) in members {
        match section {
            None => {}
            Some(Section::Unreadable(record)) => {
                let reason = "The section can't be read: its \"lists\" must be an array.";
                day.reject(text.name(&name), 0, reason.to_owned(), &text.shown(record));
            }
            Some(Section::Items(items)) => {
                for (item, position) in items.into_iter().zip(1..) {
                    let item = item.get();
                    match text.sound(item).and_then(|()| read(item, question)) {
                        Ok(None) => {}
                        Ok(Some((draw, odd))) => {
                            day.add(draw);
                            day.note(odd);
                        }
                        Err(why) => day.reject(text.name(&name), position, why, &text.shown(item)),
                    }
                }
            }
        }
    }
    Ok(day.day)
}

/// An answer as text. A byte that is no UTF-8 spoils the item that holds it, not the answer: in its place stands a
/// character that the answer doesn't hold elsewhere.
struct Text<'a> {
    text: std::borrow::Cow<'a, str>,
    mark: Option<char>,
}

impl<'a> Text<'a> {
    fn of(json: &'a [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(json) {
            return Self {
                text: text.into(),
                mark: None,
            };
        }
        let lossy = String::from_utf8_lossy(json);
        // The private use area: 6,400 characters, of which no answer holds all.
        let mark = ('\u{e000}'..='\u{f8ff}').find(|mark| !lossy.contains(*mark));
        let mark = mark.unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut text = String::with_capacity(json.len());
        for chunk in json.utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                text.push(mark);
            }
        }
        Self {
            text: text.into(),
            mark: Some(mark),
        }
    }

    /// Refuses an item that holds a byte which is no UTF-8.
    fn sound(&self, item: &str) -> Result<(), String> {
        match self.mark.and_then(|mark| item.find(mark)) {
            Some(at) => Err(format!(
                "The record is not valid UTF-8 (its byte {}).",
                at + 1
            )),
            None => Ok(()),
        }
    }

    /// A section's name as it is shown, cut to a readable length.
    fn name(&self, name: &str) -> String {
        self.shown(name).chars().take(SECTION_MAX).collect()
    }

    /// A part of the answer as it is shown.
    fn shown(&self, part: &str) -> String {
        match self.mark {
            Some(mark) => part.replace(mark, "\u{fffd}"),
            None => part.to_owned(),
        }
    }
}

#[derive(Default)]
struct DayBuilder {
    day: FeedDay,
    /// Where in `day.draws` each draw stands.
    known: HashMap<(String, NaiveDate), usize>,
}

impl DayBuilder {
    fn add(&mut self, draw: DrawRecord) {
        match self
            .known
            .entry((draw.base_game_id.clone(), draw.result_date))
        {
            Entry::Occupied(known) => {
                let known = &mut self.day.draws[*known.get()];
                known.values = merged(&known.values, &draw.values);
                known.game_name = draw.game_name;
                if draw.country_code.is_some() {
                    known.country_code = draw.country_code;
                }
            }
            Entry::Vacant(unknown) => {
                unknown.insert(self.day.draws.len());
                self.day.draws.push(draw);
            }
        }
    }

    fn note(&mut self, odd: Option<String>) {
        if let Some(why) = odd {
            self.day.odd.get_or_insert((0, why)).0 += 1;
        }
    }

    fn reject(&mut self, section: String, position: u64, reason: String, record: &str) {
        self.day.rejected += 1;
        if self.day.rejects.len() < REJECTS_KEPT {
            let reject = Reject::new(section, position, reason, record.as_bytes());
            self.day.rejects.push(reject);
        }
    }
}

/// A draw, and what is wrong with a member that it is taken without.
type Taken = (DrawRecord, Option<String>);

fn read(item: &str, question: Question) -> Result<Option<Taken>, String> {
    draw(&Members::parse(item.as_bytes())?, question)
}

/// The draw that an item tells of; `None` for an item without a game code.
fn draw(item: &Members, question: Question) -> Result<Option<Taken>, String> {
    item.each_once(&MEMBERS)?;
    let Some(code) = item
        .text("GAME_CODE")?
        .map(str::trim)
        .filter(|code| !code.is_empty())
    else {
        return Ok(None);
    };
    let (game_id, result_date) = dated(code, question)?;
    let up3 = item.value("RESULT_3UP")?;
    let down2 = item.value("RESULT_2DOWN")?;
    let up4 = item.value("RESULT_4UP")?;
    let status = values::status([&up3, &down2, &up4]);
    let [result_3up, result_2down, result_4up] =
        [up3, down2, up4].map(|value| value.digits().map(std::borrow::Cow::into_owned));
    // Nothing hangs on the country: an odd one costs itself, not the digits.
    let (country_code, odd) = match item.optional_text("COUNTRY_CODE", COUNTRY_CODE_MAX) {
        Ok(code) => (code.map(str::to_owned), None),
        Err(why) => (None, Some(why)),
    };
    let draw = DrawRecord {
        base_game_id: fitting("GAME_CODE's game id", game_id, BASE_GAME_ID_MAX)?.to_owned(),
        game_name: item
            .required_text("GAME_NAME", GAME_NAME_MAX)?
            .trim()
            .to_owned(),
        country_code,
        result_date,
        values: DrawValues {
            result_3up,
            result_2down,
            result_4up,
            status,
        },
    };
    Ok(Some((draw, odd)))
}

/// The game id and the date of a game code, which must be the one that was asked for.
fn dated(code: &str, question: Question) -> Result<(&str, NaiveDate), String> {
    let odd = || wrong("GAME_CODE", &code.into(), GAME_CODE_FORM);
    let (game_id, digits) = code.rsplit_once('-').ok_or_else(odd)?;
    let written = instant::dashed(digits).ok_or_else(odd)?;
    let game_id = game_id.trim();
    if game_id.is_empty() {
        return Err(odd());
    }
    let date = question.calendar.read("GAME_CODE's date", &written)?;
    match question.day {
        Some(day) if day != date => Err(format!("It is dated {date}, asked for {day}.")),
        _ => Ok((game_id, date)),
    }
}
