//! Decoded records on their way into the database: rows in PostgreSQL's binary `COPY` format.
//!
//! The format is that of the PostgreSQL manual, `COPY` § "Binary Format": a header, then per row the number of
//! fields and each field with its length (-1: null), then a trailer. All integers are big-endian; a date counts
//! days and a timestamp microseconds from 2000-01-01.

use chrono::{DateTime, NaiveDate, Utc};

use super::decode::record::{GameRecord, ResultRecord};
use crate::server::db::staging::Table;

pub const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
pub const TRAILER: &[u8] = &(-1_i16).to_be_bytes();

/// 2000-01-01, as days from 0001-01-01 and as microseconds from 1970-01-01.
const EPOCH_DAYS_FROM_CE: i32 = 730_120;
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// A piece is handed to PostgreSQL when it has grown to this many bytes.
const PIECE: usize = 256 * 1024;

/// Some rows for one of the tables.
#[derive(Debug)]
pub struct Piece {
    pub table: Table,
    pub rows: Vec<u8>,
}

/// Collects rows into pieces, one for each table.
#[derive(Debug, Default)]
pub struct Rows {
    staged_games: Vec<u8>,
    staged_results: Vec<u8>,
    results: Vec<u8>,
}

impl Rows {
    pub fn staged_game(&mut self, position: i64, game: &GameRecord<'_>) {
        let mut row = Row::begin(&mut self.staged_games, 7);
        row.i64(position);
        row.i64(game.file_id);
        row.text(&game.base_game_id);
        row.text(&game.game_name);
        row.optional(game.country_code.as_deref());
        row.field(&[u8::from(game.is_active)]);
        row.instant(game.created_at);
    }

    /// A game that was rejected, so that results which name it are told so.
    pub fn rejected_game(&mut self, position: i64, file_id: i64) {
        let mut row = Row::begin(&mut self.staged_games, 7);
        row.i64(position);
        row.i64(file_id);
        for _ in 0..5 {
            row.null();
        }
    }

    /// A result that is to be merged.
    pub fn staged_result(&mut self, position: i64, result: &ResultRecord<'_>) {
        let mut row = Row::begin(&mut self.staged_results, 9);
        row.i64(position);
        row.i64(result.game_file_id);
        row.optional(result.code_game.as_deref());
        row.draw(result);
        row.instant(result.created_at);
    }

    /// A result of a game that the same transaction created, as this import's.
    pub fn result(
        &mut self,
        game_id: i32,
        result: &ResultRecord<'_>,
        import_id: i32,
        now: DateTime<Utc>,
    ) {
        let mut row = Row::begin(&mut self.results, 8);
        row.field(&game_id.to_be_bytes());
        row.draw(result);
        row.instant(Some(result.created_at.unwrap_or(now)));
        row.field(&import_id.to_be_bytes());
    }

    /// Takes the pieces that are full; with `all`, the others too.
    pub fn take(&mut self, all: bool) -> impl Iterator<Item = Piece> {
        [
            (Table::StagedGames, &mut self.staged_games),
            (Table::StagedResults, &mut self.staged_results),
            (Table::Results, &mut self.results),
        ]
        .into_iter()
        .filter(move |(_, rows)| rows.len() >= PIECE || (all && !rows.is_empty()))
        .map(|(table, rows)| Piece {
            table,
            rows: std::mem::replace(rows, Vec::with_capacity(PIECE + 1024)),
        })
    }
}

/// A row that is being written.
struct Row<'a>(&'a mut Vec<u8>);

impl<'a> Row<'a> {
    fn begin(rows: &'a mut Vec<u8>, fields: i16) -> Self {
        rows.extend_from_slice(&fields.to_be_bytes());
        Self(rows)
    }

    /// What both tables of results hold in the same order.
    fn draw(&mut self, result: &ResultRecord<'_>) {
        self.date(result.result_date);
        for value in result.values() {
            self.optional(value);
        }
        self.text(result.status.as_str());
    }

    fn field(&mut self, value: &[u8]) {
        // A field comes from a record, and records are far smaller than 2 GB.
        let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(value);
    }

    fn null(&mut self) {
        self.0.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    fn i64(&mut self, value: i64) {
        self.field(&value.to_be_bytes());
    }

    fn text(&mut self, value: &str) {
        self.field(value.as_bytes());
    }

    fn optional(&mut self, value: Option<&str>) {
        match value {
            Some(text) => self.text(text),
            None => self.null(),
        }
    }

    fn date(&mut self, value: NaiveDate) {
        use chrono::Datelike as _;
        self.field(&(value.num_days_from_ce() - EPOCH_DAYS_FROM_CE).to_be_bytes());
    }

    fn instant(&mut self, value: Option<DateTime<Utc>>) {
        match value {
            Some(instant) => self.field(&(instant.timestamp_micros() - EPOCH_MICROS).to_be_bytes()),
            None => self.null(),
        }
    }
}
