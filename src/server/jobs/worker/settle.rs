//! How an attempt without success ends: in line again, or as a failure.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};

use super::Worker;
use crate::{
    model::import_log::{FailureKind, ImportType},
    server::{
        attempt::Attempt,
        db::{
            attempts::AttemptKey,
            import_dates, outcomes, recovery,
            runs::{self, Again, Claimed},
            sessions,
        },
        importer::{error::ImportError, rejects::Rejects, summary},
        metrics::Outcome,
        services::{cancelling, in_time},
    },
};

impl Worker {
    /// Writes how an attempt without success ended. The database may be away for a while; when it stays away
    /// for longer than the lease, recovery ends the import instead. Answers how it ended.
    pub(super) async fn settle(
        &self,
        import: &Claimed,
        attempt: &Attempt,
        rejects: &Rejects,
        error: ImportError,
    ) -> Outcome {
        let key = attempt.key;
        tracing::warn!(%error, "import did not succeed");
        // PostgreSQL would go on with its statement; and what it has locked for this import is wanted at once.
        let stopped = matches!(
            error,
            ImportError::Cancelled | ImportError::Stopping | ImportError::Silent
        );
        let end = || async {
            if stopped {
                sessions::end(self.pool(), key).await?;
            }
            if matches!(error, ImportError::Silent) {
                // That may be where its rejects were just written, too.
                return self.write_end(import, key, &error).await;
            }
            // What was read of a file, and what was wrong with it, is worth most when its import fails.
            match rejects.write().await {
                Err(ImportError::Database(error)) => return Err(error),
                Err(cause) => {
                    tracing::debug!(%cause, "no rejects are kept");
                }
                Ok(()) => attempt.report().await?,
            }
            self.write_end(import, key, &error).await
        };
        let written = (|| in_time(end()))
            .retry(
                ExponentialBuilder::default()
                    .with_max_delay(Duration::from_secs(2))
                    .with_max_times(10),
            )
            .await;
        written.unwrap_or_else(|cause| {
            tracing::error!(%cause, "how the import ended could not be written");
            Outcome::Lost
        })
    }

    async fn write_end(
        &self,
        import: &Claimed,
        key: AttemptKey,
        error: &ImportError,
    ) -> sqlx::Result<Outcome> {
        match error {
            // A commit that was refused may have been so because of a cancel that came before it.
            ImportError::Lost | ImportError::Cancelled => self.end_cancelled(key).await,
            ImportError::Stopping => self.hand_back(key, Again::Stopping).await,
            error if error.is_passing() && import.tries < self.inner.limits.max => {
                let (_, why) = error.tell();
                self.hand_back(key, Again::Failed(&why)).await
            }
            error => self.fail(import, key, error).await,
        }
    }

    async fn fail(
        &self,
        import: &Claimed,
        key: AttemptKey,
        error: &ImportError,
    ) -> sqlx::Result<Outcome> {
        let (kind, mut message) = error.tell();
        let now = self.inner.importer.clock.now();
        let mut tx = self.pool().begin().await?;
        if let Some(run) = recovery::lock(&mut *tx, key.import_id).await?
            && run.key() == key
            && cancelling::succeed_if_complete(&mut tx, &run, now).await?
        {
            tx.commit().await?;
            return Ok(Outcome::Success);
        }
        if import.import_type == ImportType::DateRange && !matches!(error, ImportError::Dates(..)) {
            let dates = import_dates::of(&mut *tx, import.id).await?;
            if let Some(rest) = summary::of_rest(&dates) {
                message = format!("{message} {rest}");
            }
        }
        let failed = outcomes::fail(&mut *tx, key, now, kind, &message).await?;
        let mut unneeded = None;
        if failed
            && (kind == FailureKind::InvalidInput || error.is_without_payload())
            && let Some(payload) = &import.payload
            && !outcomes::release_payload(&mut tx, import.id, payload).await?
        {
            unneeded = Some(payload);
        }
        tx.commit().await?;
        if let Some(payload) = unneeded {
            // The same bytes can only fail again, or are gone. What can't be deleted now, housekeeping deletes.
            let _ = self.inner.importer.payloads.delete(payload).await;
        }
        Ok(if failed {
            Outcome::Failed(kind)
        } else {
            Outcome::Lost
        })
    }

    /// Puts an import back in line, or ends it if somebody has cancelled it meanwhile.
    async fn hand_back(&self, key: AttemptKey, again: Again<'_>) -> sqlx::Result<Outcome> {
        if runs::hand_back(self.pool(), key, again).await? {
            return Ok(match again {
                Again::Stopping => Outcome::HandedBack,
                Again::Failed(_) => Outcome::Again,
            });
        }
        self.end_cancelled(key).await
    }

    /// Ends an import that somebody has cancelled, if it is still this attempt's.
    async fn end_cancelled(&self, key: AttemptKey) -> sqlx::Result<Outcome> {
        let now = self.inner.importer.clock.now();
        let mut tx = self.pool().begin().await?;
        let ended = match recovery::lock(&mut *tx, key.import_id).await? {
            Some(run) if run.key() == key => cancelling::end_cancelled(&mut tx, &run, now).await?,
            _ => false,
        };
        tx.commit().await?;
        Ok(if ended {
            Outcome::Failed(FailureKind::Cancelled)
        } else {
            Outcome::Lost
        })
    }
}
