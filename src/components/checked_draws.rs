//! What a checked file brings that doesn't contradict what is stored: a few lists, one click away each.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{calendar, differences::values, format, reactive::fixed};
use crate::model::checked::{Checked, CheckedDraw};

/// A column of values: what stands above it, and which value of a draw stands there.
type Column = (&'static str, fn(&CheckedDraw) -> String);

const STORED: Column = ("Stored", |draw| {
    draw.stored.as_ref().map(values).unwrap_or_default()
});
const BROUGHT: Column = ("In the file", |draw| values(&draw.brought));
const BECOMES: Column = ("Would become", |draw| values(&draw.becomes));
const SAME: Column = ("Stored and in the file", |draw| values(&draw.brought));

/// The lists that aren't empty; nothing when all are.
#[must_use]
pub fn lists(checked: &Checked, today: NaiveDate) -> AnyView {
    let lists = [
        list(
            "to add",
            checked.results_created,
            &checked.created,
            &[BROUGHT],
            today,
        ),
        list(
            "to complete",
            checked.results_updated,
            &checked.completed,
            &[STORED, BROUGHT, BECOMES],
            today,
        ),
        list(
            "stored just so",
            checked.results_unchanged,
            &checked.unchanged,
            &[SAME],
            today,
        ),
    ];
    if lists.iter().all(Option::is_none) {
        return ().into_any();
    }
    view! {
        <section class="panel card imports">
            <h2>"Results"</h2>
            {lists.into_iter().flatten().collect_view()}
        </section>
    }
    .into_any()
}

/// How many there are, and how many of them are shown if not all.
fn summary(what: &str, all: i64, shown: usize) -> String {
    let all_of_them = format::count(all, "result", "results");
    if i64::try_from(shown) == Ok(all) {
        format!("{all_of_them} {what}")
    } else {
        format!("{all_of_them} {what}: the first {shown}")
    }
}

/// One of the lists.
fn list(
    what: &str,
    all: i64,
    draws: &[CheckedDraw],
    columns: &[Column],
    today: NaiveDate,
) -> Option<AnyView> {
    if draws.is_empty() {
        return None;
    }
    let summary = summary(what, all, draws.len());
    let names = ["Game", "Date"]
        .into_iter()
        .chain(columns.iter().map(|(name, _)| *name));
    let heads = names.map(|name| view! { <th scope="col">{name}</th> });
    let rows = draws.iter().map(|draw| {
        let date = calendar::day(draw.result_date, today);
        let values = columns.iter().map(|(_, value)| value(draw));
        let cells = std::iter::once(date).chain(values);
        let cells = cells
            .map(|cell| view! { <td class="whitespace-nowrap" translate="no">{fixed(&cell)}</td> });
        // However long its name, the digits stay whole: on a narrow page the table is moved sideways.
        view! {
            <tr>
                <td class="min-w-28" translate="no">{fixed(&draw.game_name)}</td>
                {cells.collect_view()}
            </tr>
        }
    });
    Some(
        view! {
            <details>
                <summary class="w-fit cursor-pointer py-1">{fixed(&summary)}</summary>
                <div class="overflow-x-auto" role="region" aria-label=summary.clone() tabindex="0">
                    <table class="values">
                        <thead>
                            <tr class="whitespace-nowrap">{heads.collect_view()}</tr>
                        </thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
            </details>
        }
        .into_any(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_how_many_there_are_and_how_many_are_shown() {
        assert_eq!(summary("to complete", 1, 1), "1 result to complete");
        assert_eq!(
            summary("to add", 1200, 20),
            "1,200 results to add: the first 20"
        );
    }
}
