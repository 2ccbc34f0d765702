//! Scheduled runs that brought nothing: one row, which opens by itself, with scripts or without.

use leptos::{prelude::*, wasm_bindgen::JsCast as _, web_sys::Element};

use super::{
    board::Board,
    format,
    reactive::{fixed, memo, text, words},
    time::{Shown, moment},
};
use crate::model::fold::{FOLD_COUNTS, Fold, QuietRun};

/// Where all of them are.
const ALL: &str = "/imports?requested_by=scheduler&status=success";

/// "20 scheduled runs", "over 1,000 scheduled runs".
fn runs(number: i64) -> String {
    if number > FOLD_COUNTS {
        format!("over {} scheduled runs", format::thousands(FOLD_COUNTS))
    } else {
        format::count(number, "scheduled run", "scheduled runs")
    }
}

/// The row. It grows while it is open, and shrinks when a run gets a row of its own.
#[component]
pub fn FoldRow(first: Fold, open: bool) -> impl IntoView {
    let board = expect_context::<Board>();
    let key = first.key;
    let fold = board.kept(first, move |page| {
        page.folds.iter().find(|fold| fold.key == key).cloned()
    });
    let at = move |at| moment(at, Shown::Relative(board.now()), board.hydrated());
    let says = memo(move || {
        fold.with(|fold| {
            let last = fold.newest.first().map_or(fold.first, |run| run.started_at);
            format!(
                "{}, nothing new, {} to {}",
                runs(fold.runs),
                at(fold.first),
                at(last)
            )
        })
    });
    // Its times change with the day, not with the second.
    let listed = memo(move || {
        fold.with(|fold| {
            let says = |run: &QuietRun| (run.id, format!("#{} · {}", run.id, at(run.started_at)));
            fold.newest.iter().map(says).collect::<Vec<_>>()
        })
    });
    let list = move || {
        let runs = listed.get().into_iter().map(|(id, says)| {
            view! { <li><a class="link" rel="external" href=format!("/imports/{id}")>{fixed(&says)}</a></li> }
        });
        runs.collect_view()
    };
    let more = memo(move || {
        fold.with(|fold| fold.runs > i64::try_from(fold.newest.len()).unwrap_or(i64::MAX))
    });
    view! {
        <tr class="c-fold" id=format!("fold{key}")>
            <td colspan="7">
                <details open=open on:toggle=move |event| {
                    let details = event.target().and_then(|it| it.dyn_into::<Element>().ok());
                    board.opened(key, details.is_some_and(|it| it.has_attribute("open")));
                }>
                    <summary>{words(move || says.get())}</summary>
                    <ul>{list}</ul>
                    <p class=text(move || if more.get() { "mt-1" } else { "hidden" })>
                        <a class="link" rel="external" href=ALL>"All scheduled runs"</a>
                    </p>
                </details>
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_counted_as_far_as_they_were() {
        assert_eq!(runs(2), "2 scheduled runs");
        assert_eq!(runs(1000), "1,000 scheduled runs");
        assert_eq!(runs(1001), "over 1,000 scheduled runs");
    }
}
