//! Wires the parts together. Every command, and every test, has them from here.
//!
//! Above 300 lines, since what is made and what is begun are to be seen at a glance, in one order.

use std::{fmt::Display, time::Duration};

use sqlx::PgPool;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::connect::Failure;
use crate::server::{
    clock::Clock,
    config::Config,
    db::{
        self,
        listener::Listener,
        processes::{self, Presence},
        runs::Needs,
    },
    feed::client::FeedClient,
    importer::Importer,
    importer::decode::backup::RecordLimits,
    jobs::{
        housekeeping::{Housekeeping, Unused},
        presence::{self, Duties},
        supervisor::{Pattern, Supervisor},
        worker::Worker,
    },
    metrics::Metrics,
    payloads::Payloads,
    services::{
        access::Access, alerts::Alerts, audit::Audit, bulk::Bulk, changes::Changes, checks::Checks,
        coverage::CoverageReader, data::Data, history::History, imports::Imports, logs::Logs,
        monitoring::Monitoring, overview::Overview, readiness::Readiness, results::Results,
        retention::Retention, scheduler::Scheduler, stores::Stores,
    },
    site_files::SiteFiles,
    state::{self, AppState, leptos_options},
};

/// What runs beside the answers of a process: each task ends when this is dropped.
pub type Background = Vec<AbortOnDropHandle<()>>;

/// All parts of a process.
#[derive(Clone, Debug)]
pub struct Parts {
    pub config: Config,
    pub pool: PgPool,
    pub clock: Clock,
    pub supervisor: Supervisor,
    pub metrics: Metrics,
    pub readiness: Readiness,
    pub listener: Listener,
    pub changes: Changes,
    /// What this process has that imports may need.
    pub has: Needs,
    pub importer: Importer,
    pub access: Access,
    pub alerts: Alerts,
    pub imports: Imports,
    pub checks: Checks,
    pub logs: Logs,
    pub history: History,
    pub audit: Audit,
    pub monitoring: Monitoring,
    pub bulk: Bulk,
    pub coverage: CoverageReader,
    pub data: Data,
    pub results: Results,
    pub scheduler: Scheduler,
    /// Whether the others keep uploads where this process does.
    pub stores: Stores,
    pub retention: Retention,
    pub overview: Overview,
    pub worker: Worker,
    pub housekeeping: Housekeeping,
}

impl Parts {
    /// Makes the parts and connects them. Nothing runs yet.
    ///
    /// # Errors
    /// When the store of uploads or the feed can't be used as configured, or the database refuses.
    #[expect(
        clippy::too_many_lines,
        reason = "one part after the other, each made once"
    )]
    pub async fn wire(config: &Config, pool: PgPool, clock: Clock) -> Result<Self, Failure> {
        let unusable = |error: object_store::Error| {
            format!(
                "NUMWATCH_PAYLOADS: \"{}\" can't be used ({error}). Check that the folder or store is there, and that NumWatch may write to it.",
                config.payloads.shown()
            )
        };
        let store =
            Payloads::open(config.payloads.expose(), &config.payloads_options).map_err(unusable)?;
        let name = store.name().await.map_err(unusable)?;
        let readiness = Readiness::new(pool.clone(), store.clone(), name.clone());
        let metrics = Metrics::new(clock.now());
        let installation = db::installation::id(&pool).await?;
        let payloads = store.of_installation(installation);
        let feed = config
            .feed
            .url
            .clone()
            .map(|url| FeedClient::new(url, &config.feed, clock.clone()))
            .transpose()?
            .map(|feed| feed.counted_by(metrics.feed.clone()));
        let stores = Stores::new(pool.clone(), name.clone());
        let has = Needs {
            store: Some(name),
            feed: feed.as_ref().map(FeedClient::name),
        };
        let listener = Listener::new(match &config.database_direct_url {
            Some(direct) => db::connect_when_needed(direct)?,
            None => pool.clone(),
        });
        let changes = Changes::new(&listener);
        let access = Access::new(pool.clone(), config.sessions);
        let imports = Imports::new(
            pool.clone(),
            payloads.clone(),
            clock.clone(),
            listener.clone(),
            has.clone(),
            config.limits,
        );
        let importer = Importer {
            pool: pool.clone(),
            payloads: payloads.clone(),
            feed,
            feed_delay: config.feed.delay,
            records: RecordLimits {
                bytes: config.limits.record,
                depth: config.limits.depth,
            },
            clock: clock.clone(),
            counts: metrics.imports.clone(),
        };
        let checks = Checks::new(imports.clone(), importer.clone());
        let worker = Worker::new(
            importer.clone(),
            has.clone(),
            &listener,
            config.attempts,
            config.workers,
        );
        let scheduler = Scheduler::new(
            pool.clone(),
            imports.clone(),
            stores.clone(),
            clock.clone(),
            config,
        );
        let logs = Logs::new(pool.clone());
        let history = History::new(pool.clone());
        let alerts = Alerts::new(pool.clone(), clock.clone(), installation, config)?;
        let audit = Audit::new(pool.clone());
        let monitoring = Monitoring::new(pool.clone());
        let bulk = Bulk::new(pool.clone(), history.clone(), imports.clone());
        let coverage = CoverageReader::new(pool.clone(), clock.clone());
        let data = Data::new(pool.clone(), clock.clone());
        let results = Results::new(pool.clone(), clock.clone());
        let retention = Retention::new(pool.clone(), config.retention);
        let overview = Overview::new(
            pool.clone(),
            clock.clone(),
            scheduler.clone(),
            data.clone(),
            retention.clone(),
            changes.clone(),
            config.limits.upload,
        );
        let housekeeping = Housekeeping {
            pool: pool.clone(),
            payloads,
            clock: clock.clone(),
            limits: config.attempts,
            since: Instant::now(),
            unused: Unused::default(),
        };
        Ok(Self {
            config: config.clone(),
            pool,
            clock,
            supervisor: Supervisor::default(),
            metrics,
            readiness,
            listener,
            changes,
            has,
            importer,
            access,
            alerts,
            imports,
            checks,
            logs,
            history,
            audit,
            monitoring,
            bulk,
            coverage,
            data,
            results,
            scheduler,
            stores,
            retention,
            overview,
            worker,
            housekeeping,
        })
    }

    /// What a request may use, and the browser's half with it.
    #[must_use]
    pub fn state(&self, site: SiteFiles) -> AppState {
        AppState::new(state::Parts {
            access: self.access.clone(),
            imports: self.imports.clone(),
            checks: self.checks.clone(),
            logs: self.logs.clone(),
            history: self.history.clone(),
            alerts: self.alerts.clone(),
            audit: self.audit.clone(),
            monitoring: self.monitoring.clone(),
            bulk: self.bulk.clone(),
            coverage: self.coverage.clone(),
            scheduler: self.scheduler.clone(),
            stores: self.stores.clone(),
            data: self.data.clone(),
            results: self.results.clone(),
            overview: self.overview.clone(),
            changes: self.changes.clone(),
            supervisor: self.supervisor.clone(),
            readiness: self.readiness.clone(),
            metrics: self.metrics.clone(),
            clock: self.clock.clone(),
            pool: self.pool.clone(),
            leptos: leptos_options(&self.config, &site),
            site,
            config: self.config.clone(),
        })
    }

    /// Says that this process is there, and begins what every process does in the background, and what its duties are.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin(
        &self,
        command: &str,
        duties: Duties,
    ) -> sqlx::Result<(Presence, Background)> {
        let presence = presence::of_this_process(command, duties, &self.has);
        processes::be_seen(&self.pool, &presence).await?;
        if let Some(warning) = self.stores.differ().await? {
            tracing::warn!("{warning}");
        }
        self.alerts.be_sender().await?;
        let mut background = vec![self.listens(), self.tells(), self.recovers(), self.tidies()];
        background.push(self.sums_up());
        background.push(self.is_seen(&presence));
        if self.alerts.has_webhook() {
            background.push(self.sends_alerts());
        }
        if duties.runs_imports {
            background.push(self.works());
        }
        if duties.has_timer {
            background.push(self.keeps_time());
            background.push(self.retains());
            background.push(self.watches());
        }
        Ok((presence, background))
    }

    /// Begins to hear of imports that end or wait.
    pub fn listens(&self) -> AbortOnDropHandle<()> {
        // A round is a few seconds of silence and a question, or as long as there is something to hear.
        let pattern = pattern("the listener", Duration::ZERO, Duration::from_mins(1));
        let listener = self.listener.clone();
        self.task(pattern, move || {
            let listener = listener.clone();
            async move { listener.listen().await }
        })
    }

    /// Begins to tell of what changes.
    pub fn tells(&self) -> AbortOnDropHandle<()> {
        let pattern = pattern("the telling of changes", Duration::ZERO, ROUND);
        let changes = self.changes.clone();
        self.task(pattern, move || {
            let changes = changes.clone();
            async move { changes.round().await }
        })
    }

    /// Begins to look for imports that nobody works on.
    pub fn recovers(&self) -> AbortOnDropHandle<()> {
        let every = self.housekeeping.recovers_every();
        let pattern = pattern("the search for abandoned imports", every, ROUND);
        let housekeeping = self.housekeeping.clone();
        self.task(pattern, move || {
            let housekeeping = housekeeping.clone();
            async move { housekeeping.recover().await.map(drop) }
        })
    }

    /// Begins to tidy the store. One that hangs holds up no import.
    pub fn tidies(&self) -> AbortOnDropHandle<()> {
        let pattern = pattern(
            "the tidying of the store",
            Duration::from_mins(5),
            Duration::from_mins(5),
        );
        let housekeeping = self.housekeeping.clone();
        self.task(pattern, move || {
            let housekeeping = housekeeping.clone();
            async move { housekeeping.tidy().await }
        })
    }

    /// Begins to sum up what changes in the logs.
    pub fn sums_up(&self) -> AbortOnDropHandle<()> {
        let every = Duration::from_secs(5);
        let pattern = pattern("the summing up of logs", every, Duration::from_mins(1));
        let monitoring = self.monitoring.clone();
        self.task(pattern, move || {
            let monitoring = monitoring.clone();
            async move { monitoring.fold().await }
        })
    }

    /// Begins to take imports that wait.
    pub fn works(&self) -> AbortOnDropHandle<()> {
        let pattern = pattern("the worker", Duration::ZERO, ROUND);
        let worker = self.worker.clone();
        self.task(pattern, move || {
            let worker = worker.clone();
            async move { worker.round().await }
        })
    }

    /// Begins to keep the schedule.
    pub fn keeps_time(&self) -> AbortOnDropHandle<()> {
        let pattern = pattern("the schedule", Duration::from_secs(1), ROUND);
        let scheduler = self.scheduler.clone();
        self.task(pattern, move || {
            let scheduler = scheduler.clone();
            async move { scheduler.round().await }
        })
    }

    /// Begins to remove what is old, each night.
    pub fn retains(&self) -> AbortOnDropHandle<()> {
        let pattern = pattern(
            "the removal of old logs",
            Duration::from_mins(1),
            Duration::from_mins(30),
        );
        let retention = self.retention.clone();
        self.task(pattern, move || {
            let retention = retention.clone();
            async move { retention.round().await }
        })
    }

    /// Begins to send alerts.
    pub fn sends_alerts(&self) -> AbortOnDropHandle<()> {
        let limit = self.config.alerts.timeout + ROUND;
        let pattern = pattern("the sending of alerts", Duration::from_secs(1), limit);
        let alerts = self.alerts.clone();
        self.task(pattern, move || {
            let alerts = alerts.clone();
            async move { alerts.send().await }
        })
    }

    /// Begins to watch over the schedule: whether a success is overdue.
    pub fn watches(&self) -> AbortOnDropHandle<()> {
        let pattern = pattern("the watch over the schedule", ROUND * 6, ROUND);
        let alerts = self.alerts.clone();
        self.task(pattern, move || {
            let alerts = alerts.clone();
            async move { alerts.watch().await }
        })
    }

    fn is_seen(&self, presence: &Presence) -> AbortOnDropHandle<()> {
        let pattern = pattern("the sign of life", presence::EVERY, ROUND);
        let (pool, presence) = (self.pool.clone(), presence.clone());
        self.task(pattern, move || {
            let (pool, presence) = (pool.clone(), presence.clone());
            async move { processes::be_seen(&pool, &presence).await }
        })
    }

    fn task<F, E>(
        &self,
        pattern: Pattern,
        round: impl FnMut() -> F + Send + 'static,
    ) -> AbortOnDropHandle<()>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send,
    {
        self.supervisor.spawn(pattern, round)
    }
}

/// The limit of a round that asks the database a few things.
const ROUND: Duration = Duration::from_secs(10);

const fn pattern(name: &'static str, every: Duration, limit: Duration) -> Pattern {
    Pattern { name, every, limit }
}
