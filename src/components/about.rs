//! What is known of an import, in facts and numbers.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{format, reactive::fixed};
use crate::model::{
    import_log::{FailureKind, ImportLog, ImportType, Requester},
    timeline::{EventKind, ImportEvent},
};

/// A reason in words.
#[must_use]
pub const fn kind_in_words(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Cancelled => "cancelled",
        FailureKind::Interrupted => "interrupted",
        FailureKind::InvalidInput => "the data can't be imported",
        FailureKind::SourceUnavailable => "the source could not be reached",
        FailureKind::Internal => "a fault of NumWatch",
        FailureKind::Unknown => "for a reason that only a newer version can name",
    }
}

/// Which door an import came through, in words.
#[must_use]
pub const fn door_in_words(door: Requester) -> &'static str {
    match door {
        Requester::Page => "the page",
        Requester::Api => "the API",
        Requester::Cli => "the command line",
        Requester::Scheduler => "the scheduler",
        Requester::Unknown => "a door that only a newer version knows",
    }
}

/// Who did something, and through which door: "by somchai, through the page".
#[must_use]
pub fn by_whom(door: Requester, name: Option<&str>) -> String {
    let door = door_in_words(door);
    match name {
        Some(name) => format!("by {name}, through {door}"),
        None => format!("through {door}"),
    }
}

/// The same as a fact: "somchai, through the page".
fn asked_by(door: Requester, name: Option<&str>) -> String {
    let door = door_in_words(door);
    name.map_or_else(|| door.to_owned(), |name| format!("{name}, through {door}"))
}

/// A fact: its name and what it is.
pub type Fact = (&'static str, String);

/// What is known of an import besides what it brought. `when` tells a moment, `name` is what it is called by.
pub fn facts(
    log: &ImportLog,
    events: &[ImportEvent],
    name: String,
    when: impl Fn(DateTime<Utc>) -> String,
) -> Vec<Fact> {
    let is_range = log.import_type == ImportType::DateRange;
    let mut facts = vec![(if is_range { "Days" } else { "File" }, name)];
    let size = |bytes: i64| u64::try_from(bytes).ok().map(format::bytes);
    facts.extend(log.file_size.and_then(size).map(|size| ("Size", size)));
    // A packed file is larger than what arrived.
    let unpacked = log
        .progress_total
        .filter(|_| log.import_type == ImportType::Backup);
    let unpacked =
        unpacked.filter(|bytes| log.payload_sha256.is_some() && Some(*bytes) != log.file_size);
    facts.extend(unpacked.and_then(size).map(|size| ("Unpacked", size)));
    facts.extend(log.requested_by.map(|door| {
        (
            "Asked for by",
            asked_by(door, log.requested_by_name.as_deref()),
        )
    }));
    facts.push(("Started", when(log.started_at)));
    facts.extend(log.completed_at.map(|end| ("Ended", when(end))));
    if let Some(end) = log.completed_at {
        facts.push(("Took", format::duration(end - log.started_at)));
    }
    facts.extend(rate(log, events).map(|rate| ("Rate", rate)));
    facts.extend(
        log.failure_kind
            .map(|kind| ("Reason", kind_in_words(kind).to_owned())),
    );
    if log.attempt > 1 {
        facts.push(("Attempts", format::thousands(log.attempt.into())));
    }
    facts.extend(log.payload_sha256.clone().map(|hash| ("SHA-256", hash)));
    facts.extend(log.request_id.clone().map(|id| ("Request", id)));
    facts
}

/// How fast it went while a worker was at it: `139,000 records/s, 33.2 MB/s`.
fn rate(log: &ImportLog, events: &[ImportEvent]) -> Option<String> {
    let begun = events.iter().rfind(|event| event.kind == EventKind::Begun);
    let begun = begun.map_or(log.started_at, |event| event.at);
    let millis = (log.completed_at? - begun).num_milliseconds();
    let each_second = |number: i64| (number.saturating_mul(1000)).checked_div(millis);
    if millis <= 0 || log.records_processed <= 0 {
        return None;
    }
    let records = each_second(log.records_processed.into())?;
    let records = format!("{} records/s", format::thousands(records));
    let bytes = log
        .progress_total
        .filter(|_| log.import_type == ImportType::Backup);
    let bytes = bytes
        .and_then(each_second)
        .and_then(|it| u64::try_from(it).ok());
    Some(match bytes {
        Some(bytes) => format!("{records}, {}/s", format::bytes(bytes)),
        None => records,
    })
}

/// What it brought, in numbers.
#[must_use]
pub fn brought(log: &ImportLog) -> Vec<Fact> {
    let mut numbers = vec![
        ("Records", log.records_processed),
        ("Games added", log.games_created),
        ("Games updated", log.games_updated),
        ("Results added", log.results_created),
        ("Results updated", log.results_updated),
        ("Corrected", log.results_corrected),
        ("Unchanged", log.results_unchanged),
        ("Differing", log.results_differing),
    ];
    // A feed repeats its draws in several sections: that is how it is, and nothing to tell.
    if log.import_type == ImportType::Backup {
        numbers.push(("Duplicates", log.duplicates));
    }
    numbers.push(("Rejected", log.records_rejected));
    let told = |(name, number): (&'static str, i32)| (name, format::thousands(number.into()));
    numbers.into_iter().map(told).collect()
}

/// Facts, each with its name.
#[component]
pub fn FactList(facts: Vec<(&'static str, String)>) -> impl IntoView {
    let facts = facts.into_iter().map(|(name, value)| {
        view! {
            <div class="min-w-0">
                <dt>{fixed(name)}</dt>
                <dd class="wrap-anywhere tabular-nums">{fixed(&value)}</dd>
            </div>
        }
    });
    view! { <dl class="flex flex-wrap gap-x-8 gap-y-3">{facts.collect_view()}</dl> }.into_any()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::model::sample_log::ended;

    #[test]
    fn the_rate_is_of_the_time_in_which_a_worker_was_at_it() {
        let log = ended(ImportType::Backup);
        let log = ImportLog {
            completed_at: Some(log.started_at + TimeDelta::seconds(12)),
            records_processed: 20_000,
            progress_total: Some(4_000_000),
            ..log
        };
        let begun = ImportEvent {
            at: log.started_at + TimeDelta::seconds(10),
            kind: EventKind::Begun,
            attempt: 1,
            phase: None,
            detail: None,
            by: None,
            other: None,
        };
        let told = rate(&log, &[begun]);
        assert_eq!(told.as_deref(), Some("10,000 records/s, 2.0 MB/s"));
        let told = rate(&log, &[]);
        assert_eq!(told.as_deref(), Some("1,666 records/s, 333 kB/s"));
        assert_eq!(rate(&ended(ImportType::Backup), &[]), None);
    }
}
