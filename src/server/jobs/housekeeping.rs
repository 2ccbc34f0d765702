//! Finds what nobody looks after any more: imports whose worker died or that no process can take, and payloads that no
//! log refers to.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;
use tokio::time::Instant;

use super::recovery::{self, PATIENCE, Recovered};
use crate::server::{
    clock::Clock,
    config,
    db::{self, import_logs},
    payloads::Payloads,
    services::checks,
};

/// A payload without a log may be one whose log is about to be written: it is given this time, from when it is there.
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
    pub unused: Unused,
}

/// The payloads that no log refers to, and since when each is there so: since it was written, where the store can tell, else since
/// this process first saw it. An object store's own times don't tell: an upload that took an hour may be an hour old at the
/// moment it appears.
#[derive(Clone, Debug, Default)]
pub struct Unused(Arc<Mutex<BTreeMap<String, DateTime<Utc>>>>);

impl Unused {
    /// Notes which are unused now, and forgets all others. Answers those that have been for long enough, each once.
    fn note(
        &self,
        unused: impl Iterator<Item = (String, DateTime<Utc>)>,
        now: DateTime<Utc>,
    ) -> Vec<String> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *known = unused
            .map(|(key, begin)| {
                let since = known.get(&key).copied().unwrap_or(begin);
                (key, since)
            })
            .collect();
        let long = |since: DateTime<Utc>| now - since >= PAYLOAD_AGE;
        known
            .extract_if(.., |_, since| long(*since))
            .map(|(key, _)| key)
            .collect()
    }
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
        let parts = self
            .payloads
            .drop_parts(self.clock.now() - PARTIAL_AGE)
            .await;
        self.remove_unused_payloads()
            .await
            .map_err(|error| format!("unused payloads could not be removed: {error}"))?;
        parts.map_err(|error| format!("parts of broken uploads could not be dropped: {error}"))?;
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
        let keys = self.payloads.keys().await.map_err(|e| e.to_string())?;
        // A commit that waits for a standby isn't seen yet, and what it says of its upload isn't either.
        db::commits_arrive(&self.pool)
            .await
            .map_err(|e| e.to_string())?;
        let used = import_logs::payloads_in_use(&self.pool, &keys)
            .await
            .map_err(|e| e.to_string())?;
        let used: HashSet<String> = used.into_iter().chain(checked).collect();
        let unused = keys.into_iter().filter(|key| !used.contains(key));
        let unused = unused.map(|key| {
            let begin = self.payloads.whole_since(&key).unwrap_or(now);
            (key, begin)
        });
        for key in self.unused.note(unused, now) {
            self.payloads
                .delete(&key)
                .await
                .map_err(|e| e.to_string())?;
        }
        Ok(())
    }
}
