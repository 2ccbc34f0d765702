//! The results' rows, and the ways to their other pages.

use chrono::{Datelike as _, NaiveDate};
use leptos::prelude::*;

use super::{
    calendar,
    differences::digits,
    draw_status::draw_status,
    format,
    history_table::Pager,
    story::{BEFORE, import_link},
};
use crate::model::results::{COUNTED, Draw, Found, GameName, game_address};

/// How many results there are, in words, where so many `most` are counted.
#[must_use]
pub fn results_in_words(counted: usize, most: usize) -> String {
    let number = i64::try_from(counted.min(most)).unwrap_or(i64::MAX);
    let results = format::count(number, "result", "results");
    if counted > most {
        format!("over {results}")
    } else {
        results
    }
}

/// The day of a draw: `Sun 22 Nov`.
#[must_use]
pub fn draw_day(date: NaiveDate, today: NaiveDate) -> String {
    format!("{} {}", date.weekday(), calendar::day(date, today))
}

/// The digits of a draw for a cell of their own.
#[must_use]
pub fn digits_or_none(draw: &Draw) -> String {
    let digits = digits(&draw.values);
    if digits.is_empty() {
        "–".to_owned()
    } else {
        digits
    }
}

/// The rows.
#[component]
pub fn ResultsTable(
    found: Found,
    /// Something is asked for, not just all.
    filtered: bool,
    today: NaiveDate,
) -> impl IntoView {
    let matches = results_in_words(found.matches, COUNTED);
    let nothing = nothing(&found, filtered);
    let none = found.slice.draws.is_empty();
    let pager = view! { <Pager label="Pages of results" newer=found.newer older=found.older/> };
    let rows = found.slice.draws.into_iter();
    let rows = rows.map(|(draw, game, stands)| row(&draw, &game, stands, today));
    let rows = rows.collect_view();
    view! {
        <section class="panel" aria-labelledby="results-heading">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4.5 py-3.5">
                <h2 id="results-heading">"Draws"</h2>
                <span class="text-[13px] text-muted">{matches}", newest first"</span>
                {(!none).then(|| view! { <a class="btn ml-auto" href=found.csv download="" rel="external">"Download CSV"</a> })}
            </div>
            {if none {
                nothing
            } else {
                view! {
                    <table class="draws" aria-labelledby="results-heading">
                        <thead>
                            <tr>
                                <th scope="col" class="w-36">"Date"</th>
                                <th scope="col">"Game"</th>
                                <th scope="col" class="w-36">"Result"</th>
                                <th scope="col" class="w-32">"Status"</th>
                                <th scope="col" class="w-52">"From"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                }
                .into_any()
            }}
            {pager}
        </section>
    }
}

fn row(draw: &Draw, game: &GameName, stands: bool, today: NaiveDate) -> impl IntoView + use<> {
    let date = draw.place.date;
    let address = game_address(&game.base_game_id);
    let there = format!("{address}?date={date}#{date}");
    let from = match draw.comes_from() {
        Some(import) => {
            view! { <span class="only-narrow">"from "</span> {import_link(import, stands)} }
                .into_any()
        }
        None => BEFORE.into_any(),
    };
    view! {
        <tr>
            <td class="d-date" translate="no">
                <a class="link" href=there><time datetime=date.to_string()>{draw_day(date, today)}</time></a>
            </td>
            <th scope="row" class="d-game" translate="no">
                <a class="link" href=address>{game.game_name.clone()}</a>
                <p class="tiny wrap-anywhere">{game.base_game_id.clone()}</p>
            </th>
            <td class="d-digits" translate="no">{digits_or_none(draw)}</td>
            <td class="d-status">{draw_status(draw.values.status)}</td>
            <td class="d-from">{from}</td>
        </tr>
    }
}

/// What stands where there are no rows: why, and where to go.
fn nothing(found: &Found, filtered: bool) -> AnyView {
    let all = || ("Show all results", "/results".to_owned());
    let (says, (leads, address)) = if found.matches > 0 {
        let newest = ("Show the newest", found.newest.clone());
        ("There are no results on this page any more.", newest)
    } else if !found.any_game || !filtered {
        let start = ("Go to the Scheduler", "/".to_owned());
        (
            "No results yet. Import the sample, a backup or some days of the feed on the Scheduler page.",
            start,
        )
    } else {
        ("No result matches these filters.", all())
    };
    view! {
        <div class="px-4.5 py-10 text-center">
            <p class="font-semibold">{says}</p>
            <p class="mt-3"><a class="btn" href=address>{leads}</a></p>
        </div>
    }
    .into_any()
}
