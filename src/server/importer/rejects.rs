//! Records that an import goes on without: written down as they come, so that memory holds few of them.

use std::sync::Arc;

use futures::{Stream, StreamExt as _};
use sqlx::PgPool;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tracing::Instrument as _;

use super::{decode::record::Reject, error::ImportError};
use crate::{
    model::import_log::{ImportReject, REJECTS_KEPT},
    server::db::{attempts::AttemptKey, import_rejects},
};

/// So many rejects wait to be written together, or so many bytes of them.
const BATCH: usize = 500;
const BATCH_BYTES: usize = 256 << 10;

/// The rejects of one attempt. They are written in transactions of their own: they stay when the import's data is
/// rolled back. Those of a check stay in memory. Clones write into the same.
#[derive(Clone, Debug)]
pub struct Rejects {
    /// Whose they are.
    of: Option<(PgPool, AttemptKey)>,
    /// How many are kept.
    most: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<ImportReject>,
    /// Of those that wait.
    bytes: usize,
    kept: usize,
    rejected: i64,
}

impl Rejects {
    /// None so far.
    #[must_use]
    pub fn new(pool: PgPool, key: AttemptKey) -> Self {
        Self {
            of: Some((pool, key)),
            most: REJECTS_KEPT,
            state: Arc::default(),
        }
    }

    /// Those of a check: the first so many, which nobody writes down.
    #[must_use]
    pub fn in_memory(most: usize) -> Self {
        Self {
            of: None,
            most,
            state: Arc::default(),
        }
    }

    /// Takes those that are in memory.
    pub async fn take_kept(&self) -> Vec<ImportReject> {
        std::mem::take(&mut self.state.lock().await.waiting)
    }

    /// Forgets what an earlier attempt wrote: this one reads its input from the beginning.
    ///
    /// # Errors
    /// When the database refuses, or the import is no longer this attempt's.
    pub async fn forget_earlier(&self) -> Result<(), ImportError> {
        let Some((pool, key)) = &self.of else {
            return Ok(());
        };
        let mut tx = pool.begin().await?;
        if !import_rejects::forget(&mut tx, *key).await? {
            return Err(ImportError::Lost);
        }
        Ok(tx.commit().await?)
    }

    /// Takes one more.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn push(&self, reject: ImportReject) -> Result<(), ImportError> {
        let mut state = self.state.clone().lock_owned().await;
        state.rejected += 1;
        if state.kept == self.most {
            return Ok(());
        }
        state.kept += 1;
        state.bytes += reject.reason.len() + reject.record.len();
        state.waiting.push(reject);
        if state.waiting.len() < BATCH && state.bytes < BATCH_BYTES {
            return Ok(());
        }
        self.write_state(state).await
    }

    /// Takes all that come. Answers how many there were, and the first.
    ///
    /// # Errors
    /// As [`Self::write`], and when the stream fails.
    pub async fn take(
        &self,
        mut rejects: impl Stream<Item = sqlx::Result<ImportReject>> + Unpin,
    ) -> Result<(i64, Option<ImportReject>), ImportError> {
        let (mut taken, mut first) = (0, None);
        while let Some(reject) = rejects.next().await {
            let reject = reject?;
            first.get_or_insert_with(|| reject.clone());
            self.push(reject).await?;
            taken += 1;
        }
        Ok((taken, first))
    }

    /// Counts so many more, which are not kept.
    pub async fn count(&self, more: i64) {
        self.state.lock().await.rejected += more;
    }

    /// How many more are worth asking for: those that would be kept, and the first in any case, which may have to be told.
    pub async fn room(&self) -> i64 {
        let kept = self.state.lock().await.kept;
        i64::try_from(self.most - kept).unwrap_or(0).max(1)
    }

    /// Writes down what waits, and how many there are in all.
    ///
    /// # Errors
    /// When the database refuses, or the import is no longer this attempt's.
    pub async fn write(&self) -> Result<(), ImportError> {
        let state = self.state.clone().lock_owned().await;
        if state.rejected == 0 {
            return Ok(());
        }
        self.write_state(state).await
    }

    /// In a task of its own: an import that is cancelled in the middle of it neither loses nor repeats any.
    async fn write_state(&self, mut state: OwnedMutexGuard<State>) -> Result<(), ImportError> {
        let Some((pool, key)) = self.of.clone() else {
            return Ok(());
        };
        let write = async move {
            let mut tx = pool.begin().await?;
            let before = state.kept - state.waiting.len();
            let State {
                waiting, rejected, ..
            } = &*state;
            if !import_rejects::keep(&mut tx, key, waiting, *rejected, before).await? {
                return Err(ImportError::Lost);
            }
            tx.commit().await?;
            state.waiting.clear();
            state.bytes = 0;
            Ok(())
        };
        tokio::spawn(write.in_current_span())
            .await
            .map_err(|error| ImportError::Internal(format!("the rejects' writer ended: {error}")))?
    }
}

/// A decoder's reject as the log keeps it. No column can hold the NUL character, so that its symbol stands for it.
pub fn kept(reject: Reject) -> ImportReject {
    let text = |text: String| text.replace('\0', "\u{2400}");
    ImportReject {
        section: text(reject.section.into()),
        position: i64::try_from(reject.position).unwrap_or(i64::MAX),
        date: None,
        reason: text(reject.reason),
        record: text(reject.record),
    }
}

/// The sentence for an input of which no record could be used, or none of its `what`.
pub fn nothing_usable(records: i64, what: &str, first: Option<&ImportReject>) -> String {
    let first = first.map_or_else(String::new, |reject| {
        format!(
            " The first: {} {}: {}",
            reject.section, reject.position, reject.reason
        )
    });
    match records {
        1 => format!("Its only {what} can't be used.{first}"),
        _ => format!("None of its {records} {what}s can be used.{first}"),
    }
}
