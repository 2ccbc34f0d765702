//! What the logs add up to, by type: the last 24 hours, how many succeed, how long they take; and why imports fail.

use chrono::Duration;
use leptos::prelude::*;

use super::{
    about::kind_in_words, chart::share, chart_figure::number, format, import_row::type_in_words,
};
use crate::model::{
    import_log::{FailureKind, ImportStatus, ImportType},
    monitoring::{Counted, MonitoringPage, Took, history_of, logs, since},
};

/// The types that there are logs of.
fn types(counted: &[Counted]) -> Vec<ImportType> {
    let known = ImportType::ALL.into_iter().chain([ImportType::Unknown]);
    known
        .filter(|it| logs(counted, |of| of.import_type == *it) > 0)
        .collect()
}

/// How the history is asked for a type.
fn of_type(import_type: ImportType) -> String {
    format!("import_type={import_type}")
}

fn of_status(status: ImportStatus) -> String {
    format!("status={status}")
}

/// A row for each type that has logs, and one for all of them. `row` makes it of what it is called, of what a link to the
/// history asks for, and of which logs it counts.
fn by_type<V>(
    counted: &[Counted],
    row: impl Fn(&'static str, &str, &dyn Fn(&Counted) -> bool) -> V,
) -> Vec<V> {
    let types = types(counted).into_iter();
    let mut rows: Vec<V> = types
        .map(|import_type| {
            row(type_in_words(import_type), &of_type(import_type), &|it| {
                it.import_type == import_type
            })
        })
        .collect();
    rows.push(row("all types", "", &|_| true));
    rows
}

/// The last 24 hours, by type and status.
#[must_use]
pub fn last_day(page: &MonitoringPage) -> AnyView {
    let counted = &page.sums.last_day;
    if counted.is_empty() {
        return nothing("No import has started in the last 24 hours.");
    }
    let since = since(page.day_ago);
    let row = |says: &'static str, query: &str, of: &dyn Fn(&Counted) -> bool| {
        let cells = ImportStatus::ALL.map(|status| {
            let leads = history_of(&[query, &of_status(status), &since]);
            number(logs(counted, |it| it.status == status && of(it)), &leads)
        });
        view! {
            <tr>
                <th scope="row">{says}</th>
                {cells.collect_view()}
                {number(logs(counted, |it| of(it)), &history_of(&[query, &since]))}
            </tr>
        }
    };
    let rows = by_type(counted, row).into_iter().collect_view();
    view! {
        <table class="sums" aria-labelledby="last-day">
            <thead>
                <tr>
                    <th scope="col">"Type"</th>
                    <th scope="col" class="num">"Running"</th>
                    <th scope="col" class="num">"Success"</th>
                    <th scope="col" class="num">"Failed"</th>
                    <th scope="col" class="num">"All"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// How many of all imports succeeded, by type: as they ended, and with what came later.
#[must_use]
pub fn success_rates(page: &MonitoringPage) -> AnyView {
    let counted = &page.sums.ever;
    if counted.is_empty() {
        return nothing("There are no imports yet.");
    }
    let row = |says: &'static str, query: &str, of: &dyn Fn(&Counted) -> bool| {
        let all = logs(counted, |it| of(it));
        let succeeded = logs(counted, |it| of(it) && it.status == ImportStatus::Success);
        let resolved = logs(counted, |it| of(it) && it.resolved);
        let success = of_status(ImportStatus::Success);
        view! {
            <tr>
                <th scope="row">{says}</th>
                {number(all, &history_of(&[query]))}
                {number(succeeded, &history_of(&[query, &success]))}
                <td class="num">{percent(succeeded, all)}</td>
                <td class="num">{format::thousands(resolved)}</td>
                <td class="num">{percent(succeeded + resolved, all)}</td>
            </tr>
        }
    };
    let rows = by_type(counted, row).into_iter().collect_view();
    view! {
        <div class="overflow-x-auto">
            <table class="sums" aria-labelledby="rates">
                <thead>
                    <tr>
                        <th scope="col">"Type"</th>
                        <th scope="col" class="num">"Imports"</th>
                        <th scope="col" class="num">"Succeeded"</th>
                        <th scope="col" class="num">"Rate"</th>
                        <th scope="col" class="num">"Resolved"</th>
                        <th scope="col" class="num">"Rate with these"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="hint px-4.5 pt-2 pb-3.5">
                "Resolved: failures whose data came later, with a retry or another import. An import that still runs has not succeeded yet."
            </p>
        </div>
    }
    .into_any()
}

/// How long imports took, by type.
#[must_use]
pub fn durations(page: &MonitoringPage) -> AnyView {
    if page.sums.took.is_empty() {
        return nothing("No import of this time has ended.");
    }
    let took = |import_type| {
        page.sums
            .took
            .iter()
            .find(move |it| it.import_type == import_type)
    };
    let known = ImportType::ALL.into_iter().chain([ImportType::Unknown]);
    let longest = page
        .sums
        .took
        .iter()
        .map(|it| it.p95)
        .max()
        .unwrap_or_default();
    let rows = known
        .filter_map(took)
        .map(|took| duration_row(*took, &page.query(), longest));
    let rows = rows.collect_view();
    view! {
        <div>
            <table class="sums" aria-labelledby="durations">
                <thead>
                    <tr>
                        <th scope="col">"Type"</th>
                        <th scope="col" class="num">"Imports"</th>
                        <th scope="col" class="num">"Median"</th>
                        <th scope="col" class="num">"95\u{a0}%"</th>
                        <td class="w-2/5 max-sm:hidden" aria-hidden="true">"Median, and 95\u{a0}% below"</td>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="hint px-4.5 pt-2 pb-3.5">
                "From start to end, waiting in line included: half of the imports took at most the median, 95 of 100 at most the next. Failed imports count, too; running ones don't yet. Times are rounded to two digits."
            </p>
        </div>
    }
    .into_any()
}

fn duration_row(took: Took, query: &str, longest: i64) -> AnyView {
    let leads = history_of(&[&of_type(took.import_type), query]);
    view! {
        <tr>
            <th scope="row"><a class="link" href=leads>{type_in_words(took.import_type)}</a></th>
            <td class="num">{format::thousands(took.logs)}</td>
            <td class="num whitespace-nowrap">{format::duration(Duration::milliseconds(took.median))}</td>
            <td class="num whitespace-nowrap">{format::duration(Duration::milliseconds(took.p95))}</td>
            <td class="max-sm:hidden">{share(took.median, longest)}{share(took.p95, longest)}</td>
        </tr>
    }
    .into_any()
}

/// Why imports failed, the commonest reason first.
#[must_use]
pub fn reasons(page: &MonitoringPage) -> AnyView {
    let counted = &page.sums.slots;
    let known = FailureKind::ALL.into_iter().map(Some);
    let mut ranked: Vec<(Option<FailureKind>, i64)> = known
        .chain([Some(FailureKind::Unknown), None])
        .map(|kind| {
            let fails = |it: &Counted| it.status == ImportStatus::Failed && it.failure_kind == kind;
            (kind, logs(counted, fails))
        })
        .filter(|(_, failed)| *failed > 0)
        .collect();
    ranked.sort_by_key(|(_, failed)| std::cmp::Reverse(*failed));
    let Some((_, longest)) = ranked.first().copied() else {
        return nothing("No import of this time has failed.");
    };
    let failed = logs(counted, |it| it.status == ImportStatus::Failed);
    let rows = ranked.into_iter().map(|(kind, number)| {
        let says = kind.map_or("no reason was noted", kind_in_words);
        let reason = kind
            .filter(|kind| *kind != FailureKind::Unknown)
            .map(|kind| {
                let leads = history_of(&[&format!("failure_kind={kind}"), &page.query()]);
                view! { <a class="link" href=leads>{says}</a> }.into_any()
            });
        view! {
            <tr>
                <th scope="row">{reason.unwrap_or_else(|| says.into_any())}</th>
                <td class="num">{format::thousands(number)}</td>
                <td class="num">{percent(number, failed)}</td>
                <td class="max-sm:hidden">{share(number, longest)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <table class="sums" aria-labelledby="reasons">
            <thead>
                <tr>
                    <th scope="col">"Reason"</th>
                    <th scope="col" class="num">"Imports"</th>
                    <th scope="col" class="num">"Share"</th>
                    <td class="w-2/5 max-sm:hidden"></td>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// Says why a table isn't there.
#[must_use]
pub fn nothing(says: &'static str) -> AnyView {
    view! { <p class="px-4.5 py-6 text-muted">{says}</p> }.into_any()
}

/// A share of a hundred, to two digits behind the point, as the specification has it: `97.50 %`.
fn percent(part: i64, of: i64) -> String {
    if of <= 0 {
        return "–".to_owned();
    }
    let (part, of) = (i128::from(part), i128::from(of));
    let hundredths = (part * 10_000 * 2 + of) / (of * 2);
    format!("{}.{:02}\u{a0}%", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_as_the_database_rounds() {
        for (part, of, says) in [
            (0, 7, "0.00\u{a0}%"),
            (1, 3, "33.33\u{a0}%"),
            (2, 3, "66.67\u{a0}%"),
            (1, 800, "0.13\u{a0}%"),
            (7, 7, "100.00\u{a0}%"),
            (0, 0, "–"),
        ] {
            assert_eq!(percent(part, of), says);
        }
    }
}
