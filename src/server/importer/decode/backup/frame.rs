//! The frame of a backup: what may come between the values that are read whole.

use crate::server::importer::decode::{BOM, error::Section};

/// What a top-level member of a backup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    Array(Section),
    Metadata,
    Unknown,
}

impl Member {
    pub fn named(name: &str) -> Self {
        match name {
            "games" => Self::Array(Section::Games),
            "results" => Self::Array(Section::Results),
            "_metadata" => Self::Metadata,
            _ => Self::Unknown,
        }
    }
}

/// A value that is read whole, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Name,
    Member(Member),
    Record(Section),
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The document, after this many bytes of a byte order mark.
    Start(usize),
    /// A member's name; or the end of the document, if this is not behind a comma.
    Name {
        comma: bool,
    },
    Colon(Member),
    MemberValue(Member),
    AfterMember,
    /// A record; or the end of the array, if this is not behind a comma.
    Record {
        section: Section,
        comma: bool,
    },
    AfterRecord(Section),
    /// The rest of a value.
    Within(Target),
    /// Blanks: the document has ended.
    End,
}

/// What a byte means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It belongs to the frame.
    To(State),
    /// It opens one of the two arrays.
    Open(Section),
    /// A value begins with it.
    Begin(Target),
    /// It can't stand here.
    Unexpected,
}

impl State {
    /// The meaning of the next byte, outside of values.
    pub fn step(self, byte: u8) -> Step {
        match (self, byte) {
            (Self::Start(seen), _) if BOM.get(seen) == Some(&byte) => {
                Step::To(Self::Start(seen + 1))
            }
            (Self::Start(0 | 3), b'{') => Step::To(Self::Name { comma: false }),
            // A byte order mark is not to be broken up by blanks.
            (Self::Start(1 | 2), _) => Step::Unexpected,
            (_, b' ' | b'\t' | b'\r' | b'\n') => Step::To(self),
            (Self::Name { .. }, b'"') => Step::Begin(Target::Name),
            (Self::Name { comma: false } | Self::AfterMember, b'}') => Step::To(Self::End),
            (Self::AfterMember, b',') => Step::To(Self::Name { comma: true }),
            (Self::Colon(member), b':') => Step::To(Self::MemberValue(member)),
            (Self::MemberValue(Member::Array(section)), b'[') => Step::Open(section),
            (Self::MemberValue(Member::Array(_)), _) => Step::Unexpected,
            (Self::MemberValue(member), _) if begins_value(byte) => {
                Step::Begin(Target::Member(member))
            }
            (Self::Record { comma: false, .. } | Self::AfterRecord(_), b']') => {
                Step::To(Self::AfterMember)
            }
            (Self::AfterRecord(section), b',') => Step::To(Self::Record {
                section,
                comma: true,
            }),
            (Self::Record { section, .. }, _) if begins_value(byte) => {
                Step::Begin(Target::Record(section))
            }
            _ => Step::Unexpected,
        }
    }
}

const fn begins_value(byte: u8) -> bool {
    matches!(
        byte,
        b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n'
    )
}
