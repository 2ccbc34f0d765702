//! How fresh the page is: a dot and "updated 3 s ago", or that the server is lost.

use leptos::prelude::*;

use super::{
    calendar, format,
    polled::{Dated, Polled, latest, trouble},
    reactive::{memo, said, text, words},
    time::{Shown, moment},
};
use crate::error::ErrorKind;

/// The header's word on freshness. It belongs inside a `Transition`.
#[component]
pub fn Freshness<T: Dated>(page: Polled<T>) -> impl IntoView {
    let latest = latest(page.answer);
    let trouble = trouble(page.answer);
    let fine = memo(move || trouble.with(Option::is_none));
    let says = move || {
        let Some(read) = latest.with(|shown| shown.as_ref().map(Dated::now)) else {
            return "Not read yet".to_owned();
        };
        match page.age() {
            None => format!(
                "Read at {} UTC",
                calendar::hour_minute_second(read.naive_utc())
            ),
            Some(age) if fine.get() => format!("Live · updated {}", format::ago(age)),
            Some(age) => format!("Read {}", format::ago(age)),
        }
    };
    let dot = move || match (fine.get(), page.read_at().is_some()) {
        (false, _) => "dot dot-warn",
        (true, true) => "dot dot-good",
        (true, false) => "dot dot-rest",
    };
    view! {
        <span class="freshness ml-auto flex items-center gap-2 text-right text-xs tabular-nums text-muted sm:whitespace-nowrap">
            <span class=text(dot) aria-hidden="true"></span>
            <span data-testid="freshness">{words(says)}</span>
        </span>
    }
}

/// The strip below the header that says when the server is lost. It belongs inside a `Transition`.
#[component]
pub fn Lost<T: Dated>(page: Polled<T>) -> impl IntoView {
    let latest = latest(page.answer);
    let trouble = trouble(page.answer);
    let sentence = move || {
        // Without any answer yet there is nothing to show: the page says so itself.
        let something = latest.with(Option::is_some);
        let error = trouble.get().filter(|_| something)?;
        let read = page
            .read_at()
            .map(|at| moment(at, Shown::HourMinute, true))
            .unwrap_or_default();
        Some(if error.kind == ErrorKind::Outdated {
            error.message
        } else if error.is_unreachable() {
            format!("Can't reach the server; showing what was read at {read}. Trying again…")
        } else {
            format!(
                "{} Showing what was read at {read}. Trying again…",
                error.message
            )
        })
    };
    view! {
        <div role="status" aria-label="Connection" class="bg-amber-100 text-amber-900 dark:bg-amber-950 dark:text-amber-200">
            <div class="mx-auto max-w-page px-5 py-2 text-[13px] empty:hidden">{said(sentence)}</div>
        </div>
    }
}
