//! Whether the database still answers an attempt.
//!
//! A connection can fall silent while both of its ends live: a firewall has forgotten it, a proxy is stuck. Who waits for an
//! answer on it waits for ever; heartbeats go over another one and keep the lease meanwhile; and nothing in PostgreSQL
//! cuts off what may take its time. But PostgreSQL knows whether it works for the import. So: where nothing has moved
//! for a while, the attempt waits for nothing but the database, and PostgreSQL waits for the attempt, or knows of none,
//! their connection is gone.

use std::time::Duration;

use sqlx::PgPool;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::slot::Slot;
use crate::server::db::sessions;

/// How long nothing moves before PostgreSQL is asked.
const STILL: Duration = Duration::from_secs(10);
/// How long it has to say so then.
const SILENT: Duration = Duration::from_secs(5);
/// How often it is looked.
const EVERY: Duration = Duration::from_secs(2);

/// What an attempt waits for, as far as it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Waiting {
    /// For so many things that are not the database: its file, the feed, a pause.
    elsewhere: usize,
    /// Since when nothing has moved.
    since: Instant,
}

/// When an attempt last moved.
#[derive(Debug)]
pub struct Moves(Slot<Waiting>);

impl Moves {
    pub fn begin() -> Self {
        Self(Slot::new(Waiting {
            elsewhere: 0,
            since: Instant::now(),
        }))
    }

    pub fn moved(&self) {
        self.0.update(|waiting| waiting.since = Instant::now());
    }

    /// Does what is none of the database's.
    pub async fn elsewhere<T>(&self, work: impl Future<Output = T>) -> T {
        let _elsewhere = Elsewhere::begin(self);
        work.await
    }

    /// Since when it waits for the database alone.
    fn waits_since(&self) -> Option<Instant> {
        let Waiting { elsewhere, since } = self.0.get();
        (elsewhere == 0).then_some(since)
    }
}

/// Until it is dropped, also where what waits is.
struct Elsewhere<'a>(&'a Moves);

impl<'a> Elsewhere<'a> {
    fn begin(moves: &'a Moves) -> Self {
        moves.0.update(|waiting| waiting.elsewhere += 1);
        Self(moves)
    }
}

impl Drop for Elsewhere<'_> {
    fn drop(&mut self) {
        self.0.0.update(|waiting| {
            waiting.elsewhere -= 1;
            waiting.since = Instant::now();
        });
    }
}

/// Ends when the database has fallen silent. It asks for itself: a heartbeat waits for the silent transaction, if that has
/// changed the import's own row.
pub async fn falls(pool: &PgPool, import_id: i32, moves: &Moves) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Since when nothing has moved, and since when PostgreSQL says that it isn't to blame.
    let mut heard: Option<(Instant, Instant)> = None;
    loop {
        ticks.tick().await;
        let still = moves.waits_since().filter(|since| since.elapsed() >= STILL);
        heard = match still {
            Some(since) if is_idle(pool, import_id).await => match heard {
                Some(before) if before.0 == since => heard,
                _ => Some((since, Instant::now())),
            },
            _ => None,
        };
        if heard.is_some_and(|(_, first)| first.elapsed() >= SILENT) {
            return;
        }
    }
}

/// Whether PostgreSQL says that it does nothing for the import. Where it says nothing at all, the lease ends.
async fn is_idle(pool: &PgPool, import_id: i32) -> bool {
    match tokio::time::timeout(SILENT, sessions::works_for(pool, import_id)).await {
        Ok(Ok(works)) => !works,
        Ok(Err(error)) => {
            tracing::warn!(%error, "nobody knows what the database does");
            false
        }
        Err(_) => false,
    }
}
