//! What happened to an import, step by step.

use leptos::prelude::*;

use super::{calendar, history_table::local, reactive::fixed, steps::steps};
use crate::model::{history::Zone, import_log::ImportLog, timeline::ImportEvent};

/// The timeline.
#[must_use]
pub fn timeline(log: &ImportLog, events: &[ImportEvent], zone: Zone) -> AnyView {
    let first = local(log.started_at, zone).date();
    let lines = steps(log, events).into_iter().map(|step| {
        let time = step.at.map_or_else(
            || view! { <span>"now"</span> }.into_any(),
            |at| {
                let here = local(at, zone);
                let told = if here.date() == first {
                    calendar::hour_minute_second(here)
                } else {
                    let day = calendar::day(here.date(), zone.today);
                    format!("{day} {}", calendar::hour_minute_second(here))
                };
                view! {
                    <time translate="no" datetime=calendar::machine(at) title=calendar::full(here, zone.offset_minutes(at))>
                        {told}
                    </time>
                }
                .into_any()
            },
        );
        let other = step.other.map(|id| {
            view! { " " <a class="link" href=format!("/imports/{id}")>{format!("#{id}")}</a> }
        });
        view! {
            <li>
                {time}
                <p class="min-w-0 wrap-anywhere">
                    {fixed(&step.says)}
                    {other}
                    {step.span.map(|span| view! { <span class="text-muted">" · "{span}</span> })}
                </p>
            </li>
        }
    });
    view! { <ol class="timeline">{lines.collect_view()}</ol> }.into_any()
}
