//! Tests of the decoders, and what they share.

mod backup;
mod corpus;
mod encoding;
mod instant;
mod properties;

use std::{borrow::Cow, fmt};

use chrono::NaiveDate;

use super::{
    DecodeError,
    backup::{BackupDecoder, BackupSink, BackupSummary},
    calendar::Calendar,
    feed::{FeedDay, Question, decode_day},
    record::{GameRecord, Oddity, Reject, ResultRecord},
};

/// The calendar of 27 June 2025, when most samples were made.
fn calendar() -> Calendar {
    Calendar::new(NaiveDate::from_ymd_opt(2025, 6, 27).expect("a date"))
}

/// Decodes an answer that nobody asked for.
fn decode_feed(body: &[u8]) -> Result<FeedDay, DecodeError> {
    let calendar = calendar();
    decode_day(
        body,
        Question {
            day: None,
            calendar,
        },
    )
}

/// Something that a decoder gave out.
#[derive(Debug, PartialEq)]
enum Event {
    Game(u64, GameRecord<'static>),
    Result(u64, ResultRecord<'static>),
    Reject(Reject),
    Odd(Oddity),
    Metadata(Option<String>, Option<i64>),
}

/// Keeps all that a decoder gives out.
#[derive(Debug, Default, PartialEq)]
struct Recorder(Vec<Event>);

impl BackupSink for Recorder {
    fn game(&mut self, position: u64, game: GameRecord<'_>) {
        let game = GameRecord {
            base_game_id: Cow::Owned(game.base_game_id.into_owned()),
            game_name: Cow::Owned(game.game_name.into_owned()),
            country_code: game.country_code.map(|code| Cow::Owned(code.into_owned())),
            ..game
        };
        self.0.push(Event::Game(position, game));
    }

    fn result(&mut self, position: u64, result: ResultRecord<'_>) {
        let owned = |value: Option<Cow<'_, str>>| value.map(|value| Cow::Owned(value.into_owned()));
        let result = ResultRecord {
            code_game: owned(result.code_game),
            result_3up: owned(result.result_3up),
            result_2down: owned(result.result_2down),
            result_4up: owned(result.result_4up),
            ..result
        };
        self.0.push(Event::Result(position, result));
    }

    fn reject(&mut self, reject: Reject) {
        self.0.push(Event::Reject(reject));
    }

    fn odd(&mut self, oddity: Oddity) {
        self.0.push(Event::Odd(oddity));
    }

    fn metadata(&mut self, filename: Option<String>, file_size: Option<i64>) {
        self.0.push(Event::Metadata(filename, file_size));
    }
}

/// All that came of a backup.
#[derive(Debug, PartialEq)]
struct Outcome {
    events: Vec<Event>,
    end: Result<BackupSummary, DecodeError>,
}

/// Decodes a backup that arrives in these chunks.
fn decode<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut decoder = BackupDecoder::new(calendar());
    let mut recorder = Recorder::default();
    let end = chunks
        .into_iter()
        .try_for_each(|chunk| decoder.push(chunk, &mut recorder).map(drop))
        .and_then(|()| decoder.finish());
    Outcome {
        events: recorder.0,
        end,
    }
}

/// Decodes a backup that arrives all at once.
fn decode_whole(document: &[u8]) -> Outcome {
    decode([document])
}

/// A text for a snapshot: one line for what is good, the reason and the record for what is not.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.events {
            match event {
                Event::Game(position, game) => writeln!(f, "game {position}: {game:?}")?,
                Event::Result(position, result) => writeln!(f, "result {position}: {result:?}")?,
                Event::Odd(odd) => {
                    writeln!(
                        f,
                        "without {} {}: {}",
                        odd.section, odd.position, odd.reason
                    )?;
                }
                Event::Reject(reject) => write!(f, "{}", Rejected(reject))?,
                Event::Metadata(filename, file_size) => {
                    writeln!(f, "metadata: {filename:?}, {file_size:?}")?;
                }
            }
        }
        match &self.end {
            Ok(summary) => write!(f, "{} games, {} results", summary.games, summary.results),
            Err(error) => write!(f, "{error}"),
        }
    }
}

struct Rejected<'a>(&'a Reject);

impl fmt::Display for Rejected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reject {
            section,
            position,
            reason,
            record,
            file_id: _,
        } = self.0;
        writeln!(
            f,
            "reject {section} {position}: {reason}\n    {record:.120}"
        )
    }
}
