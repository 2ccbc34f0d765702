//! What is shown of the history: quick links, and a form for the rest. Its fields are the address's parameters.

use leptos::prelude::*;

use super::{
    about::{door_in_words, kind_in_words},
    import_row::type_in_words,
};
use crate::model::{
    history::HistoryPage,
    import_log::{FailureKind, ImportStatus, ImportType, Requester},
};

/// Quick links and form.
#[must_use]
pub fn history_filters(page: &HistoryPage) -> AnyView {
    let today = format!("from={}", page.zone.today);
    let quick = [
        ("All", ""),
        ("Failed and open", "unresolved=true"),
        ("Today", today.as_str()),
        ("Uploads", "import_type=backup"),
        ("Without quiet runs", "quiet=hide"),
    ];
    let asked: Vec<String> = page
        .asked
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let asked = asked.join("&");
    let links = quick.map(|(says, query)| {
        let address = if query.is_empty() { "/imports".to_owned() } else { format!("/imports?{query}") };
        view! { <a href=address class="chip" aria-current=(asked == query).then_some("true")>{says}</a> }
    });
    let types = ImportType::ALL.map(|it| (it.as_str(), type_in_words(it)));
    let statuses = ImportStatus::ALL.map(|it| (it.as_str(), it.as_str()));
    let kinds = FailureKind::ALL.map(|it| (it.as_str(), kind_in_words(it)));
    let doors = Requester::ALL.map(|it| (it.as_str(), door_in_words(it)));
    let value = |name: &str| page.value(name).to_owned();
    view! {
        <nav aria-label="Quick filters" class="flex flex-wrap gap-2">{links.collect_view()}</nav>
        <form method="get" action="/imports" role="search" aria-label="Filter the imports" class="panel filters">
            <Choice name="import_type" label="Type" options=types.to_vec() chosen=value("import_type")/>
            <Choice name="status" label="Status" options=statuses.to_vec() chosen=value("status")/>
            <Choice name="failure_kind" label="Reason" options=kinds.to_vec() chosen=value("failure_kind")/>
            <Choice name="requested_by" label="Asked for by" options=doors.to_vec() chosen=value("requested_by")/>
            <label>"From"<input type="date" name="from" value=value("from") class="field"/></label>
            <label>"To"<input type="date" name="to" value=value("to") class="field"/></label>
            <label class="wide">
                "Filename or message"
                <input type="search" name="q" value=value("q") minlength="3" class="field" autocomplete="off"/>
            </label>
            <div class="ends">
                <label class="check">
                    <input type="checkbox" name="unresolved" value="true" checked=value("unresolved") == "true"/>
                    "Open failures"
                </label>
                <label class="check">
                    <input type="checkbox" name="quiet" value="hide" checked=value("quiet") == "hide"/>
                    "Hide scheduled runs that brought nothing"
                </label>
                <button type="submit" class="btn btn-primary">"Show"</button>
            </div>
        </form>
    }
    .into_any()
}

/// A field that takes one of some words, or any.
#[component]
pub fn Choice(
    name: &'static str,
    label: &'static str,
    options: Vec<(&'static str, &'static str)>,
    chosen: String,
    /// One has to be chosen.
    #[prop(default = false)]
    required: bool,
) -> impl IntoView {
    let options = options.into_iter().map(move |(word, says)| {
        view! { <option value=word selected=word == chosen>{says}</option> }
    });
    view! {
        <label>
            {label}
            <select name=name class="field" required=required>
                {(!required).then(|| view! { <option value="">"any"</option> })}
                {options.collect_view()}
            </select>
        </label>
    }
}
