//! A game's results with the story of each, and the ways to its other pages.

use leptos::prelude::*;

use super::{
    differences::values,
    draw_status::draw_status,
    history_table::Pager,
    results_table::{digits_or_none, draw_day},
    story::sentence,
};
use crate::model::{
    game_page::{GamePage, OneGame, Told},
    history::Zone,
};

/// The rows. Each is named by its date, for links to it.
#[component]
pub fn GameDraws(page: GamePage) -> impl IntoView {
    let GamePage {
        game: OneGame { slice, logged, .. },
        date,
        newest,
        newer,
        older,
        today,
        zone,
    } = page;
    let lacks = date.filter(|date| slice.draws.iter().all(|told| told.draw.place.date != *date));
    let lacks = lacks.map(|date| {
        let says = format!(
            "No draw of this game is stored for {}.",
            draw_day(date, today)
        );
        view! { <p role="status" class="border-b border-line-soft px-4.5 py-3">{says}</p> }
    });
    let none = slice.draws.is_empty();
    let moved_on = none && newer.is_none() && page.game.about.drawn.is_some();
    let rows = slice.draws.iter().map(|told| {
        let story = sentence(&told.story, &logged, zone, values);
        row(told, draw_day(told.draw.place.date, today), story)
    });
    let rows = rows.collect_view();
    view! {
        <section class="panel" aria-labelledby="draws-heading">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4.5 py-3.5">
                <h2 id="draws-heading">"Draws"</h2>
                <span class="text-[13px] text-muted">"newest first · times of "<span translate="no">{Zone::in_words(zone)}</span></span>
            </div>
            {lacks}
            {if none {
                view! {
                    <div class="px-4.5 py-10 text-center">
                        <p class="font-semibold">
                            {if moved_on { "There are no results on this page any more." } else { "This game has no results yet." }}
                        </p>
                        {moved_on.then(|| view! { <p class="mt-3"><a class="btn" href=newest>"Show the newest"</a></p> })}
                    </div>
                }
                .into_any()
            } else {
                view! {
                    <table class="draws" aria-labelledby="draws-heading">
                        <thead>
                            <tr>
                                <th scope="col" class="w-36">"Date"</th>
                                <th scope="col" class="w-36">"Result"</th>
                                <th scope="col" class="w-32">"Status"</th>
                                <th scope="col">"Story"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                }
                .into_any()
            }}
            <Pager label="Pages of draws" newer older/>
        </section>
    }
}

fn row(told: &Told, day: String, story: AnyView) -> impl IntoView + use<> {
    let date = told.draw.place.date.to_string();
    let name = date.clone();
    view! {
        <tr id=name>
            <th scope="row" class="d-date" translate="no"><time datetime=date>{day}</time></th>
            <td class="d-digits" translate="no">{digits_or_none(&told.draw)}</td>
            <td class="d-status">{draw_status(told.draw.values.status)}</td>
            <td class="d-from">{story}</td>
        </tr>
    }
}
