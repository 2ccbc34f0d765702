//! Moments, in UTC as the server renders them and in the reader's own zone once hydrated.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use leptos::prelude::*;

use super::{
    calendar,
    live::Live,
    reactive::{memo, text, words},
};
use crate::browser;

/// How much of a moment is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// `14:32:51`, `Yesterday 18:20`, `17 Nov 18:20`: as it is best told at this time.
    Relative(DateTime<Utc>),
    /// `14:35`.
    HourMinute,
    /// `Mon 23 Nov 2026, 14:32:51 UTC+7`.
    Full,
}

/// A moment in the reader's zone if it is known, else in UTC, which then says so.
#[must_use]
pub fn moment(at: DateTime<Utc>, shown: Shown, zone_known: bool) -> String {
    let local = |at: DateTime<Utc>| -> NaiveDateTime {
        let offset = if zone_known {
            browser::offset_minutes(at)
        } else {
            0
        };
        at.naive_utc() + Duration::minutes(offset)
    };
    let suffix = if zone_known { "" } else { " UTC" };
    match shown {
        Shown::Relative(now) => calendar::moment(local(at), local(now).date()) + suffix,
        Shown::HourMinute => calendar::hour_minute(local(at)) + suffix,
        Shown::Full => calendar::full(
            local(at),
            if zone_known {
                browser::offset_minutes(at)
            } else {
                0
            },
        ),
    }
}

/// A `<time>` with the whole of it on hover.
#[component]
pub fn Moment(
    /// The moment.
    #[prop(into)]
    at: Signal<DateTime<Utc>>,
    /// Tell the hour and minute only.
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    let clock = expect_context::<Live>().clock;
    // It changes with the day, not with the second: the memo keeps the text untouched in between.
    let told = memo(move || {
        let shown = if short {
            Shown::HourMinute
        } else {
            Shown::Relative(clock.now())
        };
        moment(at.get(), shown, clock.hydrated())
    });
    let full = memo(move || moment(at.get(), Shown::Full, clock.hydrated()));
    view! {
        <time translate="no" datetime=text(move || calendar::machine(at.get())) title=full class="whitespace-nowrap tabular-nums">
            {words(move || told.get())}
        </time>
    }
}
