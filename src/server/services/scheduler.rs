//! The scheduler: imports today's date at each tick, while it is switched on and a feed is configured.

use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::PgPool;

use super::{
    ServiceError,
    imports::{Imports, NO_FEED},
};
use crate::{
    error::ErrorKind,
    model::{
        import_log::{Requester, Started},
        scheduler::SchedulerStatus,
    },
    server::{
        clock::{BANGKOK, Clock},
        config,
        db::{import_logs, processes, schedule},
    },
};

/// How many of the next runs are told.
const NEXT_SHOWN: usize = 3;

/// The scheduler's switch and its ticks.
#[derive(Clone, Debug)]
pub struct Scheduler {
    pool: PgPool,
    imports: Imports,
    clock: Clock,
    schedule: config::Schedule,
    feed_configured: bool,
    demo_feed: bool,
}

impl Scheduler {
    #[must_use]
    pub fn new(pool: PgPool, imports: Imports, clock: Clock, config: &config::Config) -> Self {
        Self {
            pool,
            imports,
            clock,
            schedule: config.schedule.clone(),
            feed_configured: config.feed.url.is_some(),
            demo_feed: config.feed.demo,
        }
    }

    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The first tick after an instant. The cron expression is in Bangkok's time. `None`: it never comes.
    #[must_use]
    pub fn next_tick(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.schedule
            .cron
            .find_next_occurrence(&after.with_timezone(&BANGKOK), false)
            .ok()
            .map(|tick| tick.with_timezone(&Utc))
    }

    /// What the scheduler is doing.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn status(&self) -> Result<SchedulerStatus, ServiceError> {
        let enabled = schedule::is_enabled(&self.pool).await?;
        let is_running = enabled && self.feed_configured;
        let mut next_jobs = Vec::new();
        let mut after = self.clock.now();
        while is_running && next_jobs.len() < NEXT_SHOWN {
            let Some(tick) = self.next_tick(after) else {
                break;
            };
            next_jobs.push(tick.to_rfc3339_opts(SecondsFormat::Secs, true));
            after = tick;
        }
        let why_not = if self.feed_configured {
            (!enabled).then(|| {
                "It was stopped. Start it to fetch today's results on schedule.".to_owned()
            })
        } else {
            Some(NO_FEED.to_owned())
        };
        Ok(SchedulerStatus {
            is_running,
            external_api_configured: self.feed_configured,
            next_jobs,
            thread_alive: processes::all(&self.pool)
                .await?
                .iter()
                .any(|process| process.has_timer && process.is_alive),
            enabled,
            schedule: self.schedule.expression.clone(),
            schedule_in_words: in_words(&self.schedule.cron.describe()),
            demo_feed: self.demo_feed,
            why_not,
            last_run: import_logs::last_scheduled(&self.pool).await?,
        })
    }

    /// Switches it on, for all processes and for good.
    ///
    /// # Errors
    /// When no feed is configured or the database refuses.
    pub async fn start(&self) -> Result<(), ServiceError> {
        if !self.feed_configured {
            return Err(ServiceError::told(ErrorKind::Unavailable, NO_FEED));
        }
        Ok(schedule::set_enabled(&self.pool, true).await?)
    }

    /// Switches it off, for all processes and for good. An import that it started goes on.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn stop(&self) -> Result<(), ServiceError> {
        Ok(schedule::set_enabled(&self.pool, false).await?)
    }

    /// Imports today's date now, as a run of the scheduler's.
    ///
    /// # Errors
    /// When no feed is configured (which is logged as a failed import), a run that the scheduler started or
    /// another of today's date is still under way, or the database refuses.
    pub async fn trigger(&self) -> Result<Started, ServiceError> {
        let mut tx = self.pool.begin().await?;
        schedule::lock(&mut *tx).await?;
        let today = self.clock.today();
        if import_logs::scheduled_is_running(&mut *tx, today).await? {
            return Err(ServiceError::told(
                ErrorKind::Conflict,
                "An import of today's results is under way already. Wait for it to end, or cancel it.",
            ));
        }
        let started = self
            .imports
            .start_dates(&mut tx, &[today], None, Requester::Scheduler)
            .await?;
        tx.commit().await?;
        if self.feed_configured {
            Ok(started)
        } else {
            let kind = ErrorKind::Unavailable;
            Err(ServiceError::of_import(started.id, kind, NO_FEED))
        }
    }

    /// Starts the import of a tick, unless another process has, the scheduler is off, or the run before is
    /// still under way.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tick(&self, tick: DateTime<Utc>) -> Result<Option<Started>, ServiceError> {
        if !self.feed_configured {
            return Ok(None);
        }
        let today = self.clock.today();
        let mut tx = self.pool.begin().await?;
        if !schedule::take_tick(&mut *tx, tick).await?
            || import_logs::scheduled_is_running(&mut *tx, today).await?
        {
            // Committed all the same: a tick that was passed over is over.
            tx.commit().await?;
            return Ok(None);
        }
        let started = self
            .imports
            .start_dates(&mut tx, &[today], None, Requester::Scheduler)
            .await?;
        tx.commit().await?;
        Ok(Some(started))
    }
}

/// A cron expression's description as it stands in the middle of a sentence: "every 5 minutes".
fn in_words(description: &str) -> String {
    let description = description.trim_end_matches('.');
    let mut letters = match description.strip_prefix("At every") {
        Some(often) => return format!("every{often}"),
        None => description.chars(),
    };
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}
