//! How far a running import is.

use leptos::prelude::*;

use super::{
    live::Board,
    pace::{self, Pace},
    reactive::{maybe, memo, text, whether},
};
use crate::model::import_log::ImportLog;

/// A line in words and a bar.
#[component]
pub fn Progress(log: Memo<ImportLog>) -> impl IntoView {
    let board = expect_context::<Board>();
    let id = log.with_untracked(|log| log.id);
    let pace = Memo::new(move |before: Option<&Pace>| {
        let now = board.shown.with(|page| page.now);
        log.with(|log| Pace::seen(before.copied(), log, now))
    });
    let line = memo(move || log.with(|log| pace::line(log, pace.get())));
    let fraction = memo(move || log.with(pace::fraction));
    view! {
        <p class="tiny">{line}</p>
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
        <div
            class="bar"
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=maybe(move || fraction.get().map(|share| (share / 10).to_string()))
            aria-valuetext=says
        >
            <span
                class:unknown=whether(move || fraction.get().is_none())
                style=text(move || format!("transform:scaleX({}e-3)", fraction.get().unwrap_or(1000)))
            ></span>
        </div>
    }
    .into_any()
}
