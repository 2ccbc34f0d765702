//! The last alerts as a table: when, what, and what became of each.

use leptos::prelude::*;

use super::{
    alert_words::{badge, event_in_words},
    calendar,
    format::count,
    history_table::local,
    reactive::fixed,
};
use crate::model::{
    alert::{Alert, AlertState, Alerts},
    history::Zone,
};

/// The table.
#[must_use]
pub fn alerts_table(latest: &Alerts, zone: Zone) -> AnyView {
    let rows: Vec<_> = latest.alerts.iter().map(|alert| row(alert, zone)).collect();
    let content = if rows.is_empty() {
        view! {
            <div class="px-4.5 py-10 text-center">
                <p class="font-semibold">"Nothing was told yet."</p>
            </div>
        }
        .into_any()
    } else {
        view! {
            <table class="imports" aria-labelledby="alerts-heading">
                <thead>
                    <tr>
                        <th scope="col" class="w-36">"When"</th>
                        <th scope="col">"What"</th>
                        <th scope="col" class="w-80">"What became of it"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    view! {
        <section class="panel" aria-labelledby="alerts-heading">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4.5 py-3.5">
                <h2 id="alerts-heading">"The last alerts"</h2>
                <span class="text-[13px] text-muted">"Times of "<span translate="no">{zone.in_words()}</span>". Each is kept for 30 days."</span>
                <a class="btn ml-auto" href="/alerts">"Load anew"</a>
            </div>
            {content}
        </section>
    }
    .into_any()
}

fn row(alert: &Alert, zone: Zone) -> AnyView {
    let at = local(alert.created_at, zone);
    let import = alert.import_id.map(|id| {
        view! { <p class="tiny"><a class="link" href=format!("/imports/{id}")>{format!("Import #{id}")}</a></p> }
    });
    let fate = fate(alert, zone);
    let trouble = alert.trouble.as_deref();
    let trouble = trouble.map(|why| view! { <p class="tiny wrap-anywhere">{fixed(why)}</p> });
    view! {
        <tr id=format!("alert-{}", alert.id)>
            <td class="c-started">
                <time translate="no" datetime=calendar::machine(alert.created_at) title=calendar::full(at, zone.offset_minutes(alert.created_at)) class="whitespace-nowrap tabular-nums">
                    {calendar::moment(at, zone.today)}
                </time>
            </td>
            <th scope="row" class="c-file">
                <p class="font-[550]">{event_in_words(alert.event)}</p>
                <p class="max-w-[70ch] font-normal wrap-anywhere">{fixed(&alert.text)}</p>
                {import}
            </th>
            <td class="c-type max-lg:max-w-52 max-lg:whitespace-normal">
                {badge(alert)}
                <p class="tiny">{fixed(&fate)}</p>
                {trouble}
            </td>
        </tr>
    }
    .into_any()
}

/// How it went, and what is to come.
fn fate(alert: &Alert, zone: Zone) -> String {
    let moment = |at| calendar::moment(local(at, zone), zone.today);
    let attempts = count(alert.attempts.into(), "attempt", "attempts");
    let host = alert.host.as_deref().unwrap_or("the webhook");
    match (alert.state, alert.ended_at, alert.next_attempt_at) {
        (AlertState::Delivered, Some(at), _) if alert.attempts > 1 => {
            format!("To {host}, {}, at the {}.", moment(at), nth(alert.attempts))
        }
        (AlertState::Delivered, Some(at), _) => format!("To {host}, {}.", moment(at)),
        (AlertState::GivenUp, Some(at), _) => {
            format!(
                "Given up after {attempts}, {}. It is not tried again.",
                moment(at)
            )
        }
        (AlertState::Waiting, _, Some(next)) if alert.trouble.is_some() => {
            format!("{attempts} so far. The next one: {}.", moment(next))
        }
        (AlertState::Waiting, ..) => "It is about to be sent.".to_owned(),
        (AlertState::SummedUp, ..) => {
            "Too many came at once: one message told of several.".to_owned()
        }
        _ => String::new(),
    }
}

/// "2nd attempt".
fn nth(number: i32) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending} attempt")
}
