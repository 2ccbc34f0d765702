//! The undo of an import, on its page: what it would do, asked before it is done; and what stays after it.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{calendar, differences::values, format, needs::OPERATOR, reactive::fixed};
use crate::model::{
    count::some,
    undo::{MOST_LISTED, Touched, Undo},
    undone::Undone,
};

/// What would become of all that an import brought, a sentence each.
fn consequences(counts: &Undone) -> Vec<String> {
    let games_and_results = |games: i64, results: i64| {
        let parts = [
            some(results, "result", "results"),
            some(games, "game", "games"),
        ];
        parts
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" and ")
    };
    let said = |games, results, goes: &str, go: &str, why: &str| {
        let those = games_and_results(games, results);
        let verb = if games + results == 1 { goes } else { go };
        (!those.is_empty()).then(|| format!("{those} {verb} {why}"))
    };
    [
        said(
            counts.games_removed,
            counts.results_removed,
            "is removed:",
            "are removed:",
            "created by it, and not changed since.",
        ),
        said(
            counts.games_put_back,
            counts.results_put_back,
            "goes back",
            "go back",
            "to what was there before: changed by it, and by nobody since.",
        ),
        said(
            counts.games_kept,
            counts.results_kept,
            "stays:",
            "stay:",
            "changed by others since, or used by what they brought.",
        ),
        said(
            counts.games_gone,
            counts.results_gone,
            "is gone already:",
            "are gone already:",
            "the data was cleared since.",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether the import is really to be undone, with the numbers.
#[must_use]
pub fn ask_to_undo(undo: &Undo, today: NaiveDate) -> AnyView {
    let id = undo.import_id;
    let any = undo.counts.any();
    let lines = consequences(&undo.counts);
    let lines = lines.iter().map(|line| view! { <li>{fixed(line)}</li> });
    let buttons = any.then(|| {
        view! {
            <form method="post" action=format!("/imports/{id}/undo") data-needs=OPERATOR class="flex flex-wrap gap-2">
                <button type="submit" class="btn btn-danger-solid">"Undo it"</button>
                <a class="btn" href=format!("/imports/{id}") autofocus="">"Leave it"</a>
            </form>
        }
    });
    let nothing = (!any).then(|| {
        view! {
            <p>"Nothing is left of it to undo."</p>
            <p><a class="btn" href=format!("/imports/{id}") autofocus="">"Back to the import"</a></p>
        }
    });
    view! {
        <dialog open="" class="panel card static w-full text-text" aria-labelledby="undo-heading">
            <h2 id="undo-heading">{format!("Undo import #{id}?")}</h2>
            <ul class="grid gap-0.5">{lines.collect_view()}</ul>
            {list("To be removed", &undo.removed, undo.counts.removed(), today)}
            {list("To go back", &undo.put_back, undo.counts.put_back(), today)}
            {list("To stay", &undo.kept, undo.counts.kept(), today)}
            {buttons}
            {nothing}
        </dialog>
    }
    .into_any()
}

/// What stays of an import that was undone, because others have changed it since; and what they have left meanwhile.
#[must_use]
pub fn left(undo: &Undo, today: NaiveDate) -> AnyView {
    let id = undo.import_id;
    let again = undo.counts.any().then(|| {
        view! {
            <p>
                "Others have left some of it since it was undone. "
                <a class="link" href=format!("/imports/{id}?ask=undo")>"Undo that too…"</a>
            </p>
        }
    });
    if undo.kept.is_empty() {
        return again.into_any();
    }
    view! {
        {again}
        {list("Kept, changed since", &undo.kept, undo.counts.kept(), today)}
    }
    .into_any()
}

/// One of the lists, one click away.
fn list(heading: &'static str, touched: &[Touched], all: i64, today: NaiveDate) -> Option<AnyView> {
    if touched.is_empty() {
        return None;
    }
    let listed = i64::try_from(touched.len()).unwrap_or(i64::MAX);
    let more = (all > listed).then(|| {
        let first = format!(
            "The first {} of {}. The API lists up to {}, with limit={}.",
            format::thousands(listed),
            format::thousands(all),
            format::thousands(MOST_LISTED.into()),
            MOST_LISTED
        );
        view! { <p class="hint">{first}</p> }
    });
    let rows = touched.iter().map(|it| row(it, today));
    Some(
        view! {
            <details>
                <summary>{heading}</summary>
                <div class="overflow-x-auto">
                    <table class="values">
                        <thead>
                            <tr class="whitespace-nowrap">
                                <th scope="col">"Game"</th>
                                <th scope="col">"Date"</th>
                                <th scope="col">"Stored"</th>
                                <th scope="col">"Before"</th>
                                <th scope="col">"Changed since by"</th>
                            </tr>
                        </thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
                {more}
            </details>
        }
        .into_any(),
    )
}

fn row(it: &Touched, today: NaiveDate) -> AnyView {
    let date = it.result_date;
    let cells = [
        it.game_name.clone(),
        date.map_or_else(
            || "the game itself".into(),
            |date| calendar::day(date, today),
        ),
        it.stored.as_ref().map(values).unwrap_or_default(),
        match (&it.before, &it.name_before) {
            (Some(before), _) => values(before),
            (None, Some(name)) => name.clone(),
            (None, None) => String::new(),
        },
    ];
    let cells = cells.map(|cell| view! { <td translate="no">{fixed(&cell)}</td> });
    let by = it
        .changed_by
        .map(|by| view! { <a class="link" href=format!("/imports/{by}")>{format!("#{by}")}</a> });
    view! { <tr>{cells.collect_view()}<td>{by}</td></tr> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undo_says_what_becomes_of_everything() {
        let counts = Undone {
            results_removed: 1_200,
            games_removed: 1,
            results_put_back: 1,
            results_kept: 2,
            results_gone: 1,
            ..Undone::default()
        };
        assert_eq!(
            consequences(&counts),
            [
                "1,200 results and 1 game are removed: created by it, and not changed since.",
                "1 result goes back to what was there before: changed by it, and by nobody since.",
                "2 results stay: changed by others since, or used by what they brought.",
                "1 result is gone already: the data was cleared since."
            ]
        );
        assert!(consequences(&Undone::default()).is_empty());
    }
}
