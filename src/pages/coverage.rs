//! The Coverage page: which draws there are, and which lack. It needs no scripts.

use chrono::NaiveDate;
use leptos::prelude::*;

use crate::{
    components::{
        coverage_form::{coverage_form, coverage_ways, span_in_words, unusual_days},
        coverage_month::{look, month_table},
        coverage_year::year_table,
        format,
        frame::Frame,
        needs::OPERATOR,
        reactive::fixed,
    },
    error::AppError,
    model::coverage::{Coverage, CoveragePage as Page, Span, State},
};

/// The page, of what its context holds.
#[component]
pub fn CoveragePage() -> impl IntoView {
    let content = match expect_context::<Result<Page, AppError>>() {
        Ok(page) => everything(&page),
        Err(error) => view! {
            <section class="panel card max-w-[60ch]" role="alert">
                <h2 class="text-bad">"The coverage can't be shown"</h2>
                <p>{fixed(&error.message)}</p>
                <p><a class="btn" href="/coverage">"Show this month"</a></p>
            </section>
        }
        .into_any(),
    };
    view! {
        <Frame here="/coverage">
            <h1>"Coverage"</h1>
            {content}
        </Frame>
    }
}

fn everything(page: &Page) -> AnyView {
    let refused = page
        .refused
        .as_ref()
        .map(|why| view! { <p role="alert" class="text-bad">{fixed(why)}</p> });
    let running = page.coverage.as_ref().map(Coverage::running);
    let running: Vec<String> = running.iter().flatten().map(ToString::to_string).collect();
    // While days are being fetched the page follows; otherwise it stays as it is while one chooses.
    let live = (!running.is_empty()).then(|| running.join(" "));
    let shown = page.coverage.as_ref().map(|coverage| {
        if coverage.any_games {
            table(page, coverage)
        } else {
            nothing_yet()
        }
    });
    view! {
        <p hidden data-live=live></p>
        {refused}
        {coverage_ways(page)}
        {coverage_form(page)}
        {shown}
        {unusual_days(page, page.today)}
    }
    .into_any()
}

fn nothing_yet() -> AnyView {
    view! {
        <section class="panel px-4.5 py-10 text-center">
            <p class="font-semibold">"There are no games yet."</p>
            <p class="mt-1 text-muted">"Import a backup, or fetch some days of the feed: then this page tells which draws are there and which are missing."</p>
            <p class="mt-3"><a class="btn" href="/">"Start an import"</a></p>
        </section>
    }
    .into_any()
}

fn table(page: &Page, coverage: &Coverage) -> AnyView {
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let games = format::count(number(coverage.rows.len()), "game", "games");
    let of_more = coverage.more_after.is_some();
    let more = page.addresses.more.clone().map(|to| {
        view! {
            <nav aria-label="Pages of games" class="flex border-t border-line-soft px-4.5 py-3">
                <a class="btn ml-auto" rel="next" href=to>"More games"</a>
            </nav>
        }
    });
    let content = if coverage.rows.is_empty() {
        let says = if page.gaps {
            "Of no game that matches a draw is missing."
        } else {
            "No game matches."
        };
        view! {
            <div class="px-4.5 py-10 text-center">
                <p class="font-semibold">{says}</p>
                <p class="mt-3"><a class="btn" href="/coverage">"Show all games"</a></p>
            </div>
        }
        .into_any()
    } else {
        let table = match page.span {
            Span::Month(_) => month_table(coverage, page.today),
            Span::Year(_) => year_table(coverage, &page.addresses.months, page.today),
        };
        view! {
            <div class="cov-box" role="region" tabindex="0" aria-labelledby="coverage-heading">{table}</div>
        }
        .into_any()
    };
    view! {
        <section class="panel">
            <form method="post" action=page.addresses.fetch.clone()>
                <div class="flex flex-wrap items-center gap-x-3 gap-y-2 px-4.5 pt-3.5">
                    <h2 id="coverage-heading">{span_in_words(page.span)}</h2>
                    <span class="text-[13px] text-muted">
                        {if of_more { format!("{games}, more follow") } else { games }}
                        " · days of Bangkok"
                    </span>
                    <span class="ml-auto flex flex-wrap gap-2" data-needs=OPERATOR>{fetch_buttons(page, coverage)}</span>
                </div>
                {legend(page.span, coverage)}
                {content}
            </form>
            {more}
        </section>
    }
    .into_any()
}

/// What can be fetched: the days that are ticked, or all that miss something.
fn fetch_buttons(page: &Page, coverage: &Coverage) -> AnyView {
    let missing = coverage.missing(page.today);
    let is_month = matches!(page.span, Span::Month(_));
    let can_choose = is_month && coverage.can_fetch(page.today).contains(&true);
    let chosen = can_choose
        .then(|| view! { <button type="submit" class="btn">"Fetch ticked days"</button> });
    let all = (!missing.is_empty()).then(|| {
        let days = i64::try_from(missing.len()).unwrap_or(i64::MAX);
        let says = match days {
            1 => "Fetch the missing day".to_owned(),
            days => format!("Fetch all {days} missing days"),
        };
        let list: Vec<String> = missing.iter().map(NaiveDate::to_string).collect();
        view! { <button type="submit" name="all" value=list.join(",") class="btn btn-primary">{says}</button> }
    });
    view! { {chosen}{all} }.into_any()
}

/// How many draws there are of each state, with its sign.
fn legend(span: Span, coverage: &Coverage) -> AnyView {
    let told = State::TOLD.into_iter().filter_map(|state| {
        let number = i64::try_from(coverage.count(state)).unwrap_or(i64::MAX);
        let (class, word) = look(state);
        let says = format!("{} {word}", format::thousands(number));
        (number > 0).then(|| view! { <li class=class>{says}</li> })
    });
    let told: Vec<_> = told.collect();
    // The signs of a year are smaller.
    let class = match span {
        Span::Month(_) => "cov-key",
        Span::Year(_) => "cov-key year",
    };
    view! {
        <ul class=class>{told}</ul>
        <p class="hint px-4.5 pb-3">"A draw is expected where a game was drawn on that weekday in at least half of the last 8 weeks."</p>
    }
    .into_any()
}
