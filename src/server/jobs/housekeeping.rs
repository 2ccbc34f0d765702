//! Finds what nobody looks after any more: imports whose worker died, payloads that no log refers to, jobs that
//! are done.

use std::time::Duration;

use chrono::TimeDelta;
use sqlx::PgPool;
use tokio::time::{MissedTickBehavior, interval};

use crate::server::{
    clock::Clock,
    config,
    db::{import_logs, jobs, recovery},
    payloads::Payloads,
    services::in_time,
};

/// How often stores and queues are tidied.
const TIDY_EVERY: Duration = Duration::from_mins(5);
/// A payload without a log may be one whose log is about to be written: it is given this time.
const PAYLOAD_AGE: TimeDelta = TimeDelta::minutes(10);

/// A part of an upload that is written so seldom belongs to nobody any more.
const PARTIAL_AGE: TimeDelta = TimeDelta::days(1);

/// What housekeeping needs.
#[derive(Clone, Debug)]
pub struct Housekeeping {
    pub pool: PgPool,
    pub payloads: Payloads,
    pub clock: Clock,
    pub limits: config::Attempts,
}

impl Housekeeping {
    /// Keeps house until cancelled. A store that hangs holds up the tidying, but no import.
    pub async fn run(&self) {
        tokio::join!(self.keep_recovering(), self.keep_tidying());
    }

    async fn keep_recovering(&self) {
        let mut ticks = interval((self.limits.lease.length / 3).min(Duration::from_secs(5)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match in_time(self.recover()).await {
                Ok(recovery::Recovered {
                    failed: 0,
                    requeued: 0,
                }) => {}
                Ok(found) => tracing::warn!(?found, "found imports that nobody worked on"),
                Err(error) => tracing::warn!(%error, "could not look for abandoned imports"),
            }
        }
    }

    async fn keep_tidying(&self) {
        let mut ticks = interval(TIDY_EVERY);
        loop {
            ticks.tick().await;
            self.tidy().await;
        }
    }

    /// Looks once for imports whose lease has ended.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn recover(&self) -> sqlx::Result<recovery::Recovered> {
        let mut tx = self.pool.begin().await?;
        let found = recovery::recover(&mut tx, self.limits.max, self.clock.now()).await?;
        tx.commit().await?;
        Ok(found)
    }

    async fn tidy(&self) {
        if let Err(error) = jobs::remove_finished(&self.pool).await {
            tracing::warn!(%error, "done jobs could not be removed");
        }
        if let Err(error) = self.payloads.remove_partial(self.clock.now() - PARTIAL_AGE) {
            tracing::warn!(%error, "broken uploads could not be removed");
        }
        if let Err(error) = self.remove_unused_payloads().await {
            tracing::warn!(error, "unused payloads could not be removed");
        }
    }

    async fn remove_unused_payloads(&self) -> Result<(), String> {
        let keys = self
            .payloads
            .keys_older_than(self.clock.now() - PAYLOAD_AGE)
            .await
            .map_err(|e| e.to_string())?;
        let used = import_logs::payloads_in_use(&self.pool, &keys)
            .await
            .map_err(|e| e.to_string())?;
        for key in keys.iter().filter(|key| !used.contains(key)) {
            self.payloads.delete(key).await.map_err(|e| e.to_string())?;
        }
        Ok(())
    }
}
