//! Everything about one import, in a panel below its row.

use leptos::prelude::*;

use super::{
    calendar,
    differences::DifferenceTable,
    format,
    live::Board,
    reactive::{built, fixed, memo, said as sentence, when},
    time::{Shown, moment},
};
use crate::{
    error::read,
    model::import_log::{
        DateOutcome, FailureKind, ImportDate, ImportDetails, ImportLog, ImportReject, ImportStatus,
        ImportType, Requester,
    },
    server_fns::{Answer, imports::read_import_details},
};

/// The panel. It reads the details when it opens, again when the import gets on, and again after an outage.
#[component]
pub fn Details(log: Memo<ImportLog>) -> impl IntoView {
    let id = log.with_untracked(|log| log.id);
    let stage = memo(move || {
        log.with(|log| {
            (
                log.status.as_str(),
                log.phase.as_str(),
                log.successful_dates,
                log.failed_dates,
            )
        })
    });
    let details = Resource::new(move || stage.get(), move |_| read_import_details(id));
    view! {
        <Transition fallback=|| view! { <p class="text-muted">"Reading the details…"</p> }>
            <Panel log details/>
        </Transition>
    }
}

/// The latest good answer, and why the latest one is none.
#[component]
fn Panel(log: Memo<ImportLog>, details: Resource<Answer>) -> impl IntoView {
    let board = expect_context::<Board>();
    let answer = memo(move || {
        let answer = details.get()?;
        Some(answer.and_then(|text| read::<ImportDetails>(&text)))
    });
    let latest = Memo::new(
        move |before: Option<&Option<ImportDetails>>| match answer.get() {
            Some(Ok(details)) => Some(details),
            _ => before.cloned().flatten(),
        },
    );
    let trouble =
        memo(move || answer.with(|answer| Some(answer.as_ref()?.as_ref().err()?.message.clone())));
    // Once the page itself is answered again, so are these.
    Effect::new(move || {
        if board.live.read_at().is_some() && trouble.with_untracked(Option::is_some) {
            details.refetch();
        }
    });
    view! {
        {when(
            move || latest.with(Option::is_some),
            move || view! { <Parts log latest/> }.into_any(),
        )}
        <div role="alert" class="mt-2 text-bad empty:hidden">{sentence(move || trouble.get())}</div>
    }
}

/// Each part changes only when what it shows does: a selection in the others stays.
#[component]
fn Parts(log: Memo<ImportLog>, latest: Memo<Option<ImportDetails>>) -> impl IntoView {
    fn part<T: Default + PartialEq + Send + Sync + 'static>(
        latest: Memo<Option<ImportDetails>>,
        part: fn(&ImportDetails) -> T,
    ) -> Memo<T> {
        memo(move || latest.with(|details| details.as_ref().map(part).unwrap_or_default()))
    }
    let dates = part(latest, |details| {
        let ended = details.log.status != ImportStatus::Running;
        (ended, details.dates.clone())
    });
    let rejects = part(latest, |details| {
        let log = &details.log;
        (log.id, log.records_rejected, details.rejects.clone())
    });
    let differing = part(latest, |details| Some(details.log.clone()));
    view! {
        <div class="grid gap-4">
            <Facts log/>
            {built(Box::new(move || {
                let (ended, dates) = dates.get();
                view! { <Dates ended dates/> }.into_any()
            }))}
            {built(Box::new(move || {
                let (id, all, rejects) = rejects.get();
                view! { <Rejects id all rejects/> }.into_any()
            }))}
            {built(Box::new(move || {
                differing.get().map(|log| view! { <DifferenceTable log/> }).into_any()
            }))}
        </div>
    }
}

const fn kind_in_words(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Cancelled => "cancelled",
        FailureKind::Interrupted => "interrupted",
        FailureKind::InvalidInput => "the data can't be imported",
        FailureKind::SourceUnavailable => "the source could not be reached",
        FailureKind::Internal => "a fault of NumWatch",
    }
}

const fn door_in_words(door: Requester) -> &'static str {
    match door {
        Requester::Page => "this page",
        Requester::Api => "the API",
        Requester::Cli => "the command line",
        Requester::Scheduler => "the scheduler",
    }
}

/// What the log holds besides its columns.
#[component]
fn Facts(log: Memo<ImportLog>) -> impl IntoView {
    let board = expect_context::<Board>();
    let facts = move || {
        let zone = board.hydrated();
        let when = |at| moment(at, Shown::Full, zone);
        log.with(|log| {
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
        })
    };
    view! {
        <dl class="flex flex-wrap gap-x-8 gap-y-3">
            {move || {
                facts()
                    .into_iter()
                    .map(|(name, value)| {
                        view! {
                            <div class="min-w-0">
                                <dt>{fixed(name)}</dt>
                                <dd class="wrap-anywhere tabular-nums">{fixed(&value)}</dd>
                            </div>
                        }
                    })
                    .collect_view()
            }}
        </dl>
    }
}

/// What there is to say of a date: what it brought, and its note or the reason of its failure.
fn said(date: ImportDate) -> String {
    let mut said = Vec::new();
    if date.outcome == DateOutcome::Success && date.records_processed > 0 {
        said.push(format!(
            "{}, {} new, {} updated",
            format::count(date.records_processed.into(), "record", "records"),
            format::thousands(date.results_created.into()),
            format::thousands(date.results_updated.into()),
        ));
        if date.results_corrected > 0 {
            let corrected = format::thousands(date.results_corrected.into());
            said.push(format!("{corrected} corrected"));
        }
    }
    let mut said = said.join(", ");
    if let Some(message) = date.message {
        said += if said.is_empty() { "" } else { ". " };
        said += &message;
    } else if said.is_empty() && date.outcome == DateOutcome::Success {
        said.push_str("0 records");
    }
    said
}

/// Each date of a range and what became of it.
#[component]
fn Dates(
    /// The import is over: what is pending then was not asked for.
    ended: bool,
    dates: Vec<ImportDate>,
) -> impl IntoView {
    let board = expect_context::<Board>();
    let today = board.shown.with_untracked(|page| page.today);
    (!dates.is_empty()).then(|| {
        let items = dates.into_iter().map(|date| {
            let (colour, word) = match date.outcome {
                DateOutcome::Success => ("text-good", "imported"),
                DateOutcome::Failed => ("text-bad", "failed"),
                DateOutcome::Pending if ended => ("text-muted", "not asked"),
                DateOutcome::Pending => ("text-muted", "not yet"),
            };
            view! {
                <li class="grid grid-cols-[5.5rem_1fr] gap-x-3 tabular-nums sm:grid-cols-[5.5rem_5rem_1fr]">
                    <span translate="no">{fixed(&calendar::day(date.date, today))}</span>
                    <span class=colour>{fixed(word)}</span>
                    <span class="col-span-2 min-w-0 text-muted wrap-anywhere sm:col-span-1">{fixed(&said(date))}</span>
                </li>
            }
        });
        view! {
            <section>
                <h3>"Dates"</h3>
                <ul class="mt-1 grid gap-1">{items.collect_view()}</ul>
            </section>
        }
    })
}

/// The records that could not be used.
#[component]
fn Rejects(id: i32, all: i32, rejects: Vec<ImportReject>) -> impl IntoView {
    let board = expect_context::<Board>();
    let today = board.shown.with_untracked(|page| page.today);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_tells_its_numbers_and_its_note() {
        let date = ImportDate {
            date: "2025-06-22".parse().expect("a date"),
            outcome: DateOutcome::Success,
            records_processed: 80,
            games_created: 0,
            results_created: 70,
            results_updated: 5,
            results_corrected: 2,
            failure_kind: None,
            message: None,
        };
        assert_eq!(
            said(date.clone()),
            "80 records, 70 new, 5 updated, 2 corrected"
        );
        let empty = ImportDate {
            records_processed: 0,
            message: Some("The feed has no draws for this day.".into()),
            ..date.clone()
        };
        assert_eq!(said(empty), "The feed has no draws for this day.");
        let failed = ImportDate {
            outcome: DateOutcome::Failed,
            message: Some("The feed answered 500.".into()),
            ..date
        };
        assert_eq!(said(failed), "The feed answered 500.");
    }
}
