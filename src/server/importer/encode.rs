//! Writes a backup, record by record, in the form that [`decode`](super::decode) reads.
//!
//! Blanks follow commas and colons, as in the backups that people already keep.
//!
//! The order is in the types: [`GamesEncoder`] takes the games and becomes a [`ResultsEncoder`].
//! To stream a backup, encode into a `Vec<u8>` and take it from [`GamesEncoder::output`] or
//! [`ResultsEncoder::output`] whenever it is large enough.

use std::io::{self, Write};

use chrono::{DateTime, Utc};

use super::decode::record::{GameRecord, ResultRecord};
use crate::model::game::full_game_code;

/// Writes the head of a backup and its games.
#[derive(Debug)]
pub struct GamesEncoder<W> {
    out: W,
    games: u64,
}

/// Writes the results of a backup and its end.
#[derive(Debug)]
pub struct ResultsEncoder<W> {
    out: W,
    games: u64,
    results: u64,
}

impl<W: Write> GamesEncoder<W> {
    /// Begins a backup.
    ///
    /// # Errors
    ///
    /// When the output can't be written to; so with all methods here. A `Vec<u8>` always can.
    pub fn new(mut out: W, export_date: DateTime<Utc>) -> io::Result<Self> {
        let date = export_date.format("%Y-%m-%dT%H:%M:%S%.6f");
        write!(
            out,
            r#"{{"export_date": "{date}", "version": "1.0", "source": "numwatch", "games": ["#
        )?;
        Ok(Self { out, games: 0 })
    }

    /// Writes a game.
    ///
    /// # Errors
    ///
    /// When the output can't be written to.
    pub fn game(&mut self, game: &GameRecord<'_>) -> io::Result<()> {
        let out = &mut self.out;
        separate(out, self.games)?;
        self.games += 1;
        write!(out, r#"{{"id": {}, "base_game_id": "#, game.file_id)?;
        text(out, &game.base_game_id)?;
        out.write_all(br#", "game_name": "#)?;
        text(out, &game.game_name)?;
        out.write_all(br#", "country_code": "#)?;
        match &game.country_code {
            Some(code) => text(out, code)?,
            None => out.write_all(b"null")?,
        }
        write!(out, r#", "is_active": {}, "created_at": "#, game.is_active)?;
        instant(out, game.created_at)?;
        out.write_all(b"}")
    }

    /// Ends the games and begins the results.
    ///
    /// # Errors
    ///
    /// When the output can't be written to.
    pub fn results(mut self) -> io::Result<ResultsEncoder<W>> {
        self.out.write_all(br#"], "results": ["#)?;
        Ok(ResultsEncoder {
            out: self.out,
            games: self.games,
            results: 0,
        })
    }

    /// What is written to.
    pub const fn output(&mut self) -> &mut W {
        &mut self.out
    }
}

impl<W: Write> ResultsEncoder<W> {
    /// Writes a result of the game with this `base_game_id`. Results are numbered as they come.
    ///
    /// # Errors
    ///
    /// When the output can't be written to.
    pub fn result(&mut self, base_game_id: &str, result: &ResultRecord<'_>) -> io::Result<()> {
        let out = &mut self.out;
        separate(out, self.results)?;
        self.results += 1;
        let (id, date) = (self.results, result.result_date);
        write!(out, r#"{{"id": {id}, "game_id": {}"#, result.game_file_id)?;
        out.write_all(br#", "full_game_code": "#)?;
        text(out, &full_game_code(base_game_id, date))?;
        write!(out, r#", "result_date": "{date}""#)?;
        for (name, value) in [
            ("result_3up", &result.result_3up),
            ("result_2down", &result.result_2down),
            ("result_4up", &result.result_4up),
        ] {
            write!(out, r#", "{name}": "#)?;
            match value {
                Some(value) => text(out, value)?,
                None => out.write_all(b"null")?,
            }
        }
        write!(out, r#", "status": "{}", "created_at": "#, result.status)?;
        instant(out, result.created_at)?;
        out.write_all(b"}")
    }

    /// Ends the backup and hands back the output.
    ///
    /// # Errors
    ///
    /// When the output can't be written to.
    pub fn finish(mut self) -> io::Result<W> {
        write!(
            self.out,
            r#"], "stats": {{"total_games": {}, "total_results": {}}}}}"#,
            self.games, self.results
        )?;
        Ok(self.out)
    }

    /// What is written to.
    pub const fn output(&mut self) -> &mut W {
        &mut self.out
    }
}

fn separate(out: &mut impl Write, before: u64) -> io::Result<()> {
    if before == 0 {
        return Ok(());
    }
    out.write_all(b", ")
}

fn text(out: &mut impl Write, text: &str) -> io::Result<()> {
    Ok(serde_json::to_writer(out, text)?)
}

fn instant(out: &mut impl Write, instant: Option<DateTime<Utc>>) -> io::Result<()> {
    match instant {
        Some(instant) => write!(
            out,
            r#""{}+00:00""#,
            instant.format("%Y-%m-%dT%H:%M:%S%.6f")
        ),
        None => out.write_all(b"null"),
    }
}
