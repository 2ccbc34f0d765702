//! Requests, by the route that they went to. Labels have few values, whatever is asked: routes are those that the program
//! declares, and methods and statuses those that it knows.

use std::{borrow::Cow, time::Duration};

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::measure::{Counted, Histograms, Labels};

/// From an answer that is still the same, to one that waits for an import. Seconds.
const TOOK: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Requests that this process has answered.
#[derive(Clone, Debug)]
pub struct Http {
    answers: Family<Labels<3>, Counter>,
    took: Histograms<2>,
    open: Gauge,
}

impl Http {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let http = Self {
            answers: Family::default(),
            took: Family::new_with_constructor(|| Histogram::new(TOOK)),
            open: Gauge::default(),
        };
        registry.register(
            "http_requests",
            "Requests that this process has answered, by method, route and status",
            http.answers.clone(),
        );
        registry.register(
            "http_request_duration_seconds",
            "How long requests waited until their answer began, by method and route",
            http.took.clone(),
        );
        registry.register(
            "http_requests_in_progress",
            "Requests whose answer has not begun yet",
            http.open.clone(),
        );
        http
    }

    /// Counts a request until its answer begins.
    #[must_use]
    pub fn begin(&self) -> Counted {
        Counted::begin(&self.open)
    }

    /// Counts an answer.
    pub fn answered(
        &self,
        method: &'static str,
        route: Cow<'static, str>,
        status: u16,
        took: Duration,
    ) {
        let of_route = [("method", method.into()), ("route", route)];
        self.took
            .get_or_create(&of_route)
            .observe(took.as_secs_f64());
        let [method, route] = of_route;
        let status = ("status", status.to_string().into());
        self.answers.get_or_create(&[method, route, status]).inc();
    }
}
