//! Everything about one import, in a panel below its row.

use leptos::prelude::*;

use super::{
    about::{FactList, Rejects, facts},
    board::Board,
    dates::Dates,
    differences::DifferenceTable,
    polled::{Answer, answer, latest, trouble},
    reactive::{memo, said, when},
    time::{Shown, moment},
};
use crate::{
    model::import_log::{ImportDetails as Everything, ImportLog, ImportStatus},
    server_fns::imports::ImportDetails,
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
    let details = answer(move || stage.get(), move || ImportDetails { id });
    view! {
        <Transition fallback=|| view! { <p class="text-muted">"Reading the details…"</p> }>
            <Panel log details/>
        </Transition>
    }
}

/// The latest good answer, and why the latest one is none.
#[component]
fn Panel(log: Memo<ImportLog>, details: Answer<Everything>) -> impl IntoView {
    let board = expect_context::<Board>();
    let latest = latest(details);
    let trouble = trouble(details);
    // Once the page itself is answered again, so are these.
    Effect::new(move || {
        if board.read_at().is_some() && trouble.with_untracked(Option::is_some) {
            details.refetch();
        }
    });
    view! {
        {when(
            move || latest.with(Option::is_some),
            move || view! { <Parts log latest/> }.into_any(),
        )}
        <div role="alert" class="mt-2 text-bad empty:hidden">{said(move || trouble.get().map(|error| error.message))}</div>
    }
}

/// Each part changes only when what it shows does: a selection in the others stays.
#[component]
fn Parts(log: Memo<ImportLog>, latest: Memo<Option<Everything>>) -> impl IntoView {
    fn part<T: Default + PartialEq + Send + Sync + 'static>(
        latest: Memo<Option<Everything>>,
        part: fn(&Everything) -> T,
    ) -> Memo<T> {
        memo(move || latest.with(|details| details.as_ref().map(part).unwrap_or_default()))
    }
    let board = expect_context::<Board>();
    let today = board.shown.with_untracked(|page| page.today);
    let id = log.with_untracked(|log| log.id);
    let known = move || {
        let zone = board.hydrated();
        log.with(|log| facts(log, |at| moment(at, Shown::Full, zone)))
    };
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
            <p><a class="link" href=format!("/imports/{id}") rel="external">"Page of this import"</a></p>
            {move || view! { <FactList facts=known()/> }}
            {move || {
                let (ended, dates) = dates.get();
                view! { <Dates ended dates today/> }.into_any()
            }}
            {move || {
                let (id, all, rejects) = rejects.get();
                view! { <Rejects id all rejects today/> }.into_any()
            }}
            {move || {
                differing.get().map(|log| view! { <DifferenceTable log today/> }).into_any()
            }}
        </div>
    }
}
