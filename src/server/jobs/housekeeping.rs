//! Finds what nobody looks after any more: imports whose worker died or that no process can take, and payloads that no
//! log refers to.

use std::time::Duration;

use chrono::TimeDelta;
use sqlx::PgPool;
use tokio::time::Instant;

use super::recovery::{self, PATIENCE, Recovered};
use crate::server::{clock::Clock, config, db::import_logs, payloads::Payloads, services::checks};

/// A payload without a log may be one whose log is about to be written: it is given this time.
const PAYLOAD_AGE: TimeDelta = TimeDelta::minutes(10);
/// What was checked is kept so much longer than anybody may still import it.
const CHECK_GRACE: TimeDelta = TimeDelta::minutes(10);
/// A part of an upload that is written so seldom belongs to nobody any more.
const PARTIAL_AGE: TimeDelta = TimeDelta::days(1);

/// What housekeeping needs.
#[derive(Clone, Debug)]
pub struct Housekeeping {
    pub pool: PgPool,
    pub payloads: Payloads,
    pub clock: Clock,
    pub limits: config::Attempts,
    /// Since when this process has kept house.
    pub since: Instant,
}

impl Housekeeping {
    /// How often to look for abandoned imports.
    #[must_use]
    pub fn recovers_every(&self) -> Duration {
        (self.limits.lease.length / 3).min(Duration::from_secs(5))
    }

    /// Looks once for imports whose lease has ended, and for those that no process can take. For the latter the others are
    /// given time to start: they may do so beside this one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn recover(&self) -> sqlx::Result<Recovered> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let mut found = recovery::recover(&mut tx, self.limits.max, now).await?;
        if self.since.elapsed() >= PATIENCE {
            found.failed += recovery::end_stranded(&mut tx, now).await?;
        }
        tx.commit().await?;
        if found != Recovered::default() {
            tracing::warn!(?found, "found imports that nobody worked on");
        }
        Ok(found)
    }

    /// Removes what uploads have left in the store that no log refers to.
    ///
    /// # Errors
    /// What could not be removed, and why.
    pub async fn tidy(&self) -> Result<(), String> {
        let partial = self
            .payloads
            .remove_partial(self.clock.now() - PARTIAL_AGE)
            .map_err(|error| format!("broken uploads could not be removed: {error}"));
        self.remove_unused_payloads()
            .await
            .map_err(|error| format!("unused payloads could not be removed: {error}"))?;
        partial
    }

    async fn remove_unused_payloads(&self) -> Result<(), String> {
        let now = self.clock.now();
        // Before the logs are looked at: what is imported meanwhile is found here or there.
        let checked = self
            .payloads
            .forget_checks(now - checks::KEPT - CHECK_GRACE)
            .await
            .map_err(|e| e.to_string())?;
        let keys = self
            .payloads
            .keys_older_than(now - PAYLOAD_AGE)
            .await
            .map_err(|e| e.to_string())?;
        let used = import_logs::payloads_in_use(&self.pool, &keys)
            .await
            .map_err(|e| e.to_string())?;
        let used = |key: &&String| used.contains(key) || checked.contains(key);
        for key in keys.iter().filter(|key| !used(key)) {
            self.payloads.delete(key).await.map_err(|e| e.to_string())?;
        }
        Ok(())
    }
}
