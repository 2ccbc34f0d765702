//! What is known of a game.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{
    about::{Fact, FactList},
    calendar,
    history_table::local,
    results_table::{draw_day, results_in_words},
    story::sentence,
};
use crate::model::{
    game_page::{About, Called, WEEKS},
    history::Zone,
    results::COUNTED_OF_GAME,
};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Facts and story. `logged` are the imports whose logs still stand.
#[must_use]
pub fn game_about(about: &About, logged: &BTreeSet<i32>, today: NaiveDate, zone: Zone) -> AnyView {
    let story = sentence(&about.story, logged, zone, called);
    let known = facts(about, today, zone);
    view! {
        <section class="panel card">
            <h2>"Facts"</h2>
            <FactList facts=known/>
            <h3 class="mt-1">"Where its name comes from"</h3>
            <p>{story}</p>
        </section>
    }
    .into_any()
}

fn facts(about: &About, today: NaiveDate, zone: Zone) -> Vec<Fact> {
    let mut facts = vec![("Id", about.base_game_id.clone())];
    let country = about.called.country.clone();
    facts.extend(country.map(|country| ("Country", country)));
    let active = if about.is_active { "yes" } else { "no" };
    facts.push(("Active", active.to_owned()));
    if let Some((first, last)) = about.drawn {
        facts.push(("Stored", results_in_words(about.results, COUNTED_OF_GAME)));
        facts.push(("First draw", draw_day(first, today)));
        facts.push(("Last draw", draw_day(last, today)));
    }
    facts.push(("Weekdays", weekdays(&about.weekdays)));
    let at = about.created_at;
    let stored = calendar::full(local(at, zone), zone.offset_minutes(at));
    facts.push(("Known since", stored));
    facts
}

/// On which weekdays it was drawn, and how often: `Mon 8, Tue 7 in the last 8 weeks`.
fn weekdays(draws: &[i64; 7]) -> String {
    let any = WEEKDAYS.iter().zip(draws).filter(|(_, draws)| **draws > 0);
    let told: Vec<String> = any
        .map(|(weekday, draws)| format!("{weekday} {draws}"))
        .collect();
    let told = if told.is_empty() {
        "no draws".to_owned()
    } else {
        told.join(", ")
    };
    format!("{told} in the last {WEEKS} weeks")
}

/// A game's name and country: `ดาวโจนส์ (US)`.
fn called(called: &Called) -> String {
    match &called.country {
        Some(country) => format!("{} ({country})", called.name),
        None => called.name.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_say_how_often_a_game_was_drawn() {
        for (draws, says) in [
            ([0; 7], "no draws in the last 8 weeks"),
            ([0, 0, 0, 0, 8, 0, 3], "Fri 8, Sun 3 in the last 8 weeks"),
        ] {
            assert_eq!(weekdays(&draws), says);
        }
    }
}
