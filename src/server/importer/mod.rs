//! The import pipeline: source → decode → stage → merge. A worker hands it an import and gets back whether its
//! data and its log's `success` were committed, together, or neither.

pub mod backup;
pub mod checking;
mod day_failure;
pub mod decode;
mod doing;
mod draws;
pub mod encode;
pub mod error;
pub mod feed;
mod games;
pub mod generate;
mod load;
mod merge;
mod new_games;
mod read;
pub mod rejects;
mod sink;
pub mod stage;
pub mod summary;
mod volume;

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgPool, Postgres, Transaction};

use self::{decode::backup::RecordLimits, error::ImportError, rejects::Rejects};
use super::{
    attempt::Attempt,
    clock::Clock,
    db::{runs::Claimed, sessions},
    feed::client::FeedClient,
    metrics,
    payloads::Payloads,
};
use crate::model::import_log::ImportType;

/// The name that a sample import goes by.
pub const SAMPLE_FILENAME: &str = "responseData.json";

/// The bundled sample: one answer of the feed.
pub const SAMPLE: &[u8] = include_bytes!("responseData.json");

/// What the pipeline needs.
#[derive(Clone, Debug)]
pub struct Importer {
    pub pool: PgPool,
    pub payloads: Payloads,
    /// `None`: no feed is configured.
    pub feed: Option<FeedClient>,
    /// The pause between two days of a range.
    pub feed_delay: Duration,
    /// What one record of a file may be.
    pub records: RecordLimits,
    pub clock: Clock,
    /// Where attempts are counted.
    pub counts: metrics::Imports,
}

impl Importer {
    /// Runs one attempt at an import, whole: when it answers `Ok`, the data and the log's `success` are committed. What
    /// a file's records were rejected for goes to `rejects`, and is the caller's to write down when it did not.
    ///
    /// # Errors
    /// When it did not succeed. The log still says `running` then: its end is the worker's to write.
    pub async fn run(
        &self,
        import: &Claimed,
        attempt: &Attempt,
        rejects: &Rejects,
    ) -> Result<(), ImportError> {
        match import.import_type {
            ImportType::SampleData => self.import_sample(attempt).await,
            ImportType::Backup => self.import_backup(import, attempt, rejects).await,
            ImportType::DateRange => self.import_range(import, attempt).await,
            ImportType::Unknown => Err(ImportError::Internal(
                "an import of a newer kind was taken".into(),
            )),
        }
    }

    /// Begins a transaction that writes the import's data.
    async fn begin(&self, attempt: &Attempt) -> sqlx::Result<Transaction<'static, Postgres>> {
        let mut tx = self.pool.begin().await?;
        sessions::write_import(&mut tx, attempt.key).await?;
        Ok(tx)
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
