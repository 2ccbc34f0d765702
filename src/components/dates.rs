//! The dates of a range, and what became of each.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{calendar, reactive::fixed};
use crate::model::import_log::{DateOutcome, ImportDate};

/// How a date is shown: the class of its cell, the colour of its word, and a sign for those who see no colours.
#[must_use]
pub const fn look(outcome: DateOutcome, ended: bool) -> (&'static str, &'static str, &'static str) {
    match outcome {
        DateOutcome::Success => ("cell cell-good", "text-good", "✓"),
        DateOutcome::Failed => ("cell cell-bad", "text-bad", "✗"),
        DateOutcome::Pending if ended => ("cell", "text-muted", "–"),
        DateOutcome::Pending => ("cell", "text-muted", "…"),
        DateOutcome::Unknown => ("cell", "text-muted", "?"),
    }
}

/// Where a date stands in the list, for its cell to lead to.
#[must_use]
pub fn anchor(date: NaiveDate) -> String {
    format!("day-{date}")
}

/// Each date of a range and what became of it.
#[component]
pub fn Dates(
    /// The import is over: what is pending then was not asked for.
    ended: bool,
    dates: Vec<ImportDate>,
    today: NaiveDate,
    /// The cells of a calendar lead to them.
    #[prop(default = true)]
    linked: bool,
) -> impl IntoView {
    (!dates.is_empty()).then(|| {
        let items = dates.into_iter().map(|date| {
            let (_, colour, _) = look(date.outcome, ended);
            let word = date.outcome.in_words(ended);
            let id = linked.then(|| anchor(date.date));
            view! {
                <li id=id class="grid scroll-mt-20 grid-cols-[5.5rem_1fr] gap-x-3 tabular-nums sm:grid-cols-[5.5rem_5rem_1fr]">
                    <span translate="no">{fixed(&calendar::day(date.date, today))}</span>
                    <span class=colour>{fixed(word)}</span>
                    <span class="col-span-2 min-w-0 text-muted wrap-anywhere sm:col-span-1">{fixed(&date.said())}</span>
                </li>
            }
        });
        view! {
            <ul class="grid gap-1">{items.collect_view()}</ul>
        }
    })
}
