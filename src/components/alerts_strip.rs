//! The last alerts, below the Scheduler page. They stand outside of what the browser takes over: the server renders them, and a
//! few lines of script fetch them again.

use leptos::prelude::*;

use super::{
    alert_words::{badge, event_in_words, receivers, test_form},
    calendar, format,
    reactive::fixed,
};
use crate::model::alert::{Alert, Alerts};

/// The element that holds them.
const HERE: &str = "alerts";

/// The strip. Styled by what the page has styles for already.
#[must_use]
pub fn strip(alerts: &Alerts) -> AnyView {
    let is_on = !alerts.receivers.is_empty();
    let says = if is_on {
        view! { <p class="hint">"Sent to "{receivers(&alerts.receivers)}"."</p> }.into_any()
    } else {
        view! { <p class="hint">"None are sent: no webhook is set."</p> }.into_any()
    };
    let leads = if is_on || !alerts.alerts.is_empty() {
        "All alerts"
    } else {
        "How to set one"
    };
    let rows: Vec<_> = alerts
        .alerts
        .iter()
        .map(|alert| row(alert, alerts))
        .collect();
    let none = (is_on && rows.is_empty()).then(|| view! { <p class="hint">"None yet."</p> });
    let list = (!rows.is_empty()).then(|| view! { <ul class="grid gap-2">{rows}</ul> });
    view! {
        <section id=HERE class="mx-auto -mt-14 max-w-page px-4 pb-20 sm:px-5" aria-labelledby="alerts-heading">
            <div class="panel card">
                <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
                    <h2 id="alerts-heading">"Alerts"</h2>
                    {says}
                    <a class="link text-[13px]" href="/alerts">{leads}</a>
                    {is_on.then(test_form)}
                </div>
                {none}
                {list}
            </div>
        </section>
    }
    .into_any()
}

fn row(alert: &Alert, alerts: &Alerts) -> AnyView {
    let machine = calendar::machine(alert.created_at);
    view! {
        <li class="flex flex-wrap items-center gap-x-4 gap-y-2 text-[13px]">
            {badge(alert)}
            <span class="font-[550]">{event_in_words(alert.event)}</span>
            <time datetime=machine.clone() title=machine class="text-muted">{format::ago(alerts.now - alert.created_at)}</time>
            <span class="wrap-anywhere">{fixed(&alert.text)}</span>
        </li>
    }
    .into_any()
}
