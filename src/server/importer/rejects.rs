//! Records that an import goes on without.

use super::{decode::record::Reject, error::ImportError};
use crate::model::import_log::ImportReject;

/// A decoder's reject as the log keeps it.
pub fn kept(reject: Reject) -> ImportReject {
    ImportReject {
        section: reject.section.into(),
        position: i64::try_from(reject.position).unwrap_or(i64::MAX),
        date: None,
        reason: reject.reason,
        record: reject.record,
    }
}

/// The sentence for an input of which no record could be used.
pub fn nothing_usable(records: i64, first: Option<&ImportReject>) -> ImportError {
    let first = first.map_or_else(String::new, |reject| {
        format!(
            " The first: {} {}: {}",
            reject.section, reject.position, reject.reason
        )
    });
    ImportError::Invalid(format!("None of its {records} records can be used.{first}"))
}
