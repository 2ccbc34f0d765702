//! From bytes to records: pure functions without I/O, clock or database.
//!
//! - [`record`]: what a decoder gives out, and the limits that the columns set
//! - [`encoding`]: whatever a backup's text is encoded in, as the UTF-8 that its decoder reads
//! - [`backup`]: a backup of any size, chunk by chunk, in bounded memory
//! - [`feed`]: one day's answer of the results feed
//! - [`values`], [`calendar`], [`merging`]: what a value may be, what a date may be, and what two readings make
//!
//! A record that can't be used is a [`record::Reject`] and the rest goes on; a document that can't
//! be read is a [`DecodeError`] and ends the import. Both explain themselves in a sentence.
//!
//! Every oddity met in a real file belongs into `corpus/`, where a snapshot pins what becomes of it.

pub mod backup;
pub mod calendar;
pub mod encoding;
mod error;
pub mod feed;
mod instant;
mod members;
pub mod merging;
mod reasons;
pub mod record;
mod values;

#[cfg(test)]
mod tests;

pub use error::{DecodeError, Place, Section};

/// The byte order mark that some editors put before UTF-8.
const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// Where in `document` a JSON error is, counted in bytes from 0.
fn byte_of(error: &serde_json::Error, document: &[u8]) -> usize {
    // serde_json counts lines and columns from 1.
    let line_start = match error.line() {
        0 | 1 => 0,
        line => memchr::memchr_iter(b'\n', document)
            .nth(line - 2)
            .map_or(document.len(), |newline| newline + 1),
    };
    (line_start + error.column().saturating_sub(1)).min(document.len())
}
