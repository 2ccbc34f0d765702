//! Alerts in words: what each is, what became of it, and how long ago.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{format::count, reactive::fixed};
use crate::model::alert::{Alert, AlertState, Event, Receiver};

/// What an alert is about, in a word or two.
#[must_use]
pub const fn event_in_words(event: Event) -> &'static str {
    match event {
        Event::ImportFailed => "Failure",
        Event::ImportRecovered => "Recovery",
        Event::UnusualVolume => "Unusual volume",
        Event::SuccessOverdue => "Overdue",
        Event::Summary => "Summary",
        Event::Test => "Test",
        Event::Unknown => "Something new",
    }
}

/// What became of an alert.
#[must_use]
pub fn badge(alert: &Alert) -> AnyView {
    let (class, says) = match alert.state {
        AlertState::Delivered => (
            "badge bg-green-100 text-green-800 dark:bg-green-900 dark:text-green-200",
            "delivered",
        ),
        AlertState::GivenUp => (
            "badge bg-red-100 text-red-800 dark:bg-red-900 dark:text-red-200",
            "given up",
        ),
        AlertState::Waiting if alert.trouble.is_some() => (
            "badge bg-amber-100 text-amber-900 dark:bg-amber-950 dark:text-amber-200",
            "tried again",
        ),
        AlertState::Waiting => (
            "badge bg-blue-100 text-blue-800 dark:bg-blue-900 dark:text-blue-200",
            "waiting",
        ),
        AlertState::SummedUp | AlertState::Unknown => (
            "badge bg-slate-200 text-slate-800 dark:bg-slate-700 dark:text-slate-100",
            "summed up",
        ),
    };
    view! { <span class=class>{says}</span> }.into_any()
}

/// How long ago a moment was, or how long it is still to come.
#[must_use]
pub fn age(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - at).num_minutes();
    match minutes.unsigned_abs() {
        0 => "just now".to_owned(),
        1..60 => apart(minutes, &count(minutes.abs(), "minute", "minutes")),
        60..2_880 => apart(minutes, &count(minutes.abs() / 60, "hour", "hours")),
        _ => apart(minutes, &count(minutes.abs() / 1_440, "day", "days")),
    }
}

fn apart(minutes: i64, span: &str) -> String {
    if minutes < 0 {
        format!("in {span}")
    } else {
        format!("{span} ago")
    }
}

/// Where alerts go: "hooks.example, signed".
#[must_use]
pub fn receivers(receivers: &[Receiver]) -> AnyView {
    let each: Vec<String> = receivers
        .iter()
        .map(|to| {
            let signed = if to.signed { "signed" } else { "not signed" };
            format!("{} ({signed})", to.host)
        })
        .collect();
    let each = each.join(", ");
    view! { <span translate="no" class="wrap-anywhere">{fixed(&each)}</span> }.into_any()
}

/// The form that sends a test.
#[must_use]
pub fn test_form() -> AnyView {
    view! {
        <form method="post" action="/alerts/test" data-needs=super::needs::ADMIN>
            <button type="submit" class="btn">"Send a test"</button>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let now: DateTime<Utc> = "2025-06-22T10:00:00Z".parse().expect("a moment");
        for (at, told) in [
            ("2025-06-22T10:00:00Z", "just now"),
            ("2025-06-22T09:59:01Z", "just now"),
            ("2025-06-22T09:59:00Z", "1 minute ago"),
            ("2025-06-22T09:00:01Z", "59 minutes ago"),
            ("2025-06-22T09:00:00Z", "1 hour ago"),
            ("2025-06-20T10:00:01Z", "47 hours ago"),
            ("2025-06-20T10:00:00Z", "2 days ago"),
            ("2025-06-22T10:02:00Z", "in 2 minutes"),
        ] {
            let at = at.parse().expect("a moment");
            assert_eq!(age(at, now), told);
        }
    }
}
