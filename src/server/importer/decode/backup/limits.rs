//! What one record of a backup may be.

use super::scanner::depth;

/// It bounds the memory that a hostile document can take.
#[derive(Debug, Clone, Copy)]
pub struct RecordLimits {
    /// Bytes.
    pub bytes: usize,
    /// How many brackets may stand within each other.
    pub depth: u32,
}

impl RecordLimits {
    /// Far more than any export writes.
    pub const USUAL: Self = Self {
        bytes: 1 << 20,
        depth: 64,
    };

    /// Whether a record is within them.
    pub(super) fn admit(&self, record: &[u8]) -> bool {
        record.len() <= self.bytes && depth(record) <= self.depth
    }

    /// Why a record can't be used, if it is nested too deeply.
    pub(super) fn too_deep(&self, record: &[u8]) -> Option<String> {
        let most = self.depth;
        (depth(record) > most).then(|| {
            format!(
                "The record is nested too deeply: more than {most} brackets stand within each other (NUMWATCH_MAX_JSON_DEPTH)."
            )
        })
    }
}
