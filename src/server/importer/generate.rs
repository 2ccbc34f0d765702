//! Made-up backups of any size, for benchmarks and tests. The same arguments give the same bytes.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use super::{
    decode::record::{GameRecord, ResultRecord, ResultStatus},
    encode::{GamesEncoder, ResultsEncoder},
};
use crate::server::feed::simulator::{chance::Chance, names::GAMES};

/// The day of the latest results.
const LAST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2025, 6, 22).unwrap();
/// When the backup pretends to have been written.
const EXPORTED_AT: DateTime<Utc> = LAST_DAY.and_hms_opt(17, 0, 0).unwrap().and_utc();

/// Writes a backup of so many games and results: one result of each game a day, going back in time.
///
/// A million results are about 239 MB.
///
/// # Errors
///
/// When the output can't be written to, or the results reach back beyond the calendar.
pub fn backup(games: u32, results: u32, out: &mut impl Write) -> io::Result<()> {
    let mut encoder = GamesEncoder::new(out, EXPORTED_AT)?;
    for number in 0..games {
        encoder.game(&GameRecord {
            file_id: file_id(number),
            base_game_id: Cow::Owned(base_game_id(number)),
            game_name: game_name(number),
            country_code: GAMES[number as usize % GAMES.len()]
                .country
                .map(Cow::Borrowed),
            is_active: number % 20 != 19,
            created_at: Some(created_at(number)),
        })?;
    }
    let mut encoder = encoder.results()?;
    for number in 0..results {
        write_result(&mut encoder, games, number)?;
    }
    encoder.finish()?;
    Ok(())
}

fn write_result<W: Write>(
    encoder: &mut ResultsEncoder<W>,
    games: u32,
    number: u32,
) -> io::Result<()> {
    let impossible = |why| io::Error::new(io::ErrorKind::InvalidInput, why);
    let game = number
        .checked_rem(games)
        .ok_or_else(|| impossible("results need at least one game"))?;
    let days_back = Days::new(u64::from(number / games));
    let result_date = LAST_DAY
        .checked_sub_days(days_back)
        .ok_or_else(|| impossible("so many results need more games"))?;
    let mut chance = Chance::new(&[u64::from(number)]);
    let status = match chance.below(50) {
        0 => ResultStatus::Cancelled,
        1 => ResultStatus::NoResult,
        _ => ResultStatus::Completed,
    };
    let mut value =
        |digits| (status == ResultStatus::Completed).then(|| chance.digits(digits).into());
    encoder.result(
        &base_game_id(game),
        &ResultRecord {
            game_file_id: file_id(game),
            code_game: None,
            result_date,
            result_3up: value(3),
            result_2down: value(2),
            result_4up: if game % 4 == 0 { value(4) } else { None },
            status,
            created_at: Some(created_at(number)),
        },
    )
}

/// An id that is not the position, so that nobody takes one for the other.
fn file_id(game: u32) -> i64 {
    i64::from(game) + 17
}

fn base_game_id(game: u32) -> String {
    format!("L03-01-{:06}", u64::from(game) * 10)
}

fn game_name(game: u32) -> Cow<'static, str> {
    let index = game as usize;
    let name = GAMES[index % GAMES.len()].name;
    match index / GAMES.len() {
        0 => Cow::Borrowed(name),
        round => Cow::Owned(format!("{name} {}", round + 1)),
    }
}

fn created_at(number: u32) -> DateTime<Utc> {
    EXPORTED_AT - TimeDelta::microseconds(1_000_001 * i64::from(number % 86_400) + 123_456)
}
