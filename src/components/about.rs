//! What is known of an import, part by part: in a row's panel, and on a page of its own.

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;

use super::{calendar, format, reactive::fixed};
use crate::model::import_log::{FailureKind, ImportLog, ImportReject, ImportType, Requester};

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

/// What the log holds besides its columns, each with its name; `when` tells a moment.
pub fn facts(
    log: &ImportLog,
    when: impl Fn(DateTime<Utc>) -> String,
) -> Vec<(&'static str, String)> {
    let number = |number: i32| format::thousands(number.into());
    let mut facts = vec![("Started", when(log.started_at))];
    facts.extend(log.completed_at.map(|end| ("Ended", when(end))));
    facts.extend(
        log.requested_by
            .map(|door| ("Asked for by", door_in_words(door).to_owned())),
    );
    facts.extend(
        log.failure_kind
            .map(|kind| ("Reason", kind_in_words(kind).to_owned())),
    );
    facts.push(("Games updated", number(log.games_updated)));
    facts.push(("Results updated", number(log.results_updated)));
    facts.push(("Corrected", number(log.results_corrected)));
    facts.push(("Unchanged", number(log.results_unchanged)));
    facts.push(("Differing", number(log.results_differing)));
    // A feed repeats its draws in several sections: that is how it is, and nothing to tell.
    if log.import_type == ImportType::Backup {
        facts.push(("Duplicates", number(log.duplicates)));
    }
    facts.push(("Rejected", number(log.records_rejected)));
    if log.attempt > 1 {
        facts.push(("Attempts", number(log.attempt)));
    }
    facts.extend(log.payload_sha256.clone().map(|hash| ("SHA-256", hash)));
    facts
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

/// The records that could not be used.
#[component]
pub fn Rejects(
    id: i32,
    /// How many there were, kept or not.
    all: i32,
    rejects: Vec<ImportReject>,
    today: NaiveDate,
) -> impl IntoView {
    (!rejects.is_empty()).then(|| {
        let shown = rejects.len();
        let more = usize::try_from(all) != Ok(shown);
        let records = format::count(all.into(), "record", "records");
        let heading = if more {
            format!("Rejected: the first {shown} of {records}")
        } else {
            format!("Rejected: {records}")
        };
        let items = rejects.into_iter().map(|reject| {
            let day = reject
                .date
                .map(|date| calendar::day(date, today) + ", ")
                .unwrap_or_default();
            let place = format!("{day}{} {}: ", reject.section, format::thousands(reject.position));
            view! {
                <li>
                    <p class="wrap-anywhere">
                        <span class="text-muted tabular-nums">{fixed(&place)}</span>
                        {fixed(&reject.reason)}
                    </p>
                    <code class="block text-xs text-muted wrap-anywhere" translate="no">{fixed(&reject.record)}</code>
                </li>
            }
        });
        view! {
            <section>
                <h3>{fixed(&heading)}</h3>
                <div class="mt-1 max-h-80 overflow-y-auto" role="region" aria-label="Rejected records" tabindex="0">
                    <ul class="grid gap-2">{items.collect_view()}</ul>
                </div>
                {more.then(|| view! {
                    <p class="mt-1">
                        <a class="link" href=format!("/import-logs/{id}/rejects") rel="external">"All rejects (JSON)"</a>
                    </p>
                })}
            </section>
        }
    })
}
