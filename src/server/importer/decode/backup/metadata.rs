//! What the browser says about the file it uploads.

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::server::importer::decode::byte_of;

/// The longest filename that the log has room for, in characters.
const FILENAME_MAX: usize = 255;

/// The value of `_metadata`. It is a courtesy: whatever of it makes no sense is left out.
pub struct Metadata {
    pub filename: Option<String>,
    pub file_size: Option<i64>,
}

impl Metadata {
    /// Reads the member's value; broken JSON is the only error, and this its byte, counted from 0.
    pub fn parse(json: &[u8]) -> Result<Self, usize> {
        serde_json::from_slice::<IgnoredAny>(json).map_err(|error| byte_of(&error, json))?;
        let metadata: Value = serde_json::from_slice(json).unwrap_or_default();
        let filename = metadata["filename"].as_str().unwrap_or_default();
        let filename: String = filename
            .chars()
            .filter(|character| !character.is_control())
            .take(FILENAME_MAX)
            .collect();
        Ok(Self {
            filename: (!filename.trim().is_empty()).then_some(filename),
            file_size: metadata["file_size"].as_i64().filter(|size| *size >= 0),
        })
    }
}
