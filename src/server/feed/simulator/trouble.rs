//! The trouble that a simulated feed makes, so that imports can be seen to fail.

use std::time::Duration;

use chrono::NaiveDate;
use clap::Args;

use super::chance::Chance;

/// How often the simulated feed misbehaves. Every rate is a share from 0 (never) to 1 (always).
#[derive(Debug, Clone, Default, Args)]
pub struct Trouble {
    /// Share of requests answered with status 500
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub error_rate: f64,
    /// Share of requests that are never answered
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub timeout_rate: f64,
    /// Share of requests answered with JSON that breaks off in the middle
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub broken_rate: f64,
    /// Share of requests answered with a web page
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub html_rate: f64,
    /// Milliseconds to wait before every answer
    #[arg(long, value_name = "MILLISECONDS", value_parser = milliseconds)]
    pub slow: Option<Duration>,
    /// Dates that are always answered with status 500, such as 2025-06-20,2025-06-21
    #[arg(long, value_name = "DATES", value_delimiter = ',')]
    pub bad_dates: Vec<NaiveDate>,
    /// Decides which requests are hit: the same seed hits the same ones
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    Error,
    Timeout,
    Broken,
    Html,
}

impl Trouble {
    /// What happens to the nth request, which asks for this date; mostly nothing.
    #[must_use]
    pub fn mishap(&self, request: u64, date: NaiveDate) -> Option<Mishap> {
        if self.bad_dates.contains(&date) {
            return Some(Mishap::Error);
        }
        let mut left = Chance::new(&[self.seed, request]).share();
        [
            (self.error_rate, Mishap::Error),
            (self.timeout_rate, Mishap::Timeout),
            (self.broken_rate, Mishap::Broken),
            (self.html_rate, Mishap::Html),
        ]
        .into_iter()
        .find_map(|(rate, mishap)| {
            left -= rate;
            (left < 0.0).then_some(mishap)
        })
    }
}

fn share(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "must be a number from 0 to 1".to_owned())
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .map(Duration::from_millis)
        .map_err(|_| "must be a whole number of milliseconds".to_owned())
}
