//! Unpacks an upload while it arrives: gzip (RFC 1952), told by its first bytes, whatever the file is called.
//!
//! An upload may be packed twice: the file itself, and on the way by `Content-Encoding: gzip`. Nothing is unpacked more
//! often. A piece at a time comes out, so memory is bounded, however much a few bytes unpack to.

use std::io::Write as _;

use bytes::{Buf as _, Bytes};
use flate2::write::GzDecoder;
use thiserror::Error;

/// How a gzip archive begins.
const MAGIC: [u8; 2] = [0x1F, 0x8B];
/// What is unpacked may be so many times what has arrived. Backups unpack to ten times, seldom to thirty.
const MOST_TIMES: u64 = 200;
/// Until so many bytes are unpacked their ratio says nothing.
const UNCHECKED: u64 = 1 << 20;
/// Bytes that go into the decoder at once; an error is as near as this to what is broken.
const SLICE: usize = 1 << 10;
/// A piece that comes out is about this long, in bytes: never more than twice that.
const PIECE: usize = 32 << 10;

/// Why an upload can't be unpacked: a sentence for the person who sent it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    #[error(
        "The request says \"Content-Encoding: gzip\", but its body isn't packed with gzip. Leave that header out, or pack the body."
    )]
    NotPacked,
    #[error(
        "The file is packed with gzip and ends in the middle of it (byte {byte}). It looks like a download that was cut off; download it again."
    )]
    Truncated { byte: u64 },
    #[error(
        "The file is packed with gzip and can't be unpacked: it is broken near byte {byte}. It was damaged on its way; download it again, or unpack it yourself."
    )]
    Broken { byte: u64 },
    #[error(
        "The file is a decompression bomb: {arrived} bytes of it unpack to {unpacked} and more, over {MOST_TIMES} times as much, which no backup does. Check where it comes from; if you trust it, unpack it yourself."
    )]
    Bomb { arrived: u64, unpacked: u64 },
}

/// Unpacks one upload.
#[derive(Debug)]
pub struct Unpacker {
    arrived: u64,
    /// What the request's `Content-Encoding` has packed.
    way: Option<Layer>,
    file: Layer,
}

impl Unpacker {
    /// Stands before the first byte. `encoded`: the request says that its body is packed with gzip.
    #[must_use]
    pub fn new(encoded: bool) -> Self {
        Self {
            arrived: 0,
            way: encoded.then(|| Layer::new(true)),
            file: Layer::new(false),
        }
    }

    /// Takes what has arrived. Before more is given, [`Self::piece`] is asked until it has nothing left.
    pub fn take(&mut self, chunk: Bytes) {
        self.arrived += chunk.len() as u64;
        self.first().take(chunk);
    }

    /// Nothing more arrives; [`Self::piece`] then gives what is still to come.
    pub fn end(&mut self) {
        self.first().ended = true;
    }

    /// The next bytes of the file, unpacked. `None`: all of what has arrived is unpacked.
    ///
    /// # Errors
    /// When what has arrived can't be unpacked.
    pub fn piece(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            if let Some(piece) = self.file.piece()? {
                self.check(self.file.unpacked)?;
                return Ok(Some(piece));
            }
            let Some(way) = &mut self.way else {
                return Ok(None);
            };
            if let Some(piece) = way.piece()? {
                let unpacked = way.unpacked;
                self.check(unpacked)?;
                self.file.take(piece);
            } else if way.ended && !self.file.ended {
                self.file.ended = true;
            } else {
                return Ok(None);
            }
        }
    }

    /// Bytes that have arrived.
    #[must_use]
    pub const fn arrived(&self) -> u64 {
        self.arrived
    }

    fn first(&mut self) -> &mut Layer {
        self.way.as_mut().unwrap_or(&mut self.file)
    }

    fn check(&self, unpacked: u64) -> Result<(), Fault> {
        let arrived = self.arrived;
        if unpacked > UNCHECKED && unpacked > arrived.saturating_mul(MOST_TIMES) {
            return Err(Fault::Bomb { arrived, unpacked });
        }
        Ok(())
    }
}

/// What was packed once.
#[derive(Debug)]
struct Layer {
    state: State,
    /// What is packed must be.
    required: bool,
    /// Taken, and not read yet.
    packed: Bytes,
    ended: bool,
    /// Bytes that have been read.
    read: u64,
    unpacked: u64,
}

#[derive(Debug)]
enum State {
    /// Too little is there to tell what it is.
    Start,
    Plain,
    Member(Box<GzDecoder<Vec<u8>>>),
    /// After a member; another may follow.
    Between,
    /// After the last member: a file may be longer than what was written to it.
    Padding,
}

impl State {
    fn member() -> Self {
        Self::Member(Box::new(GzDecoder::new(Vec::new())))
    }
}

impl Layer {
    const fn new(required: bool) -> Self {
        Self {
            state: State::Start,
            required,
            packed: Bytes::new(),
            ended: false,
            read: 0,
            unpacked: 0,
        }
    }

    fn take(&mut self, chunk: Bytes) {
        self.packed = if self.packed.is_empty() {
            chunk
        } else {
            [&self.packed[..], &chunk[..]].concat().into()
        };
    }

    fn piece(&mut self) -> Result<Option<Bytes>, Fault> {
        loop {
            match &self.state {
                State::Start if self.packed.len() < MAGIC.len() && !self.ended => return Ok(None),
                State::Start if self.packed.starts_with(&MAGIC) => self.state = State::member(),
                State::Start if self.required => return Err(Fault::NotPacked),
                State::Start => self.state = State::Plain,
                State::Plain => {
                    let piece = std::mem::take(&mut self.packed);
                    self.unpacked += piece.len() as u64;
                    return Ok((!piece.is_empty()).then_some(piece));
                }
                State::Member(_) => {
                    let piece = self.unpack()?;
                    self.unpacked += piece.len() as u64;
                    if !piece.is_empty() {
                        return Ok(Some(piece));
                    }
                    if self.packed.is_empty() {
                        return Ok(None);
                    }
                }
                State::Between => match self.packed.first() {
                    None => return Ok(None),
                    Some(0) => self.state = State::Padding,
                    Some(_) => self.state = State::member(),
                },
                State::Padding => {
                    if let Some(at) = self.packed.iter().position(|byte| *byte != 0) {
                        let byte = self.read + at as u64 + 1;
                        return Err(Fault::Broken { byte });
                    }
                    self.read += self.packed.len() as u64;
                    self.packed.clear();
                    return Ok(None);
                }
            }
        }
    }

    /// Goes on with a member, to the end of what is there or until a piece is full. Empty: nothing came of it yet.
    fn unpack(&mut self) -> Result<Bytes, Fault> {
        let State::Member(decoder) = &mut self.state else {
            return Ok(Bytes::new());
        };
        while decoder.get_ref().len() < PIECE {
            if self.packed.is_empty() {
                if !self.ended {
                    break;
                }
                // A member that is whole takes no further byte.
                if !matches!(decoder.write(&[0]), Ok(0)) {
                    return Err(Fault::Truncated { byte: self.read });
                }
                return self.end_of_member();
            }
            let slice = &self.packed[..self.packed.len().min(SLICE)];
            match decoder.write(slice) {
                Ok(0) => return self.end_of_member(),
                Ok(length) => {
                    self.packed.advance(length);
                    self.read += length as u64;
                }
                Err(_) => {
                    let byte = self.read + 1;
                    return Err(Fault::Broken { byte });
                }
            }
        }
        Ok(std::mem::take(decoder.get_mut()).into())
    }

    /// The rest of a member, whose checksum is right.
    fn end_of_member(&mut self) -> Result<Bytes, Fault> {
        match std::mem::replace(&mut self.state, State::Between) {
            State::Member(decoder) => match decoder.finish() {
                Ok(rest) => Ok(rest.into()),
                Err(_) => Err(Fault::Broken { byte: self.read }),
            },
            _ => Ok(Bytes::new()),
        }
    }
}

#[cfg(test)]
#[path = "unpack_tests.rs"]
mod tests;
