//! Why an upload was not accepted.

use std::time::Duration;

use super::unpack::Fault;
use crate::{
    error::ErrorKind,
    model::import_log::FailureKind,
    server::{config::Limits, importer::error::ImportError},
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

    pub fn empty() -> Self {
        let sentence = "The upload is empty: 0 bytes arrived. Choose a NumWatch backup (.json).";
        Self::invalid(ErrorKind::Malformed, sentence.into())
    }

    pub fn nothing_inside() -> Self {
        let sentence = "The file is packed with gzip, and what is inside is empty. Choose a NumWatch backup (.json or .json.gz).";
        Self::invalid(ErrorKind::Unprocessable, sentence.into())
    }

    /// More bytes arrive, or will, than are accepted.
    pub fn too_large(size: u64, most: u64) -> Self {
        Self::invalid(
            ErrorKind::TooLarge,
            format!(
                "The upload is too large: {size} bytes or more, and {most} is the most that is accepted (NUMWATCH_MAX_UPLOAD_BYTES)."
            ),
        )
    }

    /// The same of what is inside.
    pub fn too_large_unpacked(size: u64, most: u64) -> Self {
        Self::invalid(
            ErrorKind::TooLarge,
            format!(
                "The upload is too large: {size} bytes or more once it is unpacked, and {most} is the most that is accepted (NUMWATCH_MAX_UPLOAD_BYTES)."
            ),
        )
    }

    /// The process is about to stop, and has no more time for what still arrives.
    pub fn stops() -> Self {
        Self {
            kind: ErrorKind::Unavailable,
            failure: FailureKind::Interrupted,
            sentence: "The upload was cut off: the server that received it was stopped. Upload the file again.".into(),
            cause: None,
        }
    }

    /// Nothing comes any more.
    pub fn silent(size: u64, total: Option<i64>, idle: Duration) -> Self {
        let seconds = idle.as_secs_f64();
        let cut_off = Self::cut_off(size, total, &format!("nothing arrived for {seconds} s"));
        Self {
            kind: ErrorKind::TooSlow,
            ..cut_off
        }
    }

    /// Less comes than is waited for.
    pub fn too_slow(size: u64, total: Option<i64>, limits: &Limits) -> Self {
        let of = total.map_or_else(String::new, |total| format!(" of {total}"));
        let (least, seconds) = (limits.least_rate, limits.idle.as_secs_f64());
        Self {
            kind: ErrorKind::TooSlow,
            failure: FailureKind::Interrupted,
            sentence: format!(
                "The upload was cut off after {size}{of} bytes: fewer than {least} bytes a second came for {seconds} s (NUMWATCH_MIN_UPLOAD_RATE). Upload the file again, packed with gzip if the connection is slow."
            ),
            cause: Some("it came too slowly".to_owned()),
        }
    }

    pub fn cut_off(size: u64, total: Option<i64>, cause: &str) -> Self {
        let of = total.map_or_else(String::new, |total| format!(" of {total}"));
        Self {
            kind: ErrorKind::Malformed,
            failure: FailureKind::Interrupted,
            sentence: match size {
                0 => "The upload was cut off before its first byte had arrived. Upload the file again."
                    .to_owned(),
                _ => format!("The upload was cut off after {size}{of} bytes. Upload the file again."),
            },
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
        let (failure, mut sentence) = error.tell();
        // There is nothing to retry: the file isn't kept.
        if error.is_passing() && matches!(error, ImportError::Database(_)) {
            sentence = "The database could not be reached while the upload arrived. Upload the file again once it is back.".into();
        }
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

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let kind = match fault {
            Fault::NotPacked => ErrorKind::Malformed,
            Fault::Truncated { .. } | Fault::Broken { .. } => ErrorKind::Unprocessable,
            Fault::Bomb { .. } => ErrorKind::TooLarge,
        };
        Self::invalid(kind, fault.to_string())
    }
}
