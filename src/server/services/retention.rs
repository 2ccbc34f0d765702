//! Removes what is old, each night or when asked: the logs of finished imports with their rejects and days, and the uploads
//! of failures. The files of uploads that no log refers to any more go with housekeeping.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{PgPool, PgTransaction};

use super::ServiceError;
use crate::{
    model::{access::Action, audit::Detail, scheduler::Retained},
    server::{
        actor::{Actor, Permit},
        clock::BANGKOK,
        config,
        db::{
            audit, import_logs,
            retention::{self, Batch, LastRun},
            schedule,
        },
    },
};

/// When in a night it is done, after midnight in Bangkok: the draws of the day are long over.
const AT: TimeDelta = TimeDelta::minutes(3 * 60 + 30);

/// The removal of what is old.
#[derive(Clone, Debug)]
pub struct Retention {
    pool: PgPool,
    /// How long what is kept.
    pub keeps: config::Retention,
}

impl Retention {
    #[must_use]
    pub fn new(pool: PgPool, keeps: config::Retention) -> Self {
        Self { pool, keeps }
    }

    /// One look at the database's clock, and the night's work if it is due. Several processes may look at the same time.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn round(&self) -> Result<(), ServiceError> {
        let now = schedule::now(&self.pool).await?;
        self.look(now).await.map(drop)
    }

    /// Does the night's work, unless it has been done or another process has taken it. A night that was missed is made up
    /// for; one that breaks off is over, and the next one does the rest.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn look(&self, now: DateTime<Utc>) -> Result<Option<Retained>, ServiceError> {
        let mut tx = self.pool.begin().await?;
        let last = retention::take(&mut *tx).await?;
        if !last.is_some_and(|last| is_due(&last, now)) {
            tx.rollback().await?;
            return Ok(None);
        }
        retention::begin(&mut *tx, now).await?;
        tx.commit().await?;
        let permit = Actor::scheduler().permit(Action::RemoveLogs)?;
        let (removed, _) = self.remove(now, &permit).await?;
        Ok(Some(removed))
    }

    /// Removes what is old by the database's clock, now. Answers what that was, and the keys of the uploads that nobody needs any
    /// more: housekeeping would find them, in its time.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn run(&self, by: &Actor) -> Result<(Retained, Vec<String>), ServiceError> {
        let permit = by.permit(Action::RemoveLogs)?;
        let now = schedule::now(&self.pool).await?;
        retention::begin(&self.pool, now).await?;
        self.remove(now, &permit).await
    }

    /// What the last run removed. `None`: there was none yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn last(&self) -> Result<Option<Retained>, ServiceError> {
        Ok(retention::last(&self.pool).await?)
    }

    async fn remove(
        &self,
        now: DateTime<Utc>,
        permit: &Permit,
    ) -> Result<(Retained, Vec<String>), ServiceError> {
        let mut removed = Retained {
            at: now,
            logs: 0,
            payloads: 0,
        };
        let mut unneeded = Vec::new();
        if let (Some(before), Some(open_before)) = (
            self.keeps.logs_before(now),
            self.keeps.open_failures_before(now),
        ) {
            let mut after = Some(0);
            while let Some(id) = after {
                let mut tx = self.pool.begin().await?;
                let batch = retention::remove_logs(&mut tx, id, before, open_before).await?;
                let logs = number(batch.logs);
                after = settle(tx, batch, logs, &mut removed, &mut unneeded).await?;
            }
        }
        if let Some(before) = self.keeps.payloads_before(now) {
            let mut after = Some(0);
            while let Some(id) = after {
                let mut tx = self.pool.begin().await?;
                let batch = retention::release_payloads(&mut tx, id, before).await?;
                after = settle(tx, batch, 0, &mut removed, &mut unneeded).await?;
            }
        }
        if removed.logs + removed.payloads > 0 {
            let detail = Detail {
                what: Some(format!("what is old: {}", removed.in_words())),
                logs: Some(removed.logs),
                ..Detail::default()
            };
            audit::note(&self.pool, permit, None, detail).await?;
        }
        tracing::info!(
            logs = removed.logs,
            uploads = removed.payloads,
            "removed what is old"
        );
        Ok((removed, unneeded))
    }
}

/// Notes what a batch removed and commits it. Answers after which id the next one begins; none does
/// after one that found nothing.
async fn settle(
    mut tx: PgTransaction<'static>,
    batch: Batch,
    logs: i64,
    removed: &mut Retained,
    unneeded: &mut Vec<String>,
) -> sqlx::Result<Option<i32>> {
    // A retry has the upload of what it repeats, too.
    let used = import_logs::payloads_in_use(&mut *tx, &batch.payloads).await?;
    let released = batch.payloads.into_iter();
    let released: Vec<String> = released.filter(|key| !used.contains(key)).collect();
    let payloads = number(released.len());
    if logs > 0 || payloads > 0 {
        retention::add(&mut *tx, logs, payloads).await?;
    }
    tx.commit().await?;
    removed.logs += logs;
    removed.payloads += payloads;
    unneeded.extend(released);
    Ok(batch.last_id)
}

/// Whether the latest night's work is still to be done. A clock that was ahead once may have left an instant that is still
/// to come: it counts for nothing.
fn is_due(last: &LastRun, now: DateTime<Utc>) -> bool {
    let over = last.ran_at.unwrap_or(last.created_at);
    over > now || over < latest_night(now)
}

/// The latest instant at which the work came due.
fn latest_night(now: DateTime<Utc>) -> DateTime<Utc> {
    let shift = TimeDelta::seconds(BANGKOK.local_minus_utc().into()) - AT;
    let day = (now + shift).date_naive();
    day.and_time(chrono::NaiveTime::MIN).and_utc() - shift
}

fn number(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_comes_due_at_half_past_three_in_bangkok() {
        for (now, night) in [
            ("2025-06-22T20:29:59Z", "2025-06-21T20:30:00Z"),
            ("2025-06-22T20:30:00Z", "2025-06-22T20:30:00Z"),
            ("2025-06-23T00:00:00Z", "2025-06-22T20:30:00Z"),
            ("2025-06-23T17:30:00Z", "2025-06-22T20:30:00Z"),
        ] {
            let [now, night] = [now, night].map(|at| at.parse::<DateTime<Utc>>().unwrap());
            assert_eq!(latest_night(now), night, "{now}");
        }
    }
}
