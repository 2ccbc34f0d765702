//! How long logs are kept, and what was removed the last time: a quiet line.

use leptos::prelude::*;

use super::{
    board::Board,
    format,
    reactive::{memo, when, words},
    time::Moment,
};
use crate::model::scheduler::{Retained as Removed, SchedulerPage};

/// The line.
#[component]
pub fn Retained() -> impl IntoView {
    let board = expect_context::<Board>();
    let rule = board.part(rule);
    let last = board.part(|page| page.retained);
    let is_known = memo(move || last.get().is_some());
    view! {
        <p class="px-4.5 text-[13px] text-muted">
            {words(move || rule.get())}
            {when(move || is_known.get(), move || view! { <Last last/> }.into_any())}
        </p>
    }
}

/// "Last time: 12 logs, 3 uploads (Yesterday 03:30)."
#[component]
fn Last(last: Memo<Option<Removed>>) -> impl IntoView {
    let board = expect_context::<Board>();
    let at = Signal::derive(move || last.get().map_or_else(|| board.now(), |last| last.at));
    let what = move || last.get().map(|last| last.in_words()).unwrap_or_default();
    view! {
        " Last time: "
        {words(what)}
        " ("
        <Moment at/>
        ")."
    }
}

/// What is kept for how long.
fn rule(page: &SchedulerPage) -> String {
    match (page.kept_days, page.open_failures_kept_days) {
        (0, _) => "All logs are kept.".to_owned(),
        (days, open) => {
            let days_of_logs = format::count(days, "day", "days");
            let but = if open > days {
                format!(", those of open failures after {open}")
            } else {
                String::new()
            };
            format!("Logs older than {days_of_logs} are removed each night{but}.")
        }
    }
}
