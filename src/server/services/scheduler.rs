//! The scheduler: at each tick it asks the feed for the days that are not complete yet, while it is switched on and a
//! feed is configured. The database's clock decides when.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use sqlx::PgPool;

use super::{
    ServiceError,
    imports::{Imports, NO_FEED},
    stores::Stores,
};
use crate::{
    error::ErrorKind,
    model::{
        access::Action,
        audit::Detail,
        count::count,
        import_log::Started,
        scheduler::{IncompleteDay, Process, SchedulerStatus},
    },
    server::{
        actor::{Actor, Permit},
        clock::{BANGKOK, Clock},
        config,
        db::{
            audit,
            feed_days::{self, Incomplete},
            import_logs, processes,
            schedule::{self, Schedule},
        },
    },
};

/// How many of the next runs are told.
const NEXT_SHOWN: usize = 3;

/// The scheduler's switch and its ticks.
#[derive(Clone, Debug)]
pub struct Scheduler {
    pool: PgPool,
    imports: Imports,
    stores: Stores,
    clock: Clock,
    schedule: config::Schedule,
    feed_configured: bool,
    demo_feed: bool,
}

impl Scheduler {
    #[must_use]
    pub fn new(
        pool: PgPool,
        imports: Imports,
        stores: Stores,
        clock: Clock,
        config: &config::Config,
    ) -> Self {
        Self {
            pool,
            imports,
            stores,
            clock,
            schedule: config.schedule.clone(),
            feed_configured: config.feed.url.is_some(),
            demo_feed: config.feed.demo,
        }
    }

    /// What the scheduler is doing.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn status(&self) -> Result<SchedulerStatus, ServiceError> {
        let Schedule {
            enabled,
            last_tick,
            stopped_at,
            stopped_by,
            stopped_by_name,
        } = schedule::get(&self.pool).await?;
        let processes = processes::all(&self.pool).await?;
        let keeps_time = |process: &Process| process.has_timer && process.is_alive;
        let thread_alive = processes.iter().any(keeps_time);
        let why_not = if !self.feed_configured {
            Some(NO_FEED)
        } else if !enabled {
            Some("It was stopped. Start it to fetch results on schedule.")
        } else if !thread_alive {
            Some(
                "No process that keeps the schedule is alive. Start one: numwatch serve, or numwatch worker.",
            )
        } else {
            None
        };
        let is_running = why_not.is_none();
        let after = |tick: &DateTime<Utc>| self.schedule.next_after(*tick);
        let next: Vec<DateTime<Utc>> = std::iter::successors(after(&self.clock.now()), after)
            .take(if is_running { NEXT_SHOWN } else { 0 })
            .collect();
        let in_text = |tick: &DateTime<Utc>| tick.to_rfc3339_opts(SecondsFormat::Secs, true);
        let incomplete = self.incomplete(self.clock.today()).await?;
        Ok(SchedulerStatus {
            is_running,
            external_api_configured: self.feed_configured,
            next_jobs: next.iter().map(in_text).collect(),
            next_run: next.first().copied(),
            thread_alive,
            enabled,
            stopped_at,
            stopped_by,
            stopped_by_name,
            schedule: self.schedule.expression.clone(),
            schedule_in_words: self.schedule.in_words(),
            demo_feed: self.demo_feed,
            why_not: why_not.map(ToOwned::to_owned),
            warning: self.stores.differ().await?,
            last_tick,
            incomplete_days: incomplete.iter().map(told).collect(),
            processes,
            last_run: import_logs::last_scheduled(&self.pool).await?,
        })
    }

    async fn incomplete(&self, today: NaiveDate) -> sqlx::Result<Vec<Incomplete>> {
        feed_days::incomplete(&self.pool, today, self.schedule.look_back).await
    }

    /// Switches it on, for all processes and for good.
    ///
    /// # Errors
    /// When no feed is configured or the database refuses.
    pub async fn start(&self, by: &Actor) -> Result<(), ServiceError> {
        let permit = by.permit(Action::SwitchScheduler)?;
        if !self.feed_configured {
            return Err(ServiceError::told(ErrorKind::Unavailable, NO_FEED));
        }
        self.switch(&permit, true).await
    }

    /// Switches it off, for all processes and for good. An import that it started goes on.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn stop(&self, by: &Actor) -> Result<(), ServiceError> {
        self.switch(&by.permit(Action::SwitchScheduler)?, false)
            .await
    }

    async fn switch(&self, permit: &Permit, on: bool) -> Result<(), ServiceError> {
        let mut tx = self.pool.begin().await?;
        let now = schedule::now(&mut *tx).await?;
        schedule::set_enabled(&mut *tx, on, permit.actor(), now).await?;
        let detail = Detail {
            on: Some(on),
            ..Detail::default()
        };
        audit::note(&mut *tx, permit, None, detail).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Imports today's date now.
    ///
    /// # Errors
    /// When no feed is configured (which is logged as a failed import), a run that the scheduler started or
    /// another of today's date is still under way, or the database refuses.
    pub async fn trigger(&self, by: &Actor) -> Result<Started, ServiceError> {
        let permit = by.permit(Action::Trigger)?;
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
            .start_dates(&mut tx, &[today], None, &permit)
            .await?;
        tx.commit().await?;
        if self.feed_configured {
            Ok(started)
        } else {
            let kind = ErrorKind::Unavailable;
            Err(ServiceError::of_import(started.id, kind, NO_FEED))
        }
    }

    /// One look at the schedule, by the database's clock. Several processes may look at the same time.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn round(&self) -> Result<(), ServiceError> {
        let now = schedule::now(&self.pool).await?;
        if let Some(started) = self.look(now).await? {
            tracing::info!(import = started.id, "scheduled import started");
        }
        Ok(())
    }

    /// Looks whether a tick has come due since the last one, and starts an import of the days that are not complete if
    /// so. Nothing is lost by a tick that was missed, since the next one asks for the same days, and none is asked for twice
    /// by one that comes again. `None`: none is due, another process is at it, the scheduler is off, or the run before is
    /// still under way.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn look(&self, now: DateTime<Utc>) -> Result<Option<Started>, ServiceError> {
        if !self.feed_configured {
            return Ok(None);
        }
        let mut tx = self.pool.begin().await?;
        let Some(schedule) = schedule::take(&mut *tx).await? else {
            tx.rollback().await?;
            return Ok(None);
        };
        // A clock that was ahead once may have left an instant that is still to come: it counts for nothing.
        let known = schedule.last_tick.filter(|last| *last <= now);
        let since = known.unwrap_or(now - TimeDelta::seconds(1));
        let due = self.schedule.next_after(since).filter(|due| *due <= now);
        if !schedule.enabled || (known.is_some() && due.is_none()) {
            tx.rollback().await?;
            return Ok(None);
        }
        schedule::set_last_tick(&mut *tx, now).await?;
        let today = now.with_timezone(&BANGKOK).date_naive();
        // Committed all the same: a tick that was passed over is over.
        if due.is_none() || import_logs::scheduled_is_running(&mut *tx, today).await? {
            tx.commit().await?;
            return Ok(None);
        }
        let mut days: Vec<NaiveDate> = self
            .incomplete(today)
            .await?
            .iter()
            .map(|day| day.date)
            .filter(|day| *day < today)
            .collect();
        days.push(today);
        let permit = Actor::scheduler().permit(Action::Import)?;
        let started = self
            .imports
            .start_dates(&mut tx, &days, None, &permit)
            .await?;
        tx.commit().await?;
        Ok(Some(started))
    }
}

/// Why a day is not complete, in words.
fn told(day: &Incomplete) -> IncompleteDay {
    let why = match &day.failure {
        Some(failure) => format!("failed: {}", failure.trim_end_matches('.')),
        None if day.waiting > 0 => {
            let draws = count(day.waiting, "draw is", "draws are");
            format!("{draws} still awaited")
        }
        None => "never asked".to_owned(),
    };
    IncompleteDay {
        date: day.date,
        why,
    }
}
