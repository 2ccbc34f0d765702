//! Questions to the results feed, each try by itself.

use std::time::Duration;

use prometheus_client::{metrics::histogram::Histogram, registry::Registry};

use super::measure::Histograms;

/// Seconds; the last is the time after which no answer is waited for, unless a setting says otherwise.
const TOOK: [f64; 10] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// What the first word of an outcome is for a good answer.
const ANSWERED: &str = "answered";

/// Questions to the feed.
#[derive(Clone, Debug)]
pub struct FeedCalls {
    took: Histograms<1>,
}

impl FeedCalls {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let calls = Self {
            took: Histograms::new_with_constructor(|| Histogram::new(TOOK)),
        };
        drop(calls.took.get_or_create(&[("outcome", ANSWERED.into())]));
        registry.register(
            "feed_request_duration_seconds",
            "How long questions to the results feed took, each try by itself, by outcome: answered, or what went wrong",
            calls.took.clone(),
        );
        calls
    }

    /// Counts one; `fault` is what went wrong, in a word.
    pub fn asked(&self, fault: Option<&'static str>, took: Duration) {
        let outcome = fault.unwrap_or(ANSWERED);
        self.took
            .get_or_create(&[("outcome", outcome.into())])
            .observe(took.as_secs_f64());
    }
}
