//! Why an import did not succeed.

use std::{
    error::Error,
    io::{self, ErrorKind},
};

use crate::{
    model::import_log::FailureKind,
    server::{
        attempt::Stop,
        db::{self, Trouble},
    },
};

/// Why an attempt ended without success.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The data can't be imported; the sentence says what, where, and what to do.
    #[error("{0}")]
    Invalid(String),
    /// The source could not be reached or gave nothing usable; a sentence.
    #[error("{0}")]
    Source(String),
    /// Some dates of a range failed; what succeeded stays.
    #[error("{1}")]
    Dates(FailureKind, String),
    /// Somebody asked for it to stop.
    #[error("cancelled")]
    Cancelled,
    /// The import is no longer this attempt's.
    #[error("another attempt has taken over")]
    Lost,
    /// This process is about to stop.
    #[error("the process stops")]
    Stopping,
    /// The database has stopped answering it, though it answers others.
    #[error("the connection to the database has fallen silent")]
    Silent,
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The store of uploads can't be read.
    #[error("payload store: {0}")]
    Payload(#[from] object_store::Error),
    /// The store of uploads can't be written.
    #[error("payload store: {0}")]
    Unwritable(object_store::Error),
    #[error("{0}")]
    Internal(String),
}

impl From<Stop> for ImportError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Cancelled => Self::Cancelled,
            Stop::Lost => Self::Lost,
            Stop::Silent => Self::Silent,
        }
    }
}

impl ImportError {
    /// Whether the same attempt, made again a little later, may well succeed.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Database(error) => db::is_passing(error),
            Self::Payload(error) => !matches!(error, object_store::Error::NotFound { .. }),
            Self::Unwritable(_) | Self::Silent => true,
            _ => false,
        }
    }

    /// Whether the upload is no longer in the store, so that trying again can't help.
    #[must_use]
    pub fn is_without_payload(&self) -> bool {
        matches!(self, Self::Payload(object_store::Error::NotFound { .. }))
    }

    /// Whether the store of uploads has no room left.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        let mut cause: Option<&(dyn Error + 'static)> = match self {
            Self::Payload(error) | Self::Unwritable(error) => Some(error),
            _ => None,
        };
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<io::Error>() {
                return matches!(
                    error.kind(),
                    ErrorKind::StorageFull | ErrorKind::QuotaExceeded
                );
            }
            cause = error.source();
        }
        false
    }

    /// What the log says: the kind for programs, the sentence for people. Causes that only an engineer can read
    /// stay in the server's log.
    #[must_use]
    pub fn tell(&self) -> (FailureKind, String) {
        match self {
            Self::Invalid(sentence) => (FailureKind::InvalidInput, sentence.clone()),
            Self::Source(sentence) => (FailureKind::SourceUnavailable, sentence.clone()),
            Self::Dates(kind, sentence) => (*kind, sentence.clone()),
            Self::Cancelled => (FailureKind::Cancelled, "Cancelled.".into()),
            Self::Lost | Self::Stopping => (FailureKind::Interrupted, "Interrupted. Retry it.".into()),
            Self::Payload(object_store::Error::NotFound { .. }) => (
                FailureKind::SourceUnavailable,
                "The uploaded file is no longer in the store. Upload it again.".into(),
            ),
            Self::Payload(_) | Self::Unwritable(_) if self.is_disk_full() => (
                FailureKind::SourceUnavailable,
                "The disk of the store of uploaded files is full. Free some space, then upload the file again.".into(),
            ),
            Self::Payload(_) => (
                FailureKind::SourceUnavailable,
                "The store of uploaded files can't be read. Check its disk or the connection to it, then retry.".into(),
            ),
            Self::Unwritable(_) => (
                FailureKind::SourceUnavailable,
                "The store of uploaded files can't be written. Check its disk or the connection to it, and that NumWatch may write there; then upload the file again.".into(),
            ),
            Self::Silent => (
                FailureKind::SourceUnavailable,
                "The connection to the database fell silent while this import ran. Retry it; when that happens again, look at what stands between NumWatch and its database.".into(),
            ),
            Self::Database(error) => tell_database(error),
            Self::Internal(_) => (
                FailureKind::Internal,
                "A fault of NumWatch itself ended this import. The server's log has the cause.".into(),
            ),
        }
    }
}

fn tell_database(error: &sqlx::Error) -> (FailureKind, String) {
    let sentence = match db::trouble(error) {
        None => {
            let fault = "The database refused this import, which is a fault of NumWatch. The server's log has the cause.";
            return (FailureKind::Internal, fault.into());
        }
        Some(Trouble::Unreachable) => {
            "The database could not be reached while this import ran. Retry it once it is back."
        }
        Some(Trouble::Busy) => {
            "The database took too long while this import ran: something else kept it busy, or held what this import needs. Retry it a little later."
        }
        Some(Trouble::ReadOnly) => {
            "The database accepted no changes: it was read-only, as a standby is. Retry it once it accepts them."
        }
    };
    (FailureKind::SourceUnavailable, sentence.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(kind: ErrorKind) -> ImportError {
        ImportError::Unwritable(object_store::Error::Generic {
            store: "file",
            source: Box::new(io::Error::from(kind)),
        })
    }

    #[test]
    fn a_full_disk_is_told_from_other_trouble() {
        assert!(
            store(ErrorKind::StorageFull)
                .tell()
                .1
                .contains("is full. Free")
        );
        assert!(!store(ErrorKind::PermissionDenied).is_disk_full());
        assert!(
            store(ErrorKind::PermissionDenied)
                .tell()
                .1
                .contains("can't be written. Check")
        );
        assert!(!ImportError::Internal("full".into()).is_disk_full());
    }
}
