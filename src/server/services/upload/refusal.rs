//! Why an upload was not accepted.

use crate::{
    error::ErrorKind, model::import_log::FailureKind, server::importer::error::ImportError,
};

/// Why an upload was not accepted: for the client, for the log, and for the server's own log.
pub struct Refusal {
    pub kind: ErrorKind,
    pub failure: FailureKind,
    pub sentence: String,
    pub cause: Option<String>,
}

impl Refusal {
    pub fn invalid(kind: ErrorKind, sentence: String) -> Self {
        Self {
            kind,
            failure: FailureKind::InvalidInput,
            sentence,
            cause: None,
        }
    }

    pub fn cut_off(size: u64, total: Option<i64>, cause: &str) -> Self {
        let of = total.map_or_else(String::new, |total| format!(" of {total}"));
        Self {
            kind: ErrorKind::Malformed,
            failure: FailureKind::Interrupted,
            sentence: format!(
                "The upload was cut off after {size}{of} bytes. Upload the file again."
            ),
            cause: Some(cause.to_owned()),
        }
    }
}

/// Why an upload's attempt had to stop.
pub fn refusal_of(error: &ImportError) -> Refusal {
    let (failure, sentence) = error.tell();
    Refusal {
        kind: ErrorKind::Conflict,
        failure,
        sentence: if failure == FailureKind::Cancelled {
            "The upload was cancelled.".into()
        } else {
            sentence
        },
        cause: None,
    }
}

impl<E: Into<ImportError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        let error = error.into();
        let (failure, sentence) = error.tell();
        Self {
            kind: if error.is_disk_full() {
                ErrorKind::DiskFull
            } else {
                ErrorKind::Unavailable
            },
            failure,
            sentence,
            cause: Some(error.to_string()),
        }
    }
}
