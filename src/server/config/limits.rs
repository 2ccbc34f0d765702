//! How much may come in, how deep, how fast, and how much of it at once.

use std::time::Duration;

use super::{ConfigError, reader::Reader};

/// What a request, and what it brings, may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of an upload; once it is unpacked, too.
    pub upload: u64,
    /// How many imports of one account may wait at a time.
    pub waiting: u32,
    /// Bytes of one record in a backup, which is held in memory.
    pub record: usize,
    /// How many brackets of a record may stand within each other.
    pub depth: u32,
    /// Bytes of any other body.
    pub body: usize,
    /// Bytes of an address: path and parameters.
    pub address: usize,
    /// Bytes of a request's headers.
    pub headers: usize,
    /// How many headers a request may have.
    pub header_count: usize,
    /// For a request's head to arrive, and for the next request on a connection.
    pub head_time: Duration,
    /// A body of which nothing comes for so long has ended.
    pub idle: Duration,
    /// Bytes a second of an upload; 0: it may be as slow as it likes, if only it goes on.
    pub least_rate: u64,
    /// Connections of one process.
    pub connections: usize,
    /// Of them, those of one address that isn't this machine.
    pub connections_each: usize,
}

impl Limits {
    /// Reads them.
    ///
    /// # Errors
    /// On the first value that can't be used.
    pub fn read(read: &Reader) -> Result<Self, ConfigError> {
        Ok(Self {
            upload: read.number("NUMWATCH_MAX_UPLOAD_BYTES", 4 << 30, 1..=u64::MAX)?,
            waiting: read.number("NUMWATCH_MAX_WAITING", 1_000, 1..=1_000_000)?,
            record: read.number("NUMWATCH_MAX_RECORD_BYTES", 1 << 20, 1_000..=64 << 20)?,
            // Beyond the latter the decoder reads no JSON at all.
            depth: read.number("NUMWATCH_MAX_JSON_DEPTH", 64, 1..=127)?,
            body: read.number("NUMWATCH_MAX_BODY_BYTES", 256 << 10, 1_000..=64 << 20)?,
            // The connection itself takes 65,534 bytes and 100 headers, and refuses more without a word.
            address: read.number("NUMWATCH_MAX_URL_BYTES", 8 << 10, 500..=65_000)?,
            headers: read.number("NUMWATCH_MAX_HEADER_BYTES", 32 << 10, 1_000..=256 << 10)?,
            header_count: read.number("NUMWATCH_MAX_HEADERS", 64, 10..=100)?,
            head_time: read.seconds("NUMWATCH_HEAD_SECONDS", 30.0, 0.1)?,
            idle: read.seconds("NUMWATCH_BODY_IDLE_SECONDS", 30.0, 0.1)?,
            least_rate: read.number("NUMWATCH_MIN_UPLOAD_RATE", 500, 0..=1 << 30)?,
            connections: read.number("NUMWATCH_MAX_CONNECTIONS", 10_000, 1..=1 << 20)?,
            connections_each: read.number(
                "NUMWATCH_MAX_CONNECTIONS_PER_ADDRESS",
                1_000,
                1..=1 << 20,
            )?,
        })
    }
}
