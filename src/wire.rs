//! How data goes between the server and its pages: as postcard, behind the edition of the types that it holds.
//!
//! A page may be older than the server that answers it. Postcard names no members, so that other types would be read as
//! nonsense; the edition tells them apart.

use leptos::{
    server::codee::{Decoder, Encoder},
    server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::{AppError, ErrorKind};

/// The texts of all types that cross the wire: another text, another edition.
pub const TYPES: [(&str, &str); 32] = [
    ("error.rs", include_str!("error.rs")),
    ("model/access.rs", include_str!("model/access.rs")),
    ("model/accounts.rs", include_str!("model/accounts.rs")),
    ("model/alert.rs", include_str!("model/alert.rs")),
    ("model/api_docs.rs", include_str!("model/api_docs.rs")),
    ("model/asked.rs", include_str!("model/asked.rs")),
    ("model/audit.rs", include_str!("model/audit.rs")),
    ("model/brief.rs", include_str!("model/brief.rs")),
    ("model/checked.rs", include_str!("model/checked.rs")),
    ("model/count.rs", include_str!("model/count.rs")),
    ("model/coverage.rs", include_str!("model/coverage.rs")),
    ("model/day.rs", include_str!("model/day.rs")),
    ("model/difference.rs", include_str!("model/difference.rs")),
    ("model/expected.rs", include_str!("model/expected.rs")),
    ("model/fold.rs", include_str!("model/fold.rs")),
    ("model/game.rs", include_str!("model/game.rs")),
    ("model/game_page.rs", include_str!("model/game_page.rs")),
    ("model/history.rs", include_str!("model/history.rs")),
    ("model/import_log.rs", include_str!("model/import_log.rs")),
    ("model/import_page.rs", include_str!("model/import_page.rs")),
    ("model/moment.rs", include_str!("model/moment.rs")),
    ("model/monitoring.rs", include_str!("model/monitoring.rs")),
    ("model/outcome.rs", include_str!("model/outcome.rs")),
    ("model/rejects.rs", include_str!("model/rejects.rs")),
    ("model/results.rs", include_str!("model/results.rs")),
    ("model/scheduler.rs", include_str!("model/scheduler.rs")),
    ("model/story.rs", include_str!("model/story.rs")),
    ("model/timeline.rs", include_str!("model/timeline.rs")),
    ("model/undo.rs", include_str!("model/undo.rs")),
    ("model/undone.rs", include_str!("model/undone.rs")),
    ("model/volume.rs", include_str!("model/volume.rs")),
    ("model/words.rs", include_str!("model/words.rs")),
];

/// What both sides must agree on: a sum over those texts (FNV-1a, 32 bits).
const EDITION: [u8; 4] = {
    let mut sum: u32 = 0x811c_9dc5;
    let mut nth = 0;
    while nth < TYPES.len() {
        let text = TYPES[nth].1.as_bytes();
        let mut at = 0;
        while at < text.len() {
            sum = (sum ^ text[at] as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        nth += 1;
    }
    sum.to_le_bytes()
};

/// The encoding of all that a page reads: in its document, and in the answers of server functions.
#[derive(Clone, Copy, Debug)]
pub struct Packed;

/// Packs a value.
///
/// # Errors
/// When the value can't be written, such as a sequence of unknown length.
pub fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, postcard::Error> {
    let mut bytes = EDITION.to_vec();
    bytes.extend(postcard::to_allocvec(value)?);
    Ok(bytes)
}

/// Reads what was packed.
///
/// # Errors
/// When another edition of NumWatch has written it, or it is cut short.
pub fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, AppError> {
    let (kind, sentence) = match bytes.strip_prefix(&EDITION) {
        Some(rest) => match postcard::from_bytes(rest) {
            Ok(value) => return Ok(value),
            Err(_) => (
                ErrorKind::Internal,
                "The server's answer can't be read. Reload the page and try again.",
            ),
        },
        None => (
            ErrorKind::Outdated,
            "NumWatch has been updated since this page was loaded. Reload the page.",
        ),
    };
    Err(AppError::new(kind, sentence))
}

impl<T: Serialize> Encoder<T> for Packed {
    type Error = postcard::Error;
    type Encoded = Vec<u8>;

    fn encode(value: &T) -> Result<Vec<u8>, postcard::Error> {
        pack(value)
    }
}

impl<T: DeserializeOwned> Decoder<T> for Packed {
    type Error = AppError;
    type Encoded = [u8];

    fn decode(bytes: &[u8]) -> Result<T, AppError> {
        unpack(bytes)
    }
}

impl ContentType for Packed {
    const CONTENT_TYPE: &'static str = "application/octet-stream";
}

impl FormatType for Packed {
    const FORMAT_TYPE: Format = Format::Binary;
}

impl<T: Serialize> Encodes<T> for Packed {
    type Error = postcard::Error;

    fn encode(value: &T) -> Result<Bytes, postcard::Error> {
        pack(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Packed {
    type Error = AppError;

    fn decode(bytes: Bytes) -> Result<T, AppError> {
        unpack(&bytes)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, Utc};
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::*;
    use crate::model::moment::{self, Moment};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Both {
        #[serde(with = "moment")]
        at: Option<DateTime<Utc>>,
        #[serde(with = "moment")]
        days: Option<(NaiveDate, NaiveDate)>,
    }

    #[test]
    fn people_read_moments_as_text() {
        let both = Both {
            at: DateTime::from_timestamp(1_764_115_200, 0),
            days: None,
        };
        let text = serde_json::to_string(&both).unwrap();
        assert_eq!(text, r#"{"at":"2025-11-26T00:00:00Z","days":null}"#);
        assert_eq!(serde_json::from_str::<Both>(&text).unwrap(), both);
    }

    proptest! {
        #[test]
        fn a_page_reads_the_moments_that_were_written(
            at in prop::option::of(any::<i64>()),
            days in prop::option::of(any::<(i32, i32)>()),
        ) {
            let both = Both {
                at: at.and_then(DateTime::from_timestamp_micros),
                days: days.and_then(Moment::of),
            };
            let packed = pack(&both).unwrap();
            prop_assert_eq!(unpack::<Both>(&packed).unwrap(), both);
        }
    }

    #[test]
    fn what_was_packed_is_read_and_another_edition_is_told() {
        let packed = pack(&(7, "seven".to_owned())).unwrap();
        assert_eq!(unpack(&packed), Ok((7, "seven".to_owned())));

        let mut other = packed.clone();
        other[0] ^= 1;
        let refused = unpack::<(i32, String)>(&other).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Outdated);
        let cut = unpack::<(i32, String)>(&packed[..6]).unwrap_err();
        assert_eq!(cut.kind, ErrorKind::Internal);
    }

    /// A type outside the edition could change unseen.
    #[test]
    fn every_file_with_types_that_cross_belongs_to_the_edition() {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        for file in std::fs::read_dir(here.join("model")).unwrap() {
            let name = format!("model/{}", file.unwrap().file_name().display());
            let without_types = ["model/mod.rs", "model/sample_log.rs", "model/visible.rs"];
            let crosses = !without_types.contains(&name.as_str());
            let counts = TYPES.iter().any(|(counted, _)| *counted == name);
            assert_eq!(counts, crosses, "{name}");
        }
    }
}
