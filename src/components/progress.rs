//! How far a running import is.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{
    board::Board,
    format,
    reactive::{maybe, memo, said, when, words},
    time::Moment,
};
use crate::model::import_log::{ImportLog, ImportType, Phase};

/// What a running import is doing, in words.
#[must_use]
pub fn phase_in_words(log: &ImportLog) -> String {
    let words = match log.phase {
        Phase::Uploading => "Uploading",
        Phase::Queued => "Waiting for a worker",
        Phase::Fetching => {
            return match log.progress_total {
                Some(total) => format!(
                    "Asking the feed (day {} of {total})",
                    (log.progress + 1).min(total)
                ),
                None => "Asking the feed".into(),
            };
        }
        Phase::Reading => "Reading",
        Phase::Loading => "Loading",
        Phase::Finishing => "Finishing",
        Phase::Ended => "Ended",
        Phase::Unknown => "At work",
    };
    words.into()
}

/// Whether the progress counts bytes that are on their way.
const fn counts_bytes(log: &ImportLog) -> bool {
    matches!(log.phase, Phase::Uploading | Phase::Reading)
}

/// The share done, in thousandths, where it is known.
#[must_use]
pub fn fraction(log: &ImportLog) -> Option<i64> {
    match log.progress_total {
        Some(total)
            if total > 0 && (counts_bytes(log) || log.import_type == ImportType::DateRange) =>
        {
            Some(format::share(log.progress, total))
        }
        _ => None,
    }
}

/// One line on a running import: `Reading · 812,000 records · 194 MB of 239 MB · 32.1 MB/s · 2 s left`.
#[must_use]
pub fn line(log: &ImportLog) -> String {
    let bytes = |count: i64| format::bytes(count.unsigned_abs());
    let mut parts = vec![phase_in_words(log)];
    if let Some(position) = log.queue_position.filter(|position| *position > 0) {
        parts.push(format!("{} in line", format::ordinal(position)));
    }
    if log.attempt > 1 {
        parts.push(format!("attempt {}", log.attempt));
    }
    if log.records_processed > 0 {
        parts.push(format::count(
            log.records_processed.into(),
            "record",
            "records",
        ));
    }
    if counts_bytes(log) && log.progress > 0 {
        parts.push(match log.progress_total {
            Some(total) => format!("{} of {}", bytes(log.progress), bytes(total)),
            None => bytes(log.progress),
        });
    }
    if let Some(rate) = log.bytes_per_second {
        parts.push(format!("{}/s", bytes(rate)));
    }
    if let Some(left) = log.seconds_left {
        parts.push(match left {
            ..90 => format!("{left} s left"),
            _ => format!("{} min left", (left + 30) / 60),
        });
    }
    parts.join(" · ")
}

/// What keeps a running import waiting, while it does: `2025-06-04: HTTP 503. Try 3 of 4. Again in 2 s.`
#[must_use]
pub fn waiting(log: &ImportLog, now: DateTime<Utc>) -> Option<String> {
    let again = log
        .waits_until
        .map(|until| format::ahead(until - now))
        .map(|when| match log.phase {
            Phase::Queued => format!("It is tried again {when}."),
            _ => format!("Again {when}."),
        });
    match (&log.trouble, again) {
        (Some(trouble), Some(again)) => Some(format!("{trouble} {again}")),
        (Some(trouble), None) => Some(trouble.clone()),
        (None, again) => again.filter(|_| log.phase == Phase::Queued),
    }
}

/// A line in words and a bar.
#[component]
pub fn Progress(log: Memo<ImportLog>) -> impl IntoView {
    let id = log.with_untracked(|log| log.id);
    let line = memo(move || log.with(self::line));
    let fraction = memo(move || log.with(self::fraction));
    let board = expect_context::<Board>();
    // Without trouble it waits because its feed asked it to.
    let waits = memo(move || {
        log.with(|log| {
            log.waits_until
                .filter(|_| log.trouble.is_none() && log.phase != Phase::Queued)
        })
    });
    let until = Signal::derive(move || {
        waits
            .get()
            .unwrap_or_else(|| log.with(|log| log.started_at))
    });
    view! {
        <p class="tiny">{words(move || line.get())}</p>
        <div class="trouble">{said(move || log.with(|log| waiting(log, board.now())))}</div>
        {when(
            move || waits.with(Option::is_some),
            move || view! { <p class="tiny">"The feed asked to wait until " <Moment at=until/></p> }.into_any(),
        )}
        <Bar label=format!("Progress of import #{id}") fraction says=line/>
    }
}

/// A bar: filled so far, or moving while nobody knows how far.
#[component]
pub fn Bar(
    label: String,
    /// In thousandths, where it is known.
    #[prop(into)]
    fraction: Signal<Option<i64>>,
    /// The same in words.
    #[prop(into)]
    says: Signal<String>,
) -> impl IntoView {
    view! {
        <progress
            class="bar"
            aria-label=label
            max="1000"
            value=maybe(move || fraction.get().map(|share| share.to_string()))
            aria-valuetext=says
        ></progress>
    }
}

#[cfg(test)]
#[path = "progress_tests.rs"]
mod tests;
