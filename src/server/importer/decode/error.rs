//! Why a document can't be read: what happened, where, and what to do about it.

use std::fmt;

use thiserror::Error;

/// A document that can't be decoded. Its `Display` is a message for the person who started the import.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    #[error("Not a backup: the file is empty. Export or download it again.")]
    Empty,
    #[error(
        "Not a backup: this is a web page (HTML), not JSON. The download probably answered with an error page; open it in a browser to see."
    )]
    WebPage,
    #[error(
        "Not a backup: this file is packed with gzip more often than NumWatch unpacks. Unpack it and import what is inside."
    )]
    Compressed,
    #[error("Not a backup: this file is UTF-32 text. Save it as UTF-8 and import that.")]
    Utf32,
    #[error(
        "Not a backup: this file is UTF-16 text without a byte order mark, which could be read in two ways. Save it as UTF-8 and import that."
    )]
    Utf16WithoutBom,
    #[error(
        "Not a backup: the UTF-16 text ends in the middle of a character (byte {}). It looks like a download that was cut off; download it again.", Thousands(*byte)
    )]
    HalfCharacter { byte: u64 },
    #[error(
        "Not a backup: there is a NUL byte in it (byte {}), which no JSON holds. Room was probably reserved for the file and never filled, as by a download that was cut off or a disk that was full; export or download it again.", Thousands(*byte)
    )]
    Nul { byte: u64 },
    #[error(
        "Not a backup: a backup is a JSON object and starts with \"{{\", but this file starts with {}. Choose the .json file that an export wrote.", Found(*found)
    )]
    NotAnObject { found: u8 },
    #[error(
        "Not a backup: the file ends in the middle of {place} (byte {}). It looks like a download that was cut off; download it again.", Thousands(*byte)
    )]
    Truncated { place: Place, byte: u64 },
    #[error(
        "Not a backup: the JSON is broken in {place} (byte {}). The file was damaged or edited by hand; export or download it again.", Thousands(*byte)
    )]
    Broken { place: Place, byte: u64 },
    #[error(
        "Not a backup: {place} is larger than {} (NUMWATCH_MAX_RECORD_BYTES). No export writes such a record; check where the file comes from.", Size(*most)
    )]
    TooLarge { place: Place, most: usize },
    #[error(
        "Not a backup: \"{section}\" must be an array of {section} (byte {}). Check where the file comes from.", Thousands(*byte)
    )]
    NotAnArray { section: Section, byte: u64 },
    #[error(
        "Not a backup: \"{section}\" stands in it twice (byte {}). Check where the file comes from.", Thousands(*byte)
    )]
    Repeated { section: Section, byte: u64 },
    #[error(
        "Not a backup: it has no \"{section}\". A backup has both \"games\" and \"results\", even if empty; choose the .json file that an export wrote."
    )]
    Missing { section: Section },
    #[error(
        "Not a backup: something follows the end of the JSON document (byte {}). Two files may have been joined; export or download it again.", Thousands(*byte)
    )]
    Trailing { byte: u64 },
    #[error("The feed answered with nothing at all. Try again later.")]
    FeedEmpty,
    #[error(
        "The feed answered with a web page (HTML) instead of JSON. Its address may be wrong, or it is down behind a proxy; open it in a browser to see."
    )]
    FeedWebPage,
    #[error(
        "The feed answered with something other than a JSON object: it starts with {}. Check the feed's address.", Found(*found)
    )]
    FeedNotAnObject { found: u8 },
    #[error(
        "The feed's answer ends in the middle of the JSON (byte {}). The connection was probably cut; try again.", Thousands(*byte)
    )]
    FeedTruncated { byte: u64 },
    #[error("{}", no_sections(members))]
    FeedNoSections { members: Vec<String> },
    #[error("The feed's answer is broken JSON (byte {}). Try again; if it stays, tell whoever runs the feed.", Thousands(*byte))]
    FeedBroken { byte: u64 },
}

impl DecodeError {
    /// Whether something came in the source's place, or not all of it did: asking again may bring its own answer.
    #[must_use]
    pub const fn is_no_answer(&self) -> bool {
        matches!(
            self,
            Self::FeedEmpty | Self::FeedWebPage | Self::FeedTruncated { .. }
        )
    }
}

/// The sentence for an object that holds nothing of what a feed's answer consists of.
fn no_sections(members: &[String]) -> String {
    /// More members than these are counted.
    const NAMED: usize = 8;
    let mut named: Vec<String> = members
        .iter()
        .take(NAMED)
        .map(|name| format!("{name:?}"))
        .collect();
    if members.len() > NAMED {
        named.push(format!("{} more", members.len() - NAMED));
    }
    let holds = match named.split_last() {
        None => "it is an empty object".to_owned(),
        Some((only, [])) => format!("it has the member {only}, which is no section with \"lists\""),
        Some((last, others)) => format!(
            "it has the members {} and {last}, and none is a section with \"lists\"",
            others.join(", ")
        ),
    };
    format!(
        "The feed's answer is no day's results: {holds}. Check that EXTERNAL_API_URL is the address of the results feed."
    )
}

/// One of the two arrays of a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Games,
    Results,
}

impl Section {
    /// The member's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Games => "games",
            Self::Results => "results",
        }
    }

    const fn singular(self) -> &'static str {
        match self {
            Self::Games => "game",
            Self::Results => "result",
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where in a backup something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Between the members of the document.
    Document,
    /// In the name of a top-level member.
    Name,
    /// In a top-level member other than the two arrays.
    Member(String),
    /// In an array, after this many records.
    After(Section, u64),
    /// In a record, counted from 1.
    Record(Section, u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document => f.write_str("the document"),
            Self::Name => f.write_str("the name of a member"),
            Self::Member(name) => write!(f, "the member {name:?}"),
            Self::After(section, 0) => write!(f, "the {section}, before the first"),
            Self::After(section, count) => {
                let count = Thousands(*count);
                write!(f, "the {section}, after {} {count}", section.singular())
            }
            Self::Record(section, position) => {
                write!(f, "{} {}", section.singular(), Thousands(*position))
            }
        }
    }
}

/// A number as people read it: 48,213.
struct Thousands(u64);

impl fmt::Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1_000 {
            return write!(f, "{}", self.0);
        }
        write!(f, "{},{:03}", Self(self.0 / 1_000), self.0 % 1_000)
    }
}

/// A limit as people read it.
struct Size(usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MIB: usize = 1 << 20;
        if self.0.is_multiple_of(MIB) {
            return write!(f, "{} MiB", self.0 / MIB);
        }
        write!(f, "{} bytes", Thousands(self.0 as u64))
    }
}

/// The first byte of something unexpected.
struct Found(u8);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            byte if byte.is_ascii_graphic() => write!(f, "'{}'", char::from(byte)),
            byte => write!(f, "the byte 0x{byte:02X}"),
        }
    }
}
