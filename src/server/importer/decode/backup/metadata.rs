//! What the browser says about the file it uploads.

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::server::{filename, importer::decode::byte_of};

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
        Ok(Self {
            filename: metadata["filename"].as_str().and_then(filename::clean),
            file_size: metadata["file_size"].as_i64().filter(|size| *size >= 0),
        })
    }
}
