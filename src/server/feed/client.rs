//! Asks the feed for one day (`formats.md` §1), patiently: what may pass by itself is tried again, with growing
//! pauses or with the one that the feed asks for; any other refusal is final.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};
use hyper_util::client::proxy::matcher::Matcher;
use tokio::time::Instant;
use url::{Url, form_urlencoded};

use crate::server::{
    clock::{BANGKOK, Clock},
    config,
    metrics::FeedCalls,
    outgoing::{LONGEST_PAUSE, Limits, Outgoing, Settings},
    secret::SecretUrl,
};

pub use crate::server::outgoing::{AskError as FeedError, Fault as FeedFault};

/// What says where the feed is, and how large a day may be.
const SETTINGS: Settings = Settings {
    address: "EXTERNAL_API_URL",
    size: "FEED_MAX_BYTES",
};

/// The parameter that names the day.
const DAY: &str = "dateCurrent";

/// A client of one feed.
#[derive(Clone, Debug)]
pub struct FeedClient {
    outgoing: Outgoing,
    url: SecretUrl,
    backoff: ExponentialBuilder,
    /// How often a day is asked for, at most.
    tries: usize,
    clock: Clock,
    counts: Option<FeedCalls>,
}

impl FeedClient {
    /// A client that asks through the proxies of the environment, if any.
    ///
    /// # Errors
    /// When no TLS can be set up on this machine, or a proxy's address is none.
    pub fn new(url: SecretUrl, config: &config::Feed, clock: Clock) -> reqwest::Result<Self> {
        Self::with_proxies(url, config, clock, &Matcher::from_env())
    }

    /// A client that asks through these proxies.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_proxies(
        url: SecretUrl,
        config: &config::Feed,
        clock: Clock,
        proxies: &Matcher,
    ) -> reqwest::Result<Self> {
        let limits = Limits {
            timeout: config.timeout,
            size: config.max_bytes,
        };
        Ok(Self {
            outgoing: Outgoing::new(&url, limits, SETTINGS, clock.clone(), proxies)?,
            url,
            backoff: ExponentialBuilder::default()
                .with_min_delay(config.backoff)
                .with_max_delay(Duration::from_secs(30))
                .with_jitter()
                .with_max_times(config.retries),
            tries: config.retries + 1,
            clock,
            counts: None,
        })
    }

    /// The same client, whose questions are counted.
    #[must_use]
    pub fn counted_by(self, counts: FeedCalls) -> Self {
        Self {
            counts: Some(counts),
            ..self
        }
    }

    /// Which feed it is: its URL without what it is asked for secretly.
    #[must_use]
    pub fn name(&self) -> String {
        self.url.shown()
    }

    /// The answer for one day in Bangkok, undecoded. When the feed has to be asked again, `hears` is told why, and until
    /// when it is waited for; then the same without an instant, when it is being asked.
    ///
    /// # Errors
    /// When the feed gave none, with all further tries used up.
    pub async fn day(
        &self,
        date: NaiveDate,
        hears: impl Fn(&str, Option<DateTime<Utc>>),
    ) -> Result<Bytes, FeedError> {
        let url = self.url_of(date);
        let mut pauses = self.backoff.build();
        let mut patience = LONGEST_PAUSE;
        let mut next = 1;
        loop {
            next += 1;
            let error = match self.ask(url.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let Some(pause) = pauses.next().filter(|_| error.passes()) else {
                return Err(error);
            };
            let asked = error.pause().map(|asked| asked.min(patience));
            let pause = match asked.filter(|asked| !asked.is_zero()) {
                Some(asked) => {
                    patience -= asked;
                    asked
                }
                None => pause,
            };
            tracing::warn!(%date, %error, ?pause, "asking the feed again");
            let trouble = format!("{date}: the feed {error}. Try {next} of {}.", self.tries);
            hears(&trouble, Some(self.clock.now() + pause));
            tokio::time::sleep(pause).await;
            hears(&trouble, None);
        }
    }

    /// Asks once.
    async fn ask(&self, url: Url) -> Result<Bytes, FeedError> {
        let begun = Instant::now();
        let answer = self.outgoing.get(url).await;
        if let Some(counts) = &self.counts {
            let fault = answer.as_ref().err().map(|error| error.sort().word());
            counts.asked(fault, begun.elapsed());
        }
        answer
    }

    /// The day is asked for as the instant at which it begins in Bangkok. What else the address asks for stays as it
    /// was written.
    fn url_of(&self, date: NaiveDate) -> Url {
        let begins = date
            .and_time(NaiveTime::MIN)
            .and_utc()
            .checked_sub_signed(TimeDelta::seconds(i64::from(BANGKOK.local_minus_utc())))
            .map_or_else(String::new, |instant: DateTime<Utc>| {
                instant.to_rfc3339_opts(SecondsFormat::Millis, true)
            });
        let mut url = self.url.expose().clone();
        let others: Vec<&str> = self
            .url
            .expose()
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty() && !names_the_day(pair))
            .collect();
        url.set_query((!others.is_empty()).then(|| others.join("&")).as_deref());
        url.query_pairs_mut().append_pair(DAY, &begins);
        url
    }
}

/// Whether a pair of a query is the day's, however it is written.
fn names_the_day(pair: &str) -> bool {
    form_urlencoded::parse(pair.as_bytes()).any(|(name, _)| name == DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(url: &str) -> String {
        let config = config::Feed {
            url: None,
            demo: false,
            delay: Duration::ZERO,
            timeout: Duration::from_secs(1),
            max_bytes: 1 << 20,
            retries: 0,
            backoff: Duration::ZERO,
        };
        let client =
            FeedClient::new(url.parse::<Url>().unwrap().into(), &config, Clock::system()).unwrap();
        let url = client.url_of(NaiveDate::from_ymd_opt(2025, 6, 22).unwrap());
        url.to_string()
    }

    #[test]
    fn a_day_is_asked_for_as_the_instant_at_which_it_begins_in_bangkok() {
        assert_eq!(
            asked("http://feed.test/results"),
            "http://feed.test/results?dateCurrent=2025-06-21T17%3A00%3A00.000Z"
        );
        assert_eq!(
            asked("http://feed.test/results?key=1"),
            "http://feed.test/results?key=1&dateCurrent=2025-06-21T17%3A00%3A00.000Z"
        );
    }

    #[test]
    fn the_day_takes_the_place_of_one_in_the_address() {
        assert_eq!(
            asked(
                "http://feed.test/?dateCurrent=2020-01-01&key=a+b%2F&&date%43urrent&datecurrent=x"
            ),
            "http://feed.test/?key=a+b%2F&datecurrent=x&dateCurrent=2025-06-21T17%3A00%3A00.000Z"
        );
        assert_eq!(
            asked("http://feed.test/?dateCurrent="),
            "http://feed.test/?dateCurrent=2025-06-21T17%3A00%3A00.000Z"
        );
    }
}
