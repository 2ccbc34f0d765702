//! One import in short, in a panel below its row.

use leptos::prelude::*;

use super::{
    board::Board,
    polled::{Answer, answer, latest, trouble},
    reactive::{fixed, memo, said, when, words},
};
use crate::{
    model::{brief::Brief, import_log::ImportLog},
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
            <Panel id details/>
        </Transition>
    }
}

/// The latest good answer, and why the latest one is none.
#[component]
fn Panel(id: i32, details: Answer<Brief>) -> impl IntoView {
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
            move || view! { <Short id latest/> }.into_any(),
        )}
        <div role="alert" class="mt-2 text-bad empty:hidden">{said(move || trouble.get().map(|error| error.message))}</div>
    }
}

/// What it came to, its first days and rejects, and the way to all the rest. A line that stays is left untouched: a
/// selection in it stays, too.
#[component]
fn Short(id: i32, latest: Memo<Option<Brief>>) -> impl IntoView {
    let part = move |part: fn(&Brief) -> Vec<String>| {
        move || latest.with(|brief| brief.as_ref().map(part).unwrap_or_default())
    };
    let outcome = part(|brief| vec![brief.outcome.clone()]);
    let lines = part(|brief| brief.lines.clone());
    view! {
        <div class="grid gap-2">
            <p>{words(move || outcome().concat())}</p>
            <ul class="grid gap-1 empty:hidden">
                <For each=lines key=String::clone children=|line| view! { <li class="wrap-anywhere">{fixed(&line)}</li> }/>
            </ul>
            <p><a class="link" href=format!("/imports/{id}") rel="external">{format!("Everything about import #{id}")}</a></p>
        </div>
    }
}
