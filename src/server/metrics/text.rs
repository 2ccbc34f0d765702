//! The same metrics in the older text format of Prometheus, which tools and people read.

use std::{collections::HashSet, fmt::Write as _};

/// What the formats are called in `Content-Type`.
pub const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
pub const PLAIN: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Counters there are described under their samples' name, with `_total`; and nothing marks the end.
#[must_use]
pub fn plain(open_metrics: &str) -> String {
    let types = open_metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "));
    let counters: HashSet<&str> = types
        .filter_map(|line| line.strip_suffix(" counter"))
        .collect();
    let mut text = String::with_capacity(open_metrics.len());
    for line in open_metrics.lines().filter(|line| *line != "# EOF") {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some(what), Some(name), Some(rest)) if counters.contains(name) => {
                // Writing to a string can't fail.
                let _ = writeln!(text, "# {what} {name}_total {rest}");
            }
            _ => {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_described_as_its_samples_are_called() {
        let open = "# HELP n_requests Requests.\n# TYPE n_requests counter\nn_requests_total{a=\"# b\"} 1\n# HELP n_up Up.\n# TYPE n_up gauge\nn_up 1\n# EOF\n";
        assert_eq!(
            plain(open),
            "# HELP n_requests_total Requests.\n# TYPE n_requests_total counter\nn_requests_total{a=\"# b\"} 1\n# HELP n_up Up.\n# TYPE n_up gauge\nn_up 1\n"
        );
    }
}
