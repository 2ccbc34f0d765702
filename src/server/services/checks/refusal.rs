//! Why a file was not checked, or is not imported.

use crate::{
    error::ErrorKind,
    server::{
        importer::error::ImportError,
        payloads::checks::Ended,
        services::{ServiceError, kind_of},
    },
};

/// What is told of a check that is no longer kept.
pub const GONE: &str =
    "This check is no longer kept: a checked file is kept for an hour. Check the file again.";
const DISCARDED: &str = "This checked file was discarded. Check the file again.";

/// What became of it already.
pub fn ended_as(ended: Ended) -> ServiceError {
    let sentence = match ended {
        Ended::Imported(id) => format!(
            "This checked file was imported already, as #{id}. To import it again, upload it."
        ),
        Ended::Discarded => DISCARDED.to_owned(),
    };
    ServiceError::told(ErrorKind::Conflict, sentence)
}

/// What is told of a check whose import would fail, or that failed itself.
pub fn of_import(error: ImportError) -> ServiceError {
    if let ImportError::Database(error) = error {
        return error.into();
    }
    let (failure, sentence) = error.tell();
    if !matches!(error, ImportError::Invalid(_)) {
        tracing::error!(%error, "a check failed");
    }
    let kind = if error.is_disk_full() {
        ErrorKind::DiskFull
    } else {
        kind_of(failure)
    };
    ServiceError::told(kind, sentence)
}

/// What is told when the store fails.
pub fn of_store(error: object_store::Error) -> ServiceError {
    of_import(ImportError::Payload(error))
}
