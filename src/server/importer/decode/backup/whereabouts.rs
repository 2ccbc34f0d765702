//! Where in the document the decoder stands, for its errors.

use super::{BackupDecoder, Member, State, Target};
use crate::server::importer::decode::{
    BOM,
    error::{DecodeError, Place, Section},
};

/// The first byte of a gzip archive.
const GZIP: u8 = 0x1F;

impl BackupDecoder {
    /// The error for a byte that can't stand where it stands.
    pub(super) fn unexpected(&self, found: u8) -> DecodeError {
        let byte = self.offset + 1;
        match self.state {
            _ if found == 0 => DecodeError::Nul { byte },
            // Of half a byte order mark, what is wrong is that it is there.
            State::Start(1 | 2) => DecodeError::NotAnObject { found: BOM[0] },
            State::Start(_) => match found {
                b'<' => DecodeError::WebPage,
                GZIP => DecodeError::Compressed,
                _ => DecodeError::NotAnObject { found },
            },
            State::MemberValue(Member::Array(section)) => DecodeError::NotAnArray { section, byte },
            State::End => DecodeError::Trailing { byte },
            _ => {
                let place = self.place();
                DecodeError::Broken { place, byte }
            }
        }
    }

    /// The error for broken JSON in the value being read, at this byte of it, counted from 0.
    pub(super) fn broken(&self, value: &[u8], at: usize) -> DecodeError {
        let byte = self.value_start + at as u64 + 1;
        if value.get(at) == Some(&0) {
            return DecodeError::Nul { byte };
        }
        DecodeError::Broken {
            place: self.place(),
            byte,
        }
    }

    /// The error for a value that doesn't end: at the first NUL byte that it holds, or as given.
    pub(super) fn endless(&self, rest: &[u8], otherwise: DecodeError) -> DecodeError {
        let room = self.limits.bytes.saturating_sub(self.carry.len());
        let room = room.min(rest.len());
        let in_rest = || memchr::memchr(0, &rest[..room]).map(|at| self.carry.len() + at);
        match memchr::memchr(0, &self.carry).or_else(in_rest) {
            Some(at) => DecodeError::Nul {
                byte: self.value_start + at as u64 + 1,
            },
            None => otherwise,
        }
    }

    /// Counts one more record and gives its number.
    pub(super) fn next_position(&mut self, section: Section) -> u64 {
        let position = self.count(section) + 1;
        self.counts[section as usize] = Some(position);
        position
    }

    pub(super) fn count(&self, section: Section) -> u64 {
        self.counts[section as usize].unwrap_or(0)
    }

    pub(super) fn place(&self) -> Place {
        match self.state {
            State::Start(_) | State::Name { .. } | State::AfterMember | State::End => {
                Place::Document
            }
            State::Within(Target::Name) => Place::Name,
            State::Colon(_) | State::MemberValue(_) | State::Within(Target::Member(_)) => {
                Place::Member(self.name.clone())
            }
            State::Record { section, .. } | State::AfterRecord(section) => {
                Place::After(section, self.count(section))
            }
            State::Within(Target::Record(section)) => {
                Place::Record(section, self.count(section) + 1)
            }
        }
    }
}
