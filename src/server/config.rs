//! The configuration: read and checked once, at the start. Each error names its variable.

use std::{env, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use croner::Cron;
use url::Url;

/// Everything that can be set from outside. `.env.example` lists the variables and their defaults.
#[derive(Clone, Debug)]
pub struct Config {
    pub database_url: String,
    /// The most connections that this process holds to PostgreSQL.
    pub database_connections: u32,
    /// Where the pages are served.
    pub addr: SocketAddr,
    /// The browser's half, as built: `pkg/` and the files of `public/`.
    pub site_root: PathBuf,
    /// Where uploads are kept until their import has succeeded.
    pub payloads: Url,
    /// How many imports this process runs at a time.
    pub workers: usize,
    /// Bytes.
    pub max_upload: u64,
    pub attempts: Attempts,
    /// How long a stopping process lets its imports finish before it hands them back.
    pub shutdown_grace: Duration,
    pub feed: Feed,
    pub schedule: Schedule,
    /// Origins whose pages may call the API; none by default.
    pub cors_origins: Vec<String>,
}

/// How a dead worker is noticed, and how often an import is begun again.
#[derive(Clone, Copy, Debug)]
pub struct Attempts {
    /// A worker that has not been heard of for so long counts as dead.
    pub lease: Duration,
    pub max: i32,
}

/// The external results API.
#[derive(Clone, Debug)]
pub struct Feed {
    /// `None`: no feed is configured, and nothing can be asked of it.
    pub url: Option<Url>,
    /// It is the built-in simulator: the pages say that its results are made up.
    pub demo: bool,
    /// The pause between two days of a range.
    pub delay: Duration,
    /// For one answer, whole.
    pub timeout: Duration,
    /// Further tries after a time-out, a 429 or a 5xx.
    pub retries: usize,
    /// The pause before the first further try; it doubles with each.
    pub backoff: Duration,
}

/// When the scheduler imports today's date.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// As written, to be shown.
    pub expression: String,
    pub cron: Cron,
}

/// A value that can't be used: the variable's name and what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct ConfigError {
    variable: &'static str,
    problem: String,
}

fn wrong(variable: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError {
        variable,
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
        let database_url = read.text("DATABASE_URL").ok_or_else(|| {
            wrong(
                "DATABASE_URL",
                "is not set. Set it to a PostgreSQL URL, or start with `make run`, which keeps a database of its own",
            )
        })?;
        Ok(Self {
            database_url,
            database_connections: read.number("NUMWATCH_DATABASE_CONNECTIONS", 16, 4..=1_000)?,
            addr: read.parsed(
                "NUMWATCH_ADDR",
                "127.0.0.1:3000",
                "is not an address such as 127.0.0.1:3000",
            )?,
            site_root: read
                .text("NUMWATCH_SITE_ROOT")
                .unwrap_or_else(|| "target/site".into())
                .into(),
            payloads: read.payloads()?,
            workers: read.number("NUMWATCH_WORKERS", 2, 1..=64)?,
            max_upload: read.number("NUMWATCH_MAX_UPLOAD_BYTES", 4 << 30, 1..=u64::MAX)?,
            attempts: Attempts {
                lease: read.seconds("NUMWATCH_LEASE_SECONDS", 15.0, 1.0)?,
                max: read.number("NUMWATCH_MAX_ATTEMPTS", 3, 1..=100)?,
            },
            shutdown_grace: read.seconds("NUMWATCH_SHUTDOWN_GRACE_SECONDS", 20.0, 0.0)?,
            feed: read.feed()?,
            schedule: read.schedule()?,
            cors_origins: read
                .text("CORS_ORIGINS")
                .map(|list| {
                    list.split(',')
                        .map(|origin| origin.trim().to_owned())
                        .collect()
                })
                .unwrap_or_default(),
        })
    }
}

/// Reads single variables. An empty one counts as not set.
struct Reader<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Reader<'_> {
    fn text(&self, name: &str) -> Option<String> {
        (self.0)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    fn parsed<T: FromStr>(
        &self,
        name: &'static str,
        default: &str,
        problem: &str,
    ) -> Result<T, ConfigError> {
        let value = self.text(name).unwrap_or_else(|| default.to_owned());
        value
            .parse()
            .map_err(|_| wrong(name, format!("\"{value}\" {problem}")))
    }

    fn number<T>(
        &self,
        name: &'static str,
        default: T,
        range: std::ops::RangeInclusive<T>,
    ) -> Result<T, ConfigError>
    where
        T: FromStr + PartialOrd + std::fmt::Display + Copy,
    {
        let Some(value) = self.text(name) else {
            return Ok(default);
        };
        match value.parse::<T>() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => Err(wrong(
                name,
                format!(
                    "\"{value}\" is not a whole number from {} to {}",
                    range.start(),
                    range.end()
                ),
            )),
        }
    }

    fn seconds(
        &self,
        name: &'static str,
        default: f64,
        least: f64,
    ) -> Result<Duration, ConfigError> {
        let value = self.text(name).unwrap_or_else(|| default.to_string());
        match value.parse::<f64>() {
            Ok(seconds) if (least..=86_400.0).contains(&seconds) => {
                Ok(Duration::from_secs_f64(seconds))
            }
            _ => Err(wrong(
                name,
                format!("\"{value}\" is not a number of seconds from {least} to 86400"),
            )),
        }
    }

    fn url(&self, name: &'static str) -> Result<Option<Url>, ConfigError> {
        self.text(name)
            .map(|value| {
                value
                    .parse()
                    .map_err(|e| wrong(name, format!("\"{value}\" is not a URL ({e})")))
            })
            .transpose()
    }

    fn payloads(&self) -> Result<Url, ConfigError> {
        if let Some(url) = self.url("NUMWATCH_PAYLOADS")? {
            return Ok(url);
        }
        let data_dir = match (
            self.text("NUMWATCH_DATA_DIR"),
            self.text("XDG_DATA_HOME"),
            self.text("HOME"),
        ) {
            (Some(dir), _, _) => PathBuf::from(dir),
            (None, Some(data_home), _) => PathBuf::from(data_home).join("numwatch"),
            (None, None, Some(home)) => PathBuf::from(home).join(".local/share/numwatch"),
            (None, None, None) => {
                return Err(wrong(
                    "NUMWATCH_DATA_DIR",
                    "is not set, and there is no home folder to use instead",
                ));
            }
        };
        let folder = std::path::absolute(data_dir.join("payloads"))
            .map_err(|e| wrong("NUMWATCH_DATA_DIR", e.to_string()))?;
        Url::from_directory_path(&folder).map_err(|()| {
            wrong(
                "NUMWATCH_DATA_DIR",
                format!("\"{}\" is no folder", folder.display()),
            )
        })
    }

    fn feed(&self) -> Result<Feed, ConfigError> {
        let url = self.url("EXTERNAL_API_URL")?;
        if let Some(url) = &url
            && !matches!(url.scheme(), "http" | "https")
        {
            return Err(wrong(
                "EXTERNAL_API_URL",
                format!("\"{url}\" is not an http or https URL"),
            ));
        }
        Ok(Feed {
            url,
            demo: false,
            delay: self.seconds("FEED_DELAY_SECONDS", 1.0, 0.0)?,
            timeout: self.seconds("FEED_TIMEOUT_SECONDS", 30.0, 0.1)?,
            retries: self.number("FEED_RETRIES", 3, 0..=20)?,
            backoff: self.seconds("FEED_BACKOFF_SECONDS", 0.5, 0.0)?,
        })
    }

    fn schedule(&self) -> Result<Schedule, ConfigError> {
        let expression = self
            .text("SCHEDULE")
            .unwrap_or_else(|| "*/5 * * * *".into());
        let cron = Cron::from_str(&expression).map_err(|e| {
            wrong(
                "SCHEDULE",
                format!("\"{expression}\" is not a cron expression such as \"*/5 * * * *\" ({e})"),
            )
        })?;
        Ok(Schedule { expression, cron })
    }
}

#[cfg(test)]
mod tests;
