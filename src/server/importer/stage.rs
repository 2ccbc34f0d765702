//! Decoded records on their way into the staging tables: rows in PostgreSQL's binary `COPY` format.
//!
//! The format is that of the PostgreSQL manual, `COPY` § "Binary Format": a header, then per row the number of
//! fields and each field with its length (-1: null), then a trailer. All integers are big-endian; a date counts
//! days and a timestamp microseconds from 2000-01-01.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, postgres::PgCopyIn};
use tokio::sync::mpsc;

use super::decode::record::{GameRecord, ResultRecord};
use crate::server::db::staging::{self, Table};

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: &[u8] = &(-1_i16).to_be_bytes();

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

/// Collects rows into pieces.
#[derive(Debug)]
pub struct Rows {
    table: Table,
    piece: Vec<u8>,
    full: Vec<Piece>,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            table: Table::Games,
            piece: Vec::with_capacity(PIECE + 1024),
            full: Vec::new(),
        }
    }
}

impl Rows {
    pub fn game(&mut self, position: i64, game: &GameRecord<'_>) {
        self.begin(Table::Games, 6);
        self.i64(position);
        self.i64(game.file_id);
        self.text(&game.base_game_id);
        self.text(&game.game_name);
        self.field(&[u8::from(game.is_active)]);
        self.instant(game.created_at);
    }

    pub fn result(&mut self, position: i64, result: &ResultRecord<'_>) {
        self.begin(Table::Results, 8);
        self.i64(position);
        self.i64(result.game_file_id);
        self.date(result.result_date);
        for value in [&result.result_3up, &result.result_2down, &result.result_4up] {
            match value {
                Some(text) => self.text(text),
                None => self.null(),
            }
        }
        self.text(result.status.as_str());
        self.instant(result.created_at);
    }

    /// Takes the pieces that are full; with `all`, the last one too.
    pub fn take(&mut self, all: bool) -> Vec<Piece> {
        if self.piece.len() >= PIECE || (all && !self.piece.is_empty()) {
            self.close_piece();
        }
        std::mem::take(&mut self.full)
    }

    fn close_piece(&mut self) {
        let rows = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE + 1024));
        self.full.push(Piece {
            table: self.table,
            rows,
        });
    }

    fn begin(&mut self, table: Table, fields: i16) {
        if (self.table != table && !self.piece.is_empty()) || self.piece.len() >= PIECE {
            self.close_piece();
        }
        self.table = table;
        self.piece.extend_from_slice(&fields.to_be_bytes());
    }

    fn field(&mut self, value: &[u8]) {
        // A field comes from a record, and records are far smaller than 2 GB.
        let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
        self.piece.extend_from_slice(&length.to_be_bytes());
        self.piece.extend_from_slice(value);
    }

    fn null(&mut self) {
        self.piece.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    fn i64(&mut self, value: i64) {
        self.field(&value.to_be_bytes());
    }

    fn text(&mut self, value: &str) {
        self.field(value.as_bytes());
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

/// Copies pieces into the staging tables as they come, until the channel is closed.
///
/// # Errors
/// When the database refuses.
pub async fn load(db: &mut PgConnection, mut pieces: mpsc::Receiver<Piece>) -> sqlx::Result<()> {
    let mut next = pieces.recv().await;
    while let Some(Piece { table, rows }) = next {
        let mut copy = staging::copy(&mut *db, table).await?;
        copy.send(HEADER).await?;
        copy.send(rows).await?;
        next = copy_table(&mut copy, table, &mut pieces).await?;
        copy.send(TRAILER).await?;
        copy.finish().await?;
    }
    Ok(())
}

/// Copies pieces of one table; answers the first of the other.
async fn copy_table(
    copy: &mut PgCopyIn<&mut PgConnection>,
    table: Table,
    pieces: &mut mpsc::Receiver<Piece>,
) -> sqlx::Result<Option<Piece>> {
    while let Some(piece) = pieces.recv().await {
        if piece.table != table {
            return Ok(Some(piece));
        }
        copy.send(piece.rows).await?;
    }
    Ok(None)
}
