//! Which part of the coverage is shown: the ways to the months and years beside it, and a form for the rest.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{calendar, reactive::fixed};
use crate::model::coverage::{CoveragePage, Span};

/// A month or a year in words.
#[must_use]
pub fn span_in_words(span: Span) -> String {
    match span {
        Span::Month(first) => calendar::month(first),
        Span::Year(first) => first.format("%Y").to_string(),
    }
}

/// The ways to other months and years.
#[must_use]
pub fn coverage_ways(page: &CoveragePage) -> AnyView {
    let addresses = &page.addresses;
    let is_month = matches!(page.span, Span::Month(_));
    let earlier = addresses.earlier.clone().map(|to| {
        let says = format!("← {}", span_in_words(page.span.beside(false)));
        view! { <a class="btn" rel="prev" href=to>{says}</a> }
    });
    let later = addresses.later.clone().map(|to| {
        let says = format!("{} →", span_in_words(page.span.beside(true)));
        view! { <a class="btn" rel="next" href=to>{says}</a> }
    });
    let chip = |says: &'static str, to: &str, here: bool| {
        view! { <a class="chip" href=to.to_owned() aria-current=here.then_some("true")>{says}</a> }
    };
    view! {
        <nav aria-label="Months and years" class="flex flex-wrap items-center gap-2">
            {chip("Month", &addresses.month, is_month)}
            {chip("Year", &addresses.year, !is_month)}
            {chip("This month", &addresses.this_month, false)}
            <span class="ml-auto flex flex-wrap gap-2">{earlier}{later}</span>
        </nav>
    }
    .into_any()
}

/// The form.
#[must_use]
pub fn coverage_form(page: &CoveragePage) -> AnyView {
    let (name, value) = page.span.in_address();
    let label = match page.span {
        Span::Month(_) => "Month",
        Span::Year(_) => "Year",
    };
    let field = match page.span {
        Span::Month(_) => view! { <input type="month" name=name value=value class="field" placeholder="2026-11"/> }.into_any(),
        Span::Year(_) => view! { <input type="number" name=name value=value min="1900" max="2100" class="field"/> }.into_any(),
    };
    view! {
        <form method="get" action="/coverage" role="search" aria-label="Filter the coverage" class="panel filters">
            <label>{label}{field}</label>
            <label class="wide">
                "Game, by its name or id"
                <input type="search" name="q" value=page.q.clone() class="field" autocomplete="off"/>
            </label>
            <div class="ends">
                <label class="check">
                    <input type="checkbox" name="gaps" value="true" checked=page.gaps/>
                    "Only games with missing draws"
                </label>
                <button type="submit" class="btn btn-primary">"Show"</button>
            </div>
        </form>
    }
    .into_any()
}

/// The days that have an unusual number of draws, each with what is said of it.
#[must_use]
pub fn unusual_days(page: &CoveragePage, today: NaiveDate) -> AnyView {
    let days = page.coverage.iter().flat_map(|coverage| &coverage.days);
    let odd: Vec<_> = days
        .filter_map(|day| {
            let said = day.unusual.as_ref()?;
            let name = calendar::day(day.date, today);
            let name = match day.import {
                Some(id) => {
                    view! { <a class="link" href=format!("/imports/{id}")>{name}</a> }.into_any()
                }
                None => view! { <span>{name}</span> }.into_any(),
            };
            Some(view! { <li><span translate="no">{name}</span><span>{fixed(said)}</span></li> })
        })
        .collect();
    (!odd.is_empty())
        .then(|| {
            view! {
                <section class="panel card" aria-labelledby="unusual-heading">
                    <h2 id="unusual-heading">"Days with an unusual number of draws"</h2>
                    <p class="hint">"These days were over when the feed was asked for them last. Far fewer draws than usual may mean that its answer wasn't whole: fetch such a day again."</p>
                    <ul class="timeline">{odd}</ul>
                </section>
            }
        })
        .into_any()
}
