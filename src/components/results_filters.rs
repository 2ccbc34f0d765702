//! Which results are shown: quick links, and a form for the rest. Its fields are the address's parameters.

use leptos::prelude::*;

use super::{differences::status_in_words, history_filters::Choice};
use crate::model::{game::ResultStatus, results::ResultsPage};

/// Quick links and form.
#[must_use]
pub fn results_filters(page: &ResultsPage) -> AnyView {
    let today = format!("from={0}&to={0}", page.today);
    let quick = [
        ("All", ""),
        ("Today", today.as_str()),
        ("Waiting", "status=waiting"),
        ("Cancelled", "status=cancelled"),
        ("No result", "status=no_result"),
    ];
    let asked = page.asked.iter();
    let asked: Vec<_> = asked
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let asked = asked.join("&");
    let links = quick.map(|(says, query)| {
        let address = if query.is_empty() { "/results".to_owned() } else { format!("/results?{query}") };
        view! { <a href=address class="chip" aria-current=(asked == query).then_some("true")>{says}</a> }
    });
    let statuses = ResultStatus::ALL.map(|it| (it.as_str(), status_in_words(it)));
    let value = |name: &str| page.value(name).to_owned();
    view! {
        <nav aria-label="Quick filters" class="flex flex-wrap gap-2">{links.collect_view()}</nav>
        <form method="get" action="/results" role="search" aria-label="Filter the results" class="panel filters">
            <label class="wide">
                "Game: part of its name or id"
                <input type="search" name="game" value=value("game") class="field" autocomplete="off"/>
            </label>
            <Choice name="status" label="Status" options=statuses.to_vec() chosen=value("status")/>
            <label>"From"<input type="date" name="from" value=value("from") class="field"/></label>
            <label>"To"<input type="date" name="to" value=value("to") class="field"/></label>
            <button type="submit" class="btn btn-primary">"Show"</button>
        </form>
    }
    .into_any()
}
