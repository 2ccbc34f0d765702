//! The configuration: read and checked once, at the start. Each error names its variable.

mod alerts;
mod limits;
mod reader;
mod retention;
mod schedule;
mod secret;
mod store;

use std::{
    borrow::Cow,
    env,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

pub use self::{
    alerts::{Alerts, Key},
    limits::Limits,
    retention::Retention,
    schedule::Schedule,
    store::StoreOptions,
};

use self::reader::Reader;
use crate::server::secret::{SecretString, SecretUrl};

/// Everything that can be set from outside. `.env.example` lists the variables and their defaults.
#[derive(Clone, Debug)]
pub struct Config {
    pub database_url: SecretString,
    /// As whom `numwatch migrate` connects, where the schema is another role's than the application's.
    pub database_owner_url: Option<SecretString>,
    /// PostgreSQL itself, where `database_url` leads to a pooler: for what needs a session of its own.
    pub database_direct_url: Option<SecretString>,
    /// The most connections that this process holds to PostgreSQL.
    pub database_connections: u32,
    /// Where the pages are served.
    pub addr: SocketAddr,
    /// Where those ask who watch this process, besides `addr`; `None`: nowhere.
    pub metrics_addr: Option<SocketAddr>,
    /// A folder that holds the browser's half, as built: `pkg/` and the files of `public/`. `None`: the program's own.
    pub site_root: Option<PathBuf>,
    /// Where uploads are kept for as long as an import may need them.
    pub payloads: SecretUrl,
    /// What that store's client is told besides.
    pub payloads_options: StoreOptions,
    /// How many files this process imports at a time, and how many ranges; a short import has a slot beside them.
    pub workers: usize,
    pub limits: Limits,
    pub attempts: Attempts,
    /// How long a stopping process lets its imports finish before it hands them back.
    pub shutdown_grace: Duration,
    pub feed: Feed,
    pub schedule: Schedule,
    pub retention: Retention,
    pub alerts: Arc<Alerts>,
    /// Origins whose pages may call the API; none by default.
    pub cors_origins: Vec<String>,
    /// How long somebody stays signed in.
    pub sessions: Lasting,
    /// Proxies that are believed when they say for whom they ask.
    pub proxies: Vec<IpAddr>,
    /// Names that this server has besides `localhost` and its own address.
    pub hosts: Vec<String>,
}

/// How a dead worker is noticed, and how often an import is begun again.
#[derive(Clone, Copy, Debug)]
pub struct Attempts {
    pub lease: Lease,
    pub max: i32,
}

/// The time for which a worker may call an import its own.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    /// A worker that has not been heard of for so long counts as dead.
    pub length: Duration,
    /// How often a worker renews it, and learns whether the import was cancelled.
    pub heartbeat: Duration,
}

/// How long somebody stays signed in.
#[derive(Clone, Copy, Debug)]
pub struct Lasting {
    /// After they did something last.
    pub idle: Duration,
    /// After they signed in.
    pub at_most: Duration,
}

/// The external results API.
#[derive(Clone, Debug)]
pub struct Feed {
    /// `None`: no feed is configured, and nothing can be asked of it.
    pub url: Option<SecretUrl>,
    /// It is the built-in simulator: the pages say that its results are made up.
    pub demo: bool,
    /// The pause between two days of a range.
    pub delay: Duration,
    /// For one answer, whole.
    pub timeout: Duration,
    /// For one answer, unpacked.
    pub max_bytes: usize,
    /// Further tries after a time-out, a 429 or a 5xx.
    pub retries: usize,
    /// The pause before the first further try; it doubles with each.
    pub backoff: Duration,
}

/// A value that can't be used: the variable's name and what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct ConfigError {
    variable: Cow<'static, str>,
    problem: String,
}

fn wrong(variable: impl Into<Cow<'static, str>>, problem: impl Into<String>) -> ConfigError {
    ConfigError {
        variable: variable.into(),
        problem: problem.into(),
    }
}

impl Config {
    /// Reads the environment.
    ///
    /// # Errors
    /// On the first value that can't be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&|name| env::var(name).ok())
    }

    /// Reads from any source of variables, so that a test needs no process-wide environment.
    ///
    /// # Errors
    /// On the first value that can't be used.
    pub fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let read = Reader(lookup);
        let database_url = read.secret("DATABASE_URL")?.ok_or_else(|| {
            wrong(
                "DATABASE_URL",
                "is not set. Set it to a PostgreSQL URL (or DATABASE_URL_FILE to a file that holds one), or start with `make run`, which keeps a database of its own",
            )
        })?;
        let workers = read.number("NUMWATCH_WORKERS", 2, 1..=64)?;
        let payloads = read.payloads()?;
        Ok(Self {
            database_url,
            database_owner_url: read.secret("DATABASE_OWNER_URL")?,
            database_direct_url: read.secret("NUMWATCH_DATABASE_DIRECT_URL")?,
            database_connections: read.connections(workers)?,
            addr: read.parsed(
                "NUMWATCH_ADDR",
                "127.0.0.1:3000",
                "is not an address such as 127.0.0.1:3000",
            )?,
            metrics_addr: read.address("NUMWATCH_METRICS_ADDR")?,
            site_root: read.text("NUMWATCH_SITE_ROOT").map(PathBuf::from),
            payloads_options: read.store_options(&payloads)?,
            payloads,
            workers,
            limits: Limits::read(&read)?,
            attempts: Attempts {
                lease: read.lease()?,
                max: read.number("NUMWATCH_MAX_ATTEMPTS", 3, 1..=100)?,
            },
            shutdown_grace: read.seconds("NUMWATCH_SHUTDOWN_GRACE_SECONDS", 20.0, 0.0)?,
            feed: read.feed()?,
            schedule: read.schedule()?,
            retention: read.retention()?,
            alerts: Arc::new(read.alerts()?),
            cors_origins: read.origins()?,
            sessions: read.sessions()?,
            proxies: read.proxies()?,
            hosts: read.list("NUMWATCH_HOSTS"),
        })
    }
}

#[cfg(test)]
mod tests;
