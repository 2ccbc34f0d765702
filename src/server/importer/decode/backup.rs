//! The backup, of any size: chunks go in, records come out, and memory holds one record at most.
//!
//! A small state machine walks the document's own frame: its members, and the elements of `games`
//! and `results`. A record that lies whole within a chunk is parsed in place and borrows from it;
//! only one that spans two chunks is copied together first. How the document is cut into chunks
//! never changes the outcome.

mod frame;
mod metadata;
mod record;
mod scanner;
mod whereabouts;

use std::ops::ControlFlow;

use super::{
    byte_of,
    error::{DecodeError, Section},
    record::{GameRecord, Reject, ResultRecord},
};
use frame::{Member, State, Step, Target};
use metadata::Metadata;
use record::{Fault, RawGame, RawRecord, RawResult, parse_front, parse_whole};
use scanner::ValueScanner;

/// The largest record, in bytes. It bounds the memory that a hostile document can take.
const RECORD_MAX: usize = 1 << 20;
/// How much of a member's name an error quotes, in characters.
const QUOTED_NAME_MAX: usize = 60;

/// Takes what a backup holds, in the document's order.
pub trait BackupSink {
    /// A section begins. On `Break`, [`BackupDecoder::push`] stops right behind its beginning, so that its caller
    /// can do what a sink can't, such as wait.
    fn section(&mut self, _section: Section) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    /// A game; `position` is its number among the games, from 1.
    fn game(&mut self, position: u64, game: GameRecord<'_>);
    /// A result; `position` is its number among the results, from 1.
    fn result(&mut self, position: u64, result: ResultRecord<'_>);
    /// A record that is neither.
    fn reject(&mut self, reject: Reject);
    /// What the client says about the file. Nobody has checked it.
    fn metadata(&mut self, filename: Option<String>, file_size: Option<i64>);
}

/// How many records a backup held, rejected ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupSummary {
    pub games: u64,
    pub results: u64,
}

/// Decodes one backup.
#[derive(Debug)]
pub struct BackupDecoder {
    state: State,
    /// How many bytes of the document have been consumed.
    offset: u64,
    /// The name of the latest member.
    name: String,
    /// The value being read: where it began, its end, and what earlier chunks held of it.
    value_start: u64,
    scanner: ValueScanner,
    carry: Vec<u8>,
    /// How many records of each [`Section`] have been read, once its array has begun.
    counts: [Option<u64>; 2],
}

impl Default for BackupDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl BackupDecoder {
    /// A decoder that stands before the first byte.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: State::Start(0),
            offset: 0,
            name: String::new(),
            value_start: 0,
            scanner: ValueScanner::new(),
            carry: Vec::new(),
            counts: [None; 2],
        }
    }

    /// Decodes the next bytes. Answers how many: all, unless the sink asked for a break.
    ///
    /// # Errors
    ///
    /// When the document can't be read. Records before the error have already gone to the sink.
    pub fn push(&mut self, chunk: &[u8], sink: &mut impl BackupSink) -> Result<usize, DecodeError> {
        let mut rest = chunk;
        let mut flow = ControlFlow::Continue(());
        while let Some(&byte) = rest.first()
            && flow.is_continue()
        {
            let consumed = match self.state {
                State::Within(target) => self.value(target, rest, sink)?,
                state => match state.step(byte) {
                    Step::To(next) => {
                        self.state = next;
                        1
                    }
                    Step::Open(section) => {
                        let length = self.open(section)?;
                        flow = sink.section(section);
                        length
                    }
                    Step::Begin(target) => self.begin(target, rest, sink)?,
                    Step::Unexpected => return Err(self.unexpected(byte)),
                },
            };
            self.offset += consumed as u64;
            rest = &rest[consumed..];
        }
        Ok(chunk.len() - rest.len())
    }

    /// Ends the document.
    ///
    /// # Errors
    ///
    /// When the document is empty or cut off, or has no games or no results.
    pub fn finish(self) -> Result<BackupSummary, DecodeError> {
        let count = |section| self.counts[section as usize].ok_or(DecodeError::Missing { section });
        match self.state {
            State::Start(_) => Err(DecodeError::Empty),
            State::End => Ok(BackupSummary {
                games: count(Section::Games)?,
                results: count(Section::Results)?,
            }),
            _ => {
                let (place, byte) = (self.place(), self.offset);
                Err(self.endless(&[], DecodeError::Truncated { place, byte }))
            }
        }
    }

    fn open(&mut self, section: Section) -> Result<usize, DecodeError> {
        if self.counts[section as usize].replace(0).is_some() {
            let byte = self.offset;
            return Err(DecodeError::Repeated { section, byte });
        }
        self.state = State::Record {
            section,
            comma: false,
        };
        Ok(1)
    }

    /// Begins a value: reads a record in place if all of it is there.
    fn begin(
        &mut self,
        target: Target,
        rest: &[u8],
        sink: &mut impl BackupSink,
    ) -> Result<usize, DecodeError> {
        self.value_start = self.offset;
        let length = match target {
            Target::Record(Section::Games) => self.record_in_place::<RawGame>(rest, sink),
            Target::Record(Section::Results) => self.record_in_place::<RawResult>(rest, sink),
            Target::Name | Target::Member(_) => None,
        };
        if let Some(length) = length {
            return Ok(length);
        }
        self.scanner = ValueScanner::new();
        self.state = State::Within(target);
        self.value(target, rest, sink)
    }

    fn record_in_place<'a, R: RawRecord<'a>>(
        &mut self,
        rest: &'a [u8],
        sink: &mut impl BackupSink,
    ) -> Option<usize> {
        let (record, length) =
            parse_front::<R>(rest).filter(|(_, length)| *length <= RECORD_MAX)?;
        R::deliver(record, self.next_position(R::SECTION), sink);
        self.state = State::AfterRecord(R::SECTION);
        Some(length)
    }

    /// Goes on with a value, and completes it if it ends here.
    fn value(
        &mut self,
        target: Target,
        rest: &[u8],
        sink: &mut impl BackupSink,
    ) -> Result<usize, DecodeError> {
        let end = self.scanner.advance(rest);
        let length = end.unwrap_or(rest.len());
        let part = &rest[..length];
        if target == Target::Member(Member::Unknown) {
            if end.is_some() {
                self.state = State::AfterMember;
            }
        } else if self.carry.len() + length > RECORD_MAX {
            let place = self.place();
            return Err(self.endless(part, DecodeError::TooLarge { place }));
        } else if end.is_none() {
            self.carry.extend_from_slice(part);
        } else if self.carry.is_empty() {
            self.complete(target, part, sink)?;
        } else {
            let mut value = std::mem::take(&mut self.carry);
            value.extend_from_slice(part);
            self.complete(target, &value, sink)?;
            value.clear();
            self.carry = value;
        }
        Ok(length)
    }

    fn complete(
        &mut self,
        target: Target,
        value: &[u8],
        sink: &mut impl BackupSink,
    ) -> Result<(), DecodeError> {
        match target {
            Target::Name => {
                let name: String = serde_json::from_slice(value)
                    .map_err(|error| self.broken(value, byte_of(&error, value)))?;
                self.state = State::Colon(Member::named(&name));
                self.name = name.chars().take(QUOTED_NAME_MAX).collect();
            }
            Target::Member(_) => {
                let metadata = Metadata::parse(value).map_err(|at| self.broken(value, at))?;
                sink.metadata(metadata.filename, metadata.file_size);
                self.state = State::AfterMember;
            }
            Target::Record(section) => {
                match section {
                    Section::Games => self.record::<RawGame>(value, sink)?,
                    Section::Results => self.record::<RawResult>(value, sink)?,
                }
                self.state = State::AfterRecord(section);
            }
        }
        Ok(())
    }

    fn record<'a, R: RawRecord<'a>>(
        &mut self,
        bytes: &'a [u8],
        sink: &mut impl BackupSink,
    ) -> Result<(), DecodeError> {
        match parse_whole::<R>(bytes) {
            Ok(record) => R::deliver(record, self.next_position(R::SECTION), sink),
            Err(Fault::Broken(at)) => return Err(self.broken(bytes, at)),
            Err(Fault::Reason(reason)) => {
                let position = self.next_position(R::SECTION);
                sink.reject(Reject::new(R::SECTION.as_str(), position, reason, bytes));
            }
        }
        Ok(())
    }

    /// Counts one more record and gives its number.
    fn next_position(&mut self, section: Section) -> u64 {
        let position = self.count(section) + 1;
        self.counts[section as usize] = Some(position);
        position
    }

    fn count(&self, section: Section) -> u64 {
        self.counts[section as usize].unwrap_or(0)
    }
}
