//! Asks the feed for one day (`formats.md` §1), patiently: time-outs, 429 and 5xx are tried again with growing
//! pauses; any other refusal is final.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use bytes::Bytes;
use chrono::{NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use futures::StreamExt as _;
use reqwest::StatusCode;
use url::Url;

use crate::server::{clock::BANGKOK, config};

/// No real day comes near it; a body that does is no day.
const MAX_BODY: usize = 16 << 20;

/// A client of one feed.
#[derive(Clone, Debug)]
pub struct FeedClient {
    http: reqwest::Client,
    url: Url,
    timeout: Duration,
    backoff: ExponentialBuilder,
}

/// The feed gave no day: a sentence without a subject, such as "answered 500 (Internal Server Error)".
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct FeedError {
    message: String,
    passing: bool,
}

impl FeedClient {
    /// # Errors
    /// When no TLS can be set up on this machine.
    pub fn new(url: Url, config: &config::Feed) -> reqwest::Result<Self> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("numwatch/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            http,
            url,
            timeout: config.timeout,
            backoff: ExponentialBuilder::default()
                .with_min_delay(config.backoff)
                .with_max_delay(Duration::from_secs(30))
                .with_jitter()
                .with_max_times(config.retries),
        })
    }

    /// The answer for one day in Bangkok, undecoded.
    ///
    /// # Errors
    /// When the feed gave none, with all further tries used up.
    pub async fn day(&self, date: NaiveDate) -> Result<Bytes, FeedError> {
        let url = self.url_of(date);
        (|| self.ask(url.clone()))
            .retry(self.backoff)
            .when(|error: &FeedError| error.passing)
            .notify(|error, pause| tracing::warn!(%date, %error, ?pause, "asking the feed again"))
            .await
    }

    /// The day is asked for as the instant at which it begins in Bangkok.
    fn url_of(&self, date: NaiveDate) -> Url {
        let begins = date
            .and_time(NaiveTime::MIN)
            .and_utc()
            .checked_sub_signed(TimeDelta::seconds(i64::from(BANGKOK.local_minus_utc())))
            .map_or_else(String::new, |instant: chrono::DateTime<Utc>| {
                instant.to_rfc3339_opts(SecondsFormat::Millis, true)
            });
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("dateCurrent", &begins);
        url
    }

    async fn ask(&self, url: Url) -> Result<Bytes, FeedError> {
        tokio::time::timeout(self.timeout, self.ask_once(url))
            .await
            .unwrap_or_else(|_| {
                Err(FeedError {
                    message: format!("did not answer within {} s", self.timeout.as_secs_f64()),
                    passing: true,
                })
            })
    }

    async fn ask_once(&self, url: Url) -> Result<Bytes, FeedError> {
        let answer = self
            .http
            .get(url)
            .send()
            .await
            .map_err(|error| unreachable_feed(&error))?;
        let status = answer.status();
        if !status.is_success() {
            return Err(FeedError {
                message: format!(
                    "answered {} ({})",
                    status.as_u16(),
                    status.canonical_reason().unwrap_or("no known status")
                ),
                passing: status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS,
            });
        }
        let mut body = Vec::new();
        let mut pieces = answer.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|error| unreachable_feed(&error))?;
            if body.len() + piece.len() > MAX_BODY {
                return Err(FeedError {
                    message: "answered with more than 16 MB, which is no day's results".into(),
                    passing: false,
                });
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.into())
    }
}

fn unreachable_feed(error: &reqwest::Error) -> FeedError {
    tracing::debug!(?error, "the feed can't be reached");
    FeedError {
        message: if error.is_connect() {
            "can't be reached (no connection)".into()
        } else {
            "broke off in the middle of its answer".into()
        },
        passing: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_asked_for_as_the_instant_at_which_it_begins_in_bangkok() {
        let config = config::Feed {
            url: None,
            demo: false,
            delay: Duration::ZERO,
            timeout: Duration::from_secs(1),
            retries: 0,
            backoff: Duration::ZERO,
        };
        let client =
            FeedClient::new("http://feed.test/results?key=1".parse().unwrap(), &config).unwrap();
        let url = client.url_of(NaiveDate::from_ymd_opt(2025, 6, 22).unwrap());
        assert_eq!(
            url.as_str(),
            "http://feed.test/results?key=1&dateCurrent=2025-06-21T17%3A00%3A00.000Z"
        );
    }
}
