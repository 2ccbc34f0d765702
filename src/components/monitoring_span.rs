//! How imports went in a span of time: how far it goes back, and the charts of it.

use chrono::NaiveDateTime;
use leptos::prelude::*;

use super::{
    calendar,
    chart::{Bar, Chart, Part, Series, Texture},
    history_table::local,
};
use crate::model::{
    history::Zone,
    monitoring::{MonitoringPage, Outcome, Slot, Span, history_of},
};

/// The spans to choose from.
#[must_use]
pub fn span_links(chosen: Option<Span>) -> AnyView {
    let links = Span::ALL.map(|span| {
        let current = (Some(span) == chosen).then_some("true");
        view! { <a class="chip" href=span.address() aria-current=current>{span.in_words()}</a> }
    });
    view! { <nav aria-label="How far to look back" class="flex flex-wrap gap-2">{links.collect_view()}</nav> }.into_any()
}

const fn texture(outcome: Outcome) -> Texture {
    match outcome {
        Outcome::Succeeded => Texture::Good,
        Outcome::Settled => Texture::Stripes,
        Outcome::Open => Texture::Hatched,
        Outcome::Running => Texture::Hollow,
    }
}

/// Of each stretch of time: how many imports started in it, and what became of them.
#[must_use]
pub fn imports_chart(page: &MonitoringPage) -> Chart {
    // Few imports run: a chart without any doesn't speak of them.
    let runs = page
        .sums
        .slots
        .iter()
        .any(|it| it.outcome() == Outcome::Running);
    let outcomes: Vec<Outcome> = Outcome::ALL
        .into_iter()
        .filter(|outcome| runs || *outcome != Outcome::Running)
        .collect();
    let series = outcomes.iter().map(|outcome| Series {
        name: outcome.in_words(),
        texture: texture(*outcome),
    });
    let mut values = vec![vec![0; outcomes.len()]; page.slots.len()];
    for counted in &page.sums.slots {
        let nth = outcomes.iter().position(|it| *it == counted.outcome());
        if let Some(value) = values
            .get_mut(counted.slot)
            .zip(nth)
            .and_then(|(slot, nth)| slot.get_mut(nth))
        {
            *value += counted.logs;
        }
    }
    let bars = page.slots.iter().zip(values).map(|(slot, values)| {
        let query = slot.query();
        let parts = outcomes.iter().zip(values).map(|(outcome, value)| Part {
            value,
            leads: history_of(&[outcome.query(), &query]),
        });
        Bar {
            label: label(slot, page.zone),
            parts: parts.collect(),
            leads: history_of(&[&query]),
        }
    });
    let (title, column) = match page.span {
        Span::Day => ("Imports an hour", "Hour"),
        _ => ("Imports a day", "Day"),
    };
    Chart {
        title,
        column,
        series: series.collect(),
        bars: bars.collect(),
    }
}

/// Of each stretch of time: how many records the imports read that started in it.
#[must_use]
pub fn records_chart(page: &MonitoringPage) -> Chart {
    let mut values = vec![0; page.slots.len()];
    for counted in &page.sums.slots {
        if let Some(value) = values.get_mut(counted.slot) {
            *value += counted.records;
        }
    }
    let bars = page.slots.iter().zip(values).map(|(slot, value)| {
        let leads = history_of(&[&slot.query()]);
        Bar {
            label: label(slot, page.zone),
            parts: vec![Part {
                value,
                leads: leads.clone(),
            }],
            leads,
        }
    });
    let (title, column) = match page.span {
        Span::Day => ("Records an hour", "Hour"),
        _ => ("Records a day", "Day"),
    };
    Chart {
        title,
        column,
        series: vec![Series {
            name: "records",
            texture: Texture::Plain,
        }],
        bars: bars.collect(),
    }
}

/// What a bar is called: `12 Nov`, or `Yesterday 18:00`.
fn label(slot: &Slot, zone: Zone) -> String {
    if let Some(day) = slot.day {
        return calendar::day(day, zone.today);
    }
    let begins: NaiveDateTime = local(slot.begins_at, zone);
    let time = calendar::hour_minute(begins);
    if begins.date() == zone.today {
        time
    } else {
        format!("Yesterday {time}")
    }
}
