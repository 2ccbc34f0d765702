//! Alerts in words: what each is, what became of it, and where it goes.

use leptos::prelude::*;

use super::reactive::fixed;
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

const NEUTRAL: &str = "badge bg-slate-200 text-slate-800 dark:bg-slate-700 dark:text-slate-100";

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
        AlertState::SummedUp => (NEUTRAL, "summed up"),
        AlertState::Unknown => (NEUTRAL, "of a newer kind"),
    };
    view! { <span class=class>{says}</span> }.into_any()
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
    // Each alert goes to one of them.
    let each = each.join(" or ");
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
