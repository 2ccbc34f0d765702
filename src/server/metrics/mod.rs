//! What is counted and measured, as Prometheus reads it (`OpenMetrics` 1.0).
//!
//! There are two kinds. What a *process* has seen since it began is kept here: counters and histograms, which add up over
//! processes. What is true of the whole *installation* stands in the database, so that any process tells the same of it:
//! gauges whose names begin with `numwatch_installation_`, of which one is to be taken (`max`), never a sum.

mod database;
mod feed;
mod http;
mod imports;
mod installation;
mod measure;
mod text;

use std::{borrow::Cow, fmt, sync::Arc};

use chrono::{DateTime, Utc};
use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

pub use self::{
    database::{Answer, Pool},
    feed::FeedCalls,
    http::Http,
    imports::{Imports, Outcome},
    measure::Counted,
    text::{OPEN_METRICS, PLAIN, plain},
};

use self::measure::Labels;

/// With what every name begins.
const PREFIX: &str = "numwatch";

/// What a process counts. Clones are the same counts.
#[derive(Clone, Debug)]
pub struct Metrics {
    pub http: Http,
    pub imports: Imports,
    pub feed: FeedCalls,
    /// Pages that are told what changes.
    pub open_pages: Gauge,
    registry: Arc<Registry>,
}

/// What is looked at only when somebody asks.
#[derive(Debug)]
pub struct Now {
    pub pool: Pool,
    pub database: Answer,
    /// Background tasks that have not been heard of for too long.
    pub silent: usize,
}

impl Metrics {
    /// Those of a process that begins at this moment.
    #[must_use]
    pub fn new(begins: DateTime<Utc>) -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        about_this_process(&mut registry, begins);
        let open_pages = Gauge::default();
        registry.register(
            "open_pages",
            "Pages that this process tells what changes (GET /events)",
            open_pages.clone(),
        );
        Self {
            http: Http::registered(&mut registry),
            imports: Imports::registered(&mut registry),
            feed: FeedCalls::registered(&mut registry),
            open_pages,
            registry: Arc::new(registry),
        }
    }

    /// All of it, in the format of `OpenMetrics`.
    ///
    /// # Errors
    /// When it can't be written as text.
    pub fn text(&self, now: &Now) -> Result<String, fmt::Error> {
        let mut text = String::new();
        prometheus_client::encoding::text::encode_registry(&mut text, &self.registry)?;
        let mut registry = Registry::with_prefix(PREFIX);
        let silent = Gauge::<i64>::default();
        silent.set(measure::gauged(now.silent));
        registry.register(
            "background_tasks_silent",
            "Background tasks of this process that have not been heard of for too long; its log names them, and GET /health does",
            silent,
        );
        now.pool.register(&mut registry);
        now.database.register(&mut registry);
        if let Some(installation) = &now.database.installation {
            installation::register(installation, &mut registry);
        }
        prometheus_client::encoding::text::encode(&mut text, &registry)?;
        Ok(text)
    }
}

fn about_this_process(registry: &mut Registry, begins: DateTime<Utc>) {
    let build = Family::<Labels<1>, Gauge>::default();
    let version = Cow::Borrowed(env!("CARGO_PKG_VERSION"));
    build.get_or_create(&[("version", version)]).set(1);
    registry.register("build_info", "1, for the version that runs here", build);
    let started = Gauge::<i64>::default();
    started.set(begins.timestamp());
    registry.register(
        "process_start_time_seconds",
        "When this process began, in seconds since 1970",
        started,
    );
}
