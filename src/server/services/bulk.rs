//! Does something to all logs that match a filter: removes them, or runs what failed again.
//!
//! It goes piece by piece, each in transactions of its own: nobody waits for all of it, and what was done when it breaks off
//! stays done. What it has done stands in the database, so that every process can tell how far it is.
//!
//! Above 300 lines, since both kinds of work tell of themselves, end and break off in the same way.

use std::time::Duration;

use futures::TryStreamExt as _;
use sqlx::PgPool;
use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::{
    ServiceError,
    history::{Batch, History},
    imports::Imports,
};
use crate::{
    error::ErrorKind,
    model::{
        access::Action,
        audit::Detail,
        history::{BulkKind, BulkState, BulkWork, COUNTED, Filter, Retryable},
        import_log::{Cleared, ImportLog, ImportStatus},
    },
    server::{
        actor::{Actor, Permit},
        db::{audit, bulk_work, import_log_counts},
    },
};

/// Work on many logs.
#[derive(Clone, Debug)]
pub struct Bulk {
    pool: PgPool,
    history: History,
    imports: Imports,
}

/// What running failures again did.
#[derive(Clone, Debug, Default)]
pub struct Retried {
    /// The imports that began, each with what it repeats.
    pub started: Vec<(i32, i32)>,
    /// The failures that could not be repeated, each with why.
    pub refused: Vec<(i32, String)>,
}

impl Bulk {
    #[must_use]
    pub fn new(pool: PgPool, history: History, imports: Imports) -> Self {
        Self {
            pool,
            history,
            imports,
        }
    }

    /// What running all that a filter matches again would touch. No more failures are looked at than are counted.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn retryable(&self, filter: &Filter) -> Result<Retryable, ServiceError> {
        let mut found = Retryable::default();
        let Some(failures) = failures(filter) else {
            return Ok(found);
        };
        let mut looked_at = 0;
        let mut pieces = std::pin::pin!(self.history.all(failures));
        while let Some(logs) = pieces.try_next().await? {
            looked_at += logs.len();
            for log in logs.iter().filter(|log| is_unsettled(log)) {
                if log.retryable {
                    found.can += 1;
                } else if log.lacks_its_upload() {
                    found.lack_files += 1;
                } else {
                    found.never_can += 1;
                }
            }
            if looked_at > COUNTED {
                found.at_least = true;
                break;
            }
        }
        Ok(found)
    }

    /// Removes the logs that match a filter and have ended; those of open failures only when they aren't to be kept. If
    /// nobody waits for it any more, the batch under way is the last.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remove(
        &self,
        filter: &Filter,
        keep_open_failures: bool,
        by: &Actor,
    ) -> Result<Cleared, ServiceError> {
        let permit = by.permit(Action::RemoveLogs)?;
        let work = self
            .begin_removal(filter, keep_open_failures, &permit)
            .await?;
        let removed = self.remove_for(work, filter, keep_open_failures).await?;
        let counts = import_log_counts::read(&self.pool).await?;
        Ok(Cleared {
            removed: u64::try_from(removed).unwrap_or_default(),
            open_failures_left: counts.open_failures,
            goes_on: false,
        })
    }

    /// The same, waited for as long as a page waits: what takes longer goes on by itself.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remove_from_page(
        &self,
        filter: Filter,
        keep_open_failures: bool,
        by: &Actor,
    ) -> Result<Cleared, ServiceError> {
        /// A page gives up after 15 s.
        const AT_ONCE: Duration = Duration::from_secs(8);
        let (work, task) = self.start_removal(filter, keep_open_failures, by).await?;
        let _ = tokio::time::timeout(AT_ONCE, task).await;
        let told = bulk_work::told(&self.pool, Some(work)).await?;
        let counts = import_log_counts::read(&self.pool).await?;
        Ok(Cleared {
            removed: told
                .map_or(0, |work| work.done)
                .try_into()
                .unwrap_or_default(),
            open_failures_left: counts.open_failures,
            goes_on: told.is_some_and(|work| work.state != BulkState::Ended),
        })
    }

    /// The same in the background. Answers its number, by which [`Bulk::told`] tells of it, and its task.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn start_removal(
        &self,
        filter: Filter,
        keep_open_failures: bool,
        by: &Actor,
    ) -> Result<(i32, JoinHandle<()>), ServiceError> {
        let permit = by.permit(Action::RemoveLogs)?;
        let work = self
            .begin_removal(&filter, keep_open_failures, &permit)
            .await?;
        let bulk = self.clone();
        let task = async move { bulk.remove_for(work, &filter, keep_open_failures).await };
        Ok((work, spawn(task)))
    }

    /// Runs all failures that a filter matches again, in the background; those that can be. Answers as above.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn start_retry(
        &self,
        filter: Filter,
        by: &Actor,
    ) -> Result<(i32, JoinHandle<()>), ServiceError> {
        by.permit(Action::Retry)?;
        let found = self.retryable(&filter).await?;
        let total = (!found.at_least).then_some(found.can);
        let work = bulk_work::begin(&self.pool, BulkKind::Retry, total).await?;
        let (bulk, by) = (self.clone(), by.clone());
        let task = async move {
            let retried = bulk.retry_for(Some(work), &filter, &by).await;
            bulk.settle(work, retried).await
        };
        Ok((work, spawn(task)))
    }

    /// Runs all failures that a filter matches again; those that can be.
    ///
    /// # Errors
    /// When the database refuses, or can't be reached from the first on.
    pub async fn retry(&self, filter: &Filter, by: &Actor) -> Result<Retried, ServiceError> {
        by.permit(Action::Retry)?;
        self.retry_for(None, filter, by).await
    }

    /// Work that is to be told of: the one with this number; else the newest, unless it has ended.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn told(&self, work: Option<i32>) -> Result<Option<BulkWork>, ServiceError> {
        Ok(bulk_work::told(&self.pool, work).await?)
    }

    async fn begin_removal(
        &self,
        filter: &Filter,
        keep: bool,
        permit: &Permit,
    ) -> Result<i32, ServiceError> {
        let found = self.history.removable(filter).await?;
        let kept = if keep { found.open_failures } else { 0 };
        let total = (!found.at_least).then_some(found.ended - kept);
        let mut tx = self.pool.begin().await?;
        let work = bulk_work::begin(&mut *tx, BulkKind::Remove, total).await?;
        let detail = Detail {
            what: keep.then(|| "not those of open failures".to_owned()),
            filter: filter.said(),
            logs: total,
            ..Detail::default()
        };
        audit::note(&mut *tx, permit, None, detail).await?;
        tx.commit().await?;
        Ok(work)
    }

    async fn remove_for(
        &self,
        work: i32,
        filter: &Filter,
        keep: bool,
    ) -> Result<i64, ServiceError> {
        let removed = self.remove_batches(work, filter, keep).await;
        let removed = self.settle(work, removed).await?;
        tracing::info!(work, logs = removed, "removed logs");
        Ok(removed)
    }

    async fn remove_batches(
        &self,
        work: i32,
        filter: &Filter,
        keep: bool,
    ) -> Result<i64, ServiceError> {
        /// After so many logs the server's log tells how far it is.
        const SAID_EACH: i64 = 100_000;
        // What comes while it goes on isn't meant.
        let up_to = bulk_work::last_id(&self.pool).await?;
        let (mut removed, mut said) = (0, 0);
        let mut after = None;
        loop {
            let Batch { facets, places } = self.history.batch(filter, after).await?;
            let mut left = places.as_slice();
            while !left.is_empty() {
                let mut tx = self.pool.begin().await?;
                let batch = bulk_work::remove(&mut tx, &facets, left, keep, up_to).await?;
                bulk_work::add(&mut *tx, work, batch.logs, 0).await?;
                tx.commit().await?;
                removed += batch.logs;
                left = left.get(batch.looked_at.max(1)..).unwrap_or_default();
            }
            if removed - said >= SAID_EACH {
                said = removed;
                tracing::info!(work, logs = removed, "removing logs");
            }
            after = places.last().copied();
            if after.is_none() {
                return Ok(removed);
            }
        }
    }

    async fn retry_for(
        &self,
        work: Option<i32>,
        filter: &Filter,
        by: &Actor,
    ) -> Result<Retried, ServiceError> {
        /// After so many that could not even be tried the rest isn't.
        const IN_A_ROW: u32 = 3;
        let mut retried = Retried::default();
        let Some(failures) = failures(filter) else {
            return Ok(retried);
        };
        let mut any = false;
        let mut in_a_row = 0;
        let mut pieces = std::pin::pin!(self.history.all(failures));
        while let Some(logs) = pieces.try_next().await? {
            if let Some(work) = work {
                // It is alive, also where it finds nothing to do.
                bulk_work::add(&self.pool, work, 0, 0).await?;
            }
            let can = logs.iter().filter(|log| log.retryable && is_unsettled(log));
            for log in can {
                let (mut done, mut refused) = (0, 0);
                match self.imports.retry(log.id, by).await {
                    Ok(retry) => {
                        in_a_row = 0;
                        done = 1;
                        any = true;
                        if work.is_none() {
                            retried.started.push((retry.id, log.id));
                        }
                    }
                    Err(error) => {
                        let told = error.tell();
                        let unavailable =
                            matches!(told.kind, ErrorKind::Unavailable | ErrorKind::TooMany);
                        in_a_row = if unavailable { in_a_row + 1 } else { 0 };
                        // What one can't do the others can't do either; of work under way nobody shall lose what began.
                        if unavailable && (!any || (work.is_some() && in_a_row == IN_A_ROW)) {
                            return Err(error);
                        }
                        refused = 1;
                        if work.is_none() {
                            retried.refused.push((log.id, told.message));
                        }
                    }
                }
                if let Some(work) = work {
                    bulk_work::add(&self.pool, work, done, refused).await?;
                }
                if in_a_row == IN_A_ROW {
                    return Ok(retried);
                }
            }
        }
        Ok(retried)
    }

    /// Notes how work came out.
    async fn settle<T>(&self, work: i32, done: Result<T, ServiceError>) -> Result<T, ServiceError> {
        match &done {
            Ok(_) => bulk_work::end(&self.pool, work).await?,
            Err(_) => bulk_work::break_off(&self.pool, work).await?,
        }
        done
    }
}

/// Does it beside the answers of this process. Why it failed stands in the server's log.
fn spawn<T: Send>(
    work: impl Future<Output = Result<T, ServiceError>> + Send + 'static,
) -> JoinHandle<()> {
    let working = async move {
        if let Err(error) = work.await {
            tracing::warn!(%error, "work on many logs broke off");
        }
    };
    tokio::spawn(working.in_current_span())
}

/// Of what matches a filter those that failed; `None`: there can be none.
fn failures(filter: &Filter) -> Option<Filter> {
    let can_fail = filter
        .status
        .is_none_or(|status| status == ImportStatus::Failed);
    can_fail.then(|| Filter {
        status: Some(ImportStatus::Failed),
        ..filter.clone()
    })
}

/// What failed again stands for what it repeated; what was put right or dismissed stays so.
fn is_unsettled(log: &ImportLog) -> bool {
    log.superseded_by.is_none() && log.resolved_by.is_none() && !log.dismissed
}
