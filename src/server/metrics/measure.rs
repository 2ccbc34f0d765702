//! What counters, gauges and histograms have in common.

use std::borrow::Cow;

use prometheus_client::metrics::{family::Family, gauge::Gauge, histogram::Histogram};

/// The labels of a series, each with its value.
pub type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];

/// Histograms that differ in their labels.
pub type Histograms<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

/// Something that is under way, until this is dropped.
#[derive(Debug)]
pub struct Counted(Gauge);

impl Counted {
    /// Counts it.
    #[must_use]
    pub fn begin(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A number as a gauge holds it.
pub fn gauged(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}
