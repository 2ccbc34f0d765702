//! Reads variables of the environment, and says what is wrong with one.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use url::Url;

use super::{ConfigError, Feed, Lasting, Lease, Retention, Schedule, wrong};
use crate::server::{clock::Clock, outgoing::address, secret::SecretUrl};

/// Reads single variables. An empty one counts as not set.
pub struct Reader<'a>(pub &'a dyn Fn(&str) -> Option<String>);

impl Reader<'_> {
    pub fn text(&self, name: &str) -> Option<String> {
        (self.0)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    pub fn parsed<T: FromStr>(
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

    /// An address to listen at, if one is set.
    pub fn address(&self, name: &'static str) -> Result<Option<SocketAddr>, ConfigError> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        let parsed = value.parse().map(Some);
        parsed.map_err(|_| {
            wrong(
                name,
                format!("\"{value}\" is not an address such as 127.0.0.1:9464"),
            )
        })
    }

    pub fn number<T>(
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

    pub fn seconds(
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

    /// Each import holds a connection while it runs (so many files, as many ranges, and a short one) and one listens, so
    /// that with fewer than these no heartbeat gets one.
    pub fn connections(&self, workers: usize) -> Result<u32, ConfigError> {
        const VARIABLE: &str = "NUMWATCH_DATABASE_CONNECTIONS";
        const BESIDES: usize = 5;
        let least = u32::try_from(2 * workers + BESIDES).unwrap_or(u32::MAX);
        let connections = self.number(VARIABLE, least.max(16), 1..=1_000)?;
        if connections < least {
            return Err(wrong(
                VARIABLE,
                format!(
                    "\"{connections}\" is too few: {workers} imports at a time (NUMWATCH_WORKERS) need {least}"
                ),
            ));
        }
        Ok(connections)
    }

    /// Two heartbeats may fail before a lease ends.
    pub fn lease(&self) -> Result<Lease, ConfigError> {
        const HEARTBEAT: &str = "NUMWATCH_HEARTBEAT_SECONDS";
        let length = self.seconds("NUMWATCH_LEASE_SECONDS", 15.0, 1.5)?;
        let most = length / 3;
        let default = most.as_secs_f64().min(1.0);
        let heartbeat = self.seconds(HEARTBEAT, default, 0.5)?;
        if heartbeat > most {
            return Err(wrong(
                HEARTBEAT,
                format!(
                    "\"{}\" is more than a third of NUMWATCH_LEASE_SECONDS",
                    heartbeat.as_secs_f64()
                ),
            ));
        }
        Ok(Lease { length, heartbeat })
    }

    /// Yes or no; no unless said.
    pub fn flag(&self, name: &'static str) -> Result<bool, ConfigError> {
        match self.text(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(wrong(
                name,
                format!("\"{other}\" is neither \"true\" nor \"false\""),
            )),
        }
    }

    /// An address that NumWatch is to ask; `allow` names the variable that allows one in plain text.
    pub fn outgoing(
        &self,
        name: &'static str,
        allow: &'static str,
    ) -> Result<Option<SecretUrl>, ConfigError> {
        let allowed = self.flag(allow)?;
        let url = self.secret_url(name)?;
        if let Some(url) = &url {
            address::check(url.expose(), allowed, allow).map_err(|problem| wrong(name, problem))?;
        }
        Ok(url)
    }

    /// The members of a list that commas separate.
    pub fn list(&self, name: &str) -> Vec<String> {
        let list = self.text(name).unwrap_or_default();
        let members = list.split(',').map(str::trim);
        members
            .filter(|member| !member.is_empty())
            .map(ToOwned::to_owned)
            .collect()
    }

    /// An open page doesn't count as use, so that one which nobody looks at signs itself out.
    pub fn sessions(&self) -> Result<Lasting, ConfigError> {
        let hours = |name, default| {
            let hours = self.number(name, default, 1..=8_760)?;
            Ok(Duration::from_hours(hours))
        };
        Ok(Lasting {
            idle: hours("NUMWATCH_SESSION_IDLE_HOURS", 12)?,
            at_most: hours("NUMWATCH_SESSION_HOURS", 168)?,
        })
    }

    pub fn proxies(&self) -> Result<Vec<IpAddr>, ConfigError> {
        const PROXIES: &str = "NUMWATCH_PROXIES";
        let read = |address: &String| {
            address.parse().map_err(|_| {
                wrong(
                    PROXIES,
                    format!("\"{address}\" is no address such as 192.0.2.7"),
                )
            })
        };
        self.list(PROXIES).iter().map(read).collect()
    }

    /// Origins as browsers send them: a scheme and a host, nothing else.
    pub fn origins(&self) -> Result<Vec<String>, ConfigError> {
        const ORIGINS: &str = "CORS_ORIGINS";
        let origins = self.list(ORIGINS);
        for origin in &origins {
            let read = origin.parse::<Url>().ok();
            let is_one = read.is_some_and(|url| {
                matches!(url.scheme(), "http" | "https")
                    && url.origin().ascii_serialization() == *origin
            });
            if !is_one {
                return Err(wrong(
                    ORIGINS,
                    format!(
                        "\"{origin}\" is no origin. Write it as https://app.example: scheme and host, in small letters, and no slash at the end"
                    ),
                ));
            }
        }
        Ok(origins)
    }

    pub fn payloads(&self) -> Result<SecretUrl, ConfigError> {
        if let Some(url) = self.secret_url("NUMWATCH_PAYLOADS")? {
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
        Url::from_directory_path(&folder)
            .map(SecretUrl::from)
            .map_err(|()| {
                wrong(
                    "NUMWATCH_DATA_DIR",
                    format!("\"{}\" is no folder", folder.display()),
                )
            })
    }

    pub fn feed(&self) -> Result<Feed, ConfigError> {
        let url = self.outgoing("EXTERNAL_API_URL", "FEED_ALLOW_HTTP")?;
        Ok(Feed {
            url,
            demo: false,
            delay: self.seconds("FEED_DELAY_SECONDS", 1.0, 0.0)?,
            timeout: self.seconds("FEED_TIMEOUT_SECONDS", 30.0, 0.1)?,
            max_bytes: self.number("FEED_MAX_BYTES", 16 << 20, 1_024..=1 << 30)?,
            retries: self.number("FEED_RETRIES", 3, 0..=20)?,
            backoff: self.seconds("FEED_BACKOFF_SECONDS", 0.5, 0.0)?,
        })
    }

    pub fn schedule(&self) -> Result<Schedule, ConfigError> {
        let expression = self
            .text("SCHEDULE")
            .unwrap_or_else(|| "*/5 * * * *".into());
        let look_back = self.number("SCHEDULE_LOOK_BACK_DAYS", 3, 0..=31)?;
        Schedule::read(&expression, look_back, Clock::system().now())
            .map_err(|problem| wrong("SCHEDULE", format!("\"{expression}\" {problem}")))
    }

    pub fn retention(&self) -> Result<Retention, ConfigError> {
        const MOST: i64 = 36_500;
        Ok(Retention {
            logs: self.number("RETENTION_DAYS", 30, 0..=MOST)?,
            payloads: self.number("PAYLOAD_RETENTION_DAYS", 7, 0..=MOST)?,
        })
    }
}
