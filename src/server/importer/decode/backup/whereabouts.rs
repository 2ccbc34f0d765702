//! Where in the document the decoder stands, for its errors.

use super::{BackupDecoder, Member, State, Target};
use crate::server::importer::decode::{
    BOM,
    error::{DecodeError, Place},
};

/// The first byte of a gzip archive.
const GZIP: u8 = 0x1F;

impl BackupDecoder {
    /// The error for a byte that can't stand where it stands.
    pub(super) fn unexpected(&self, found: u8) -> DecodeError {
        let byte = self.offset + 1;
        match self.state {
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
    pub(super) fn broken(&self, at: usize) -> DecodeError {
        DecodeError::Broken {
            place: self.place(),
            byte: self.value_start + at as u64 + 1,
        }
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
