//! The days of a range as a calendar of coloured cells, and what there is to say of each.

use chrono::{Datelike as _, NaiveDate, Weekday};
use leptos::prelude::*;

use super::{
    calendar,
    dates::{Dates, anchor, look},
    format,
};
use crate::model::import_log::{DateOutcome, ImportDate};

/// So many days are listed whole; of more, those that have something to say.
const LISTED: usize = 14;

/// The columns of a week, from Monday on. No style stands in an element: the page's policy allows none there.
const COLUMNS: [&str; 7] = [
    "col-start-1",
    "col-start-2",
    "col-start-3",
    "col-start-4",
    "col-start-5",
    "col-start-6",
    "col-start-7",
];

/// The rows of a month, which has at most six weeks.
const ROWS: [&str; 6] = [
    "row-start-1",
    "row-start-2",
    "row-start-3",
    "row-start-4",
    "row-start-5",
    "row-start-6",
];

/// The days, month by month, and below what there is to say.
#[component]
pub fn Days(
    /// The import is over: what is pending then was not asked for.
    ended: bool,
    dates: Vec<ImportDate>,
    today: NaiveDate,
) -> impl IntoView {
    let all = dates.len();
    let tells = |date: &ImportDate| date.outcome == DateOutcome::Failed || date.message.is_some();
    let telling: Vec<ImportDate> = if all > LISTED {
        dates.iter().filter(|date| tells(date)).cloned().collect()
    } else {
        dates.clone()
    };
    let listed = |date: &ImportDate| all <= LISTED || tells(date);
    let months =
        dates.chunk_by(|a, b| (a.date.year(), a.date.month()) == (b.date.year(), b.date.month()));
    let months = months.map(|month| {
        let mut weeks: Vec<NaiveDate> = month
            .iter()
            .map(|date| date.date.week(Weekday::Mon).first_day())
            .collect();
        weeks.dedup();
        let cells = month.iter().map(|date| {
            let (class, _, sign) = look(date.outcome, ended);
            let word = date.outcome.in_words(ended);
            let day = calendar::day(date.date, today);
            let tells = date.said();
            let title = if tells.is_empty() {
                format!("{day}: {word}")
            } else {
                format!("{day}: {word}. {tells}")
            };
            let inside = view! {
                <span aria-hidden="true">{date.date.day()}</span>
                <span aria-hidden="true">{sign}</span>
                <span class="sr-only">{format!("{day}: {word}")}</span>
            };
            let column = date.date.weekday().num_days_from_monday();
            let column = COLUMNS.get(column as usize).copied();
            // A week of which no day is there takes no row.
            let monday = date.date.week(Weekday::Mon).first_day();
            let row = weeks.iter().position(|week| *week == monday);
            let row = row.and_then(|row| ROWS.get(row)).copied();
            let place = format!("{} {}", row.unwrap_or_default(), column.unwrap_or_default());
            let cell = if listed(date) && all > 1 {
                let to = format!("#{}", anchor(date.date));
                view! { <a class=class href=to title=title>{inside}</a> }.into_any()
            } else {
                view! { <span class=class title=title>{inside}</span> }.into_any()
            };
            view! { <li class=place>{cell}</li> }
        });
        let cells = cells.collect_view();
        let name = month.first().map(|date| calendar::month(date.date));
        view! {
            <div>
                <h3>{name}</h3>
                <ol class="cells" translate="no">{cells}</ol>
            </div>
        }
    });
    let months = months.collect_view();
    let legend = legend(&dates, ended);
    let rest = all > LISTED;
    view! {
        <section class="panel card" id="days">
            <h2>"Days"</h2>
            <p class="hint">{legend}</p>
            <div class="months">{months}</div>
            <Dates ended dates=telling today/>
            {rest.then(|| view! {
                <details class="print:hidden">
                    <summary class="link w-fit cursor-pointer">{format!("All {all} days with their numbers")}</summary>
                    <div class="mt-2"><Dates ended dates today linked=false/></div>
                </details>
            })}
        </section>
    }
    .into_any()
}

/// How many days there are of each outcome: `58 imported ✓ · 2 failed ✗`.
fn legend(dates: &[ImportDate], ended: bool) -> String {
    let outcomes = [
        DateOutcome::Success,
        DateOutcome::Failed,
        DateOutcome::Pending,
        DateOutcome::Unknown,
    ];
    let told = outcomes.into_iter().filter_map(|outcome| {
        let days = dates.iter().filter(|date| date.outcome == outcome).count();
        let (_, _, sign) = look(outcome, ended);
        let word = outcome.in_words(ended);
        let days = i64::try_from(days).unwrap_or(i64::MAX);
        (days > 0).then(|| format!("{} {word} {sign}", format::thousands(days)))
    });
    told.collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample_log::day;

    #[test]
    fn the_days_are_counted_by_what_became_of_them() {
        let day = |date: &str, outcome| day(date.parse().expect("a date"), outcome);
        let dates = [
            day("2025-06-20", DateOutcome::Success),
            day("2025-06-21", DateOutcome::Success),
            day("2025-06-22", DateOutcome::Failed),
            day("2025-06-23", DateOutcome::Pending),
        ];
        assert_eq!(
            legend(&dates, true),
            "2 imported ✓ · 1 failed ✗ · 1 not asked –"
        );
        assert_eq!(legend(&dates[3..], false), "1 not yet …");
    }
}
