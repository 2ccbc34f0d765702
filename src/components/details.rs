//! Everything about one import, in a panel below its row.

use leptos::prelude::*;

use super::{
    calendar,
    dates::Dates,
    differences::DifferenceTable,
    format,
    live::Board,
    reactive::{built, fixed, memo, said, when},
    time::{Shown, moment},
};
use crate::{
    error::read,
    model::import_log::{
        FailureKind, ImportDetails, ImportLog, ImportReject, ImportStatus, ImportType, Requester,
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
        <div role="alert" class="mt-2 text-bad empty:hidden">{said(move || trouble.get())}</div>
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
        FailureKind::Unknown => "for a reason that only a newer version can name",
    }
}

const fn door_in_words(door: Requester) -> &'static str {
    match door {
        Requester::Page => "this page",
        Requester::Api => "the API",
        Requester::Cli => "the command line",
        Requester::Scheduler => "the scheduler",
        Requester::Unknown => "a door that only a newer version knows",
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
