//! The backup, of any size: chunks go in, records come out, and memory holds one record at most.
//!
//! A small state machine walks the document's own frame: its members, and the elements of `games`
//! and `results`. A record that lies whole within a chunk is parsed in place and borrows from it;
//! only one that spans two chunks is copied together first. How the document is cut into chunks
//! never changes the outcome.
//!
//! Above 300 lines, since the machine's states are to be seen with what leads from one to the next.

mod frame;
mod limits;
mod metadata;
mod record;
mod scanner;
mod sink;
mod text;
mod whereabouts;

use std::ops::ControlFlow;

use super::{
    byte_of,
    calendar::Calendar,
    error::{DecodeError, Section},
    record::{Oddity, Reject},
};
use frame::{Member, State, Step, Target};
use metadata::Metadata;
use record::{Fault, RawGame, RawRecord, RawResult, parse_front, parse_whole};
use scanner::ValueScanner;

pub use limits::RecordLimits;
pub use sink::BackupSink;

/// How much of a member's name an error quotes, in characters.
const QUOTED_NAME_MAX: usize = 60;

/// How many records a backup held, rejected ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupSummary {
    pub games: u64,
    pub results: u64,
}

/// Decodes one backup.
#[derive(Debug)]
pub struct BackupDecoder {
    calendar: Calendar,
    limits: RecordLimits,
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

impl BackupDecoder {
    /// A decoder that stands before the first byte.
    #[must_use]
    pub const fn new(calendar: Calendar) -> Self {
        Self::within(calendar, RecordLimits::USUAL)
    }

    /// The same with other limits.
    #[must_use]
    pub const fn within(calendar: Calendar, limits: RecordLimits) -> Self {
        Self {
            calendar,
            limits,
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
            Target::Record(Section::Games) => {
                self.in_place::<RawGame>(rest).map(|(game, length)| {
                    sink.game(self.next_position(Section::Games), game);
                    length
                })
            }
            Target::Record(Section::Results) => {
                self.in_place::<RawResult>(rest).map(|(result, length)| {
                    sink.result(self.next_position(Section::Results), result);
                    length
                })
            }
            Target::Name | Target::Member(_) => None,
        };
        if let (Some(length), Target::Record(section)) = (length, target) {
            self.state = State::AfterRecord(section);
            return Ok(length);
        }
        self.scanner = ValueScanner::new();
        self.state = State::Within(target);
        self.value(target, rest, sink)
    }

    /// A record that lies whole in `rest`, and its length.
    fn in_place<'a, R: RawRecord<'a>>(&self, rest: &'a [u8]) -> Option<(R::Record, usize)> {
        parse_front::<R>(rest, self.calendar)
            .filter(|(_, length)| self.limits.admit(&rest[..*length]))
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
        } else if self.carry.len() + length > self.limits.bytes {
            let place = self.place();
            return Err(self.endless(
                part,
                DecodeError::TooLarge {
                    place,
                    most: self.limits.bytes,
                },
            ));
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
                    Section::Games => {
                        if let Some((position, game)) = self.record::<RawGame>(value, sink)? {
                            sink.game(position, game);
                        }
                    }
                    Section::Results => {
                        if let Some((position, result)) = self.record::<RawResult>(value, sink)? {
                            sink.result(position, result);
                        }
                    }
                }
                self.state = State::AfterRecord(section);
            }
        }
        Ok(())
    }

    /// A record's number and itself; what is odd about it, or makes it none, goes to the sink.
    fn record<'a, R: RawRecord<'a>>(
        &mut self,
        bytes: &'a [u8],
        sink: &mut impl BackupSink,
    ) -> Result<Option<(u64, R::Record)>, DecodeError> {
        let section = R::SECTION.as_str();
        let mut odd = Vec::new();
        if let Some(reason) = self.limits.too_deep(bytes) {
            let position = self.next_position(R::SECTION);
            sink.reject(Reject::new(section, position, reason, bytes));
            return Ok(None);
        }
        match parse_whole::<R>(bytes, self.calendar, &mut odd) {
            Ok(record) => {
                let position = self.next_position(R::SECTION);
                for reason in odd {
                    sink.odd(Oddity {
                        section,
                        position,
                        reason,
                    });
                }
                Ok(Some((position, record)))
            }
            Err(Fault::Broken(at)) => Err(self.broken(bytes, at)),
            Err(Fault::Reason(reason, file_id)) => {
                let position = self.next_position(R::SECTION);
                sink.reject(Reject {
                    file_id,
                    ..Reject::new(section, position, reason, bytes)
                });
                Ok(None)
            }
        }
    }
}
