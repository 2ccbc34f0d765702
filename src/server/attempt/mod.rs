//! One attempt at one import, as the process that makes it sees it: it reports progress, keeps the lease alive
//! and learns that it has to stop.

mod pace;
mod silence;
mod slot;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use pace::Pace;
use silence::Moves;
use slot::Slot;
use sqlx::{PgExecutor, PgPool};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::Instrument as _;

use crate::{
    model::import_log::Phase,
    server::{
        config::Lease,
        db::{
            attempts::{self, AttemptKey, Heartbeat, Progress},
            import_events::{self, Entered},
        },
    },
};

/// Progress is written at most this often.
const REPORT_EVERY: Duration = Duration::from_millis(500);

/// A running attempt. Clones are the same attempt; the lease is kept until the last one is dropped.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub key: AttemptKey,
    pool: PgPool,
    lease: Duration,
    shared: Arc<Shared>,
    heart: Arc<AbortOnDropHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    seen: Slot<Seen>,
    moves: Moves,
    stop: CancellationToken,
    reason: Slot<Option<Stop>>,
}

/// How far the attempt has said that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    phase: Phase,
    done: i64,
    total: Option<i64>,
    records: Option<i32>,
    /// Begins with the first progress in a phase.
    pace: Option<Pace>,
    /// Until when it waits, and for what trouble to pass.
    waits_until: Option<DateTime<Utc>>,
    trouble: Option<String>,
    /// The phases so far, each with its beginning. None of an upload, which has one; and none of a range, which has all of
    /// them each day.
    entered: Vec<(Phase, Instant)>,
}

impl Seen {
    fn at(&self, now: Instant) -> Progress {
        let counts_bytes = matches!(self.phase, Phase::Uploading | Phase::Reading);
        Progress {
            phase: self.phase,
            done: self.done,
            total: self.total,
            records: self.records,
            bytes_per_second: self
                .pace
                .filter(|_| counts_bytes)
                .and_then(|pace| pace.per_second(now, self.done)),
            seconds_left: self
                .pace
                .zip(self.total)
                .and_then(|(pace, total)| pace.seconds_left(now, self.done, total)),
            waits_until: self.waits_until,
            trouble: self.trouble.clone(),
        }
    }

    /// The phases that it has entered after the first so many.
    fn entered(&self, now: Instant, noted: usize) -> Vec<Entered> {
        let entered = self.entered.iter().skip(noted);
        entered
            .map(|(phase, at)| Entered {
                phase: *phase,
                ago: now.saturating_duration_since(*at),
            })
            .collect()
    }
}

/// Why an attempt has to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Somebody asked for it.
    Cancelled,
    /// The import is no longer this attempt's.
    Lost,
    /// The database has stopped answering it.
    Silent,
}

impl Attempt {
    /// Begins to keep the lease of an attempt that this process has claimed.
    #[must_use]
    pub fn begin(pool: PgPool, key: AttemptKey, lease: Lease, phase: Phase) -> Self {
        let shared = Arc::new(Shared {
            seen: Slot::new(Seen {
                phase,
                done: 0,
                total: None,
                records: None,
                pace: None,
                waits_until: None,
                trouble: None,
                entered: if phase == Phase::Reading {
                    vec![(phase, Instant::now())]
                } else {
                    Vec::new()
                },
            }),
            moves: Moves::begin(),
            stop: CancellationToken::new(),
            reason: Slot::new(None),
        });
        let beating = {
            let (pool, shared) = (pool.clone(), shared.clone());
            async move {
                tokio::select! {
                    why = beat(&pool, key, lease, &shared.seen) => shared.stop(why),
                    () = silence::falls(&pool, key.import_id, &shared.moves) => shared.stop(Stop::Silent),
                }
            }
        };
        let heart = AbortOnDropHandle::new(tokio::spawn(beating.in_current_span()));
        Self {
            key,
            pool,
            lease: lease.length,
            shared,
            heart: Arc::new(heart),
        }
    }

    /// Notes what the attempt is doing now.
    pub fn enter(&self, phase: Phase) {
        self.shared.moves.moved();
        self.shared.seen.update(|seen| {
            if seen.phase != phase {
                seen.phase = phase;
                seen.pace = None;
                if !seen.entered.is_empty() {
                    seen.entered.push((phase, Instant::now()));
                }
            }
        });
    }

    /// Notes how far it is; `records` where a number of records means anything before the end.
    pub fn progress(&self, done: i64, total: Option<i64>, records: Option<i64>) {
        self.shared.moves.moved();
        self.shared.seen.update(|seen| {
            seen.done = done;
            seen.total = total;
            seen.records = records.map(|records| i32::try_from(records).unwrap_or(i32::MAX));
            seen.pace
                .get_or_insert_with(|| Pace::begin(Instant::now(), done));
        });
    }

    /// How many bytes and records of a file it has read; `None` of what is no file.
    #[must_use]
    pub fn has_read(&self) -> Option<(i64, i64)> {
        let seen = self.shared.seen.get();
        seen.records.map(|records| (seen.done, records.into()))
    }

    /// Waits for what is not the database: its file, the feed, a pause. Whatever else it waits for is, and has to answer.
    pub async fn elsewhere<T>(&self, work: impl Future<Output = T>) -> T {
        self.shared.moves.elsewhere(work).await
    }

    /// Notes the trouble that it is in: a sentence, and until when it waits for it to pass.
    pub fn is_in_trouble(&self, sentence: &str, until: Option<DateTime<Utc>>) {
        self.shared.seen.update(|seen| {
            seen.trouble = Some(sentence.to_owned());
            seen.waits_until = until;
        });
    }

    /// Notes that the trouble is over, for better or worse.
    pub fn is_out_of_trouble(&self) {
        self.shared.seen.update(|seen| {
            seen.trouble = None;
            seen.waits_until = None;
        });
    }

    /// Writes how far it is once more, so that the log of an attempt that fails says what was read, not what the last
    /// heartbeat saw.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn report(&self) -> sqlx::Result<()> {
        let progress = self.shared.seen.get().at(Instant::now());
        self.note_phases(&self.pool).await?;
        attempts::heartbeat(&self.pool, self.key, self.lease, &progress)
            .await
            .map(drop)
    }

    /// Writes down which phases it went through, unless that stands there already.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn note_phases(&self, db: impl PgExecutor<'_>) -> sqlx::Result<()> {
        let entered = self.shared.seen.get().entered(Instant::now(), 0);
        import_events::enter(db, self.key, &entered).await
    }

    /// Notes that its success is committed: nothing has to be kept alive any more, and nothing stops it.
    pub fn has_succeeded(&self) {
        self.heart.abort();
    }

    /// Ends when the attempt has to stop, and says why.
    pub async fn stopped(&self) -> Stop {
        self.shared.stop.cancelled().await;
        self.shared.reason.get().unwrap_or(Stop::Lost)
    }
}

impl Shared {
    fn stop(&self, why: Stop) {
        self.reason.update(|reason| *reason = Some(why));
        self.stop.cancel();
    }
}

/// Writes the progress and renews the lease until the attempt has to stop, and says why.
async fn beat(pool: &PgPool, key: AttemptKey, lease: Lease, slot: &Slot<Seen>) -> Stop {
    let Lease { length, heartbeat } = lease;
    let mut ticks = interval(REPORT_EVERY.min(heartbeat));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    let mut written = (slot.get(), Instant::now());
    let mut noted = 0;
    loop {
        ticks.tick().await;
        let seen = slot.get();
        // A tick that comes a little early is one all the same.
        if seen == written.0 && written.1.elapsed() + REPORT_EVERY / 2 < heartbeat {
            continue;
        }
        let progress = seen.at(Instant::now());
        let beaten = async {
            let why = match attempts::heartbeat(pool, key, length, &progress).await? {
                Heartbeat::Cancelled => Some(Stop::Cancelled),
                Heartbeat::Lost => Some(Stop::Lost),
                Heartbeat::Goes => None,
            };
            if why.is_none() {
                written = (seen.clone(), Instant::now());
                let entered = seen.entered(Instant::now(), noted);
                import_events::enter(pool, key, &entered).await?;
                noted += entered.len();
            }
            Ok::<_, sqlx::Error>(why)
        };
        match tokio::time::timeout(length, beaten).await {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(why))) => return why,
            Ok(Err(error)) => tracing::warn!(%error, "the heartbeat, or a phase, was not written"),
            Err(_) => tracing::warn!("the heartbeat took longer than the lease"),
        }
        // Nobody can have renewed the lease: another worker may take over at any moment.
        if written.1.elapsed() > length {
            return Stop::Lost;
        }
    }
}
