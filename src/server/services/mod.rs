//! The use cases: transactions begin and end here. Server functions, REST routes, the command line and the
//! scheduler are thin doors to these.

pub mod access;
pub mod alerts;
pub mod audit;
pub mod bulk;
pub mod cancelling;
pub mod changes;
pub mod checks;
pub mod coalesce;
pub mod coverage;
pub mod data;
pub mod folding;
pub mod history;
pub mod imports;
pub mod logs;
pub mod monitoring;
pub mod one_game;
mod one_import;
pub mod overview;
pub mod readiness;
pub mod results;
pub mod retention;
mod retries;
pub mod scheduler;
mod spool;
pub mod stores;
mod undoing;
pub mod upload;
mod waiting;

use std::time::Duration;

use crate::{
    error::{AppError, ErrorKind},
    model::import_log::FailureKind,
    server::{
        db::{self, Trouble},
        request_id,
    },
};

/// What doesn't wait for an import is answered within this time.
pub const IN_TIME: Duration = Duration::from_secs(10);

/// Does something with the database, but not for ever: one that is frozen, or cut off without a word, answers nothing.
///
/// # Errors
/// Those of the work, and that the database can't be reached when it takes too long.
pub async fn in_time<T, E: From<sqlx::Error>>(
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    tokio::time::timeout(IN_TIME, work)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut.into()))
}

/// What a client is told of an import that failed, or would.
#[must_use]
pub const fn kind_of(failure: FailureKind) -> ErrorKind {
    match failure {
        FailureKind::InvalidInput => ErrorKind::Unprocessable,
        FailureKind::Cancelled => ErrorKind::Conflict,
        FailureKind::SourceUnavailable | FailureKind::Interrupted => ErrorKind::Unavailable,
        FailureKind::Internal | FailureKind::Unknown => ErrorKind::Internal,
    }
}

/// Why a service did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The caller can read this as it stands.
    #[error(transparent)]
    Told(#[from] AppError),
    /// The same, of an import whose log says it too.
    #[error("import #{import_id}: {error}")]
    OfImport { error: AppError, import_id: i32 },
    /// The caller can read this as it stands, and may try again after so long.
    #[error("{error}")]
    TooMany { error: AppError, wait: Duration },
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
}

impl ServiceError {
    pub(crate) fn told(kind: ErrorKind, sentence: impl Into<String>) -> Self {
        Self::Told(AppError::new(kind, sentence))
    }

    pub(crate) fn of_import(import_id: i32, kind: ErrorKind, sentence: impl Into<String>) -> Self {
        let error = AppError::new(kind, sentence);
        Self::OfImport { error, import_id }
    }

    /// What the caller is told. The cause goes to the server's log and nowhere else.
    #[must_use]
    pub fn tell(&self) -> AppError {
        match self {
            Self::Told(error) | Self::OfImport { error, .. } | Self::TooMany { error, .. } => {
                error.clone()
            }
            Self::Database(error) => {
                tracing::error!(%error, "database");
                let sentence = match db::trouble(error) {
                    _ if matches!(error, sqlx::Error::PoolTimedOut) => {
                        "The database is too busy, or can't be reached. Try again in a moment."
                    }
                    Some(Trouble::Unreachable) => {
                        "The database can't be reached. Try again in a moment."
                    }
                    Some(Trouble::Busy) => {
                        "The database took too long: something else keeps it busy, or holds what this needs. Try again in a moment."
                    }
                    Some(Trouble::ReadOnly) => {
                        "The database accepts no changes at the moment: it is read-only, as a standby is. Try again once it does."
                    }
                    None => {
                        let fault = format!(
                            "The database refused this, which is a fault of NumWatch. {}",
                            request_id::the_log_has_the_cause()
                        );
                        return AppError::new(ErrorKind::Internal, fault);
                    }
                };
                AppError::new(ErrorKind::Unavailable, sentence)
            }
        }
    }
}
