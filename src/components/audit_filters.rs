//! Which lines of the audit are shown: quick links, and a form for the rest. Its fields are the address's parameters.

use leptos::prelude::*;

use super::{
    audit_words::{deed_in_words, kind_in_words},
    history_filters::Choice,
};
use crate::model::audit::{ActorKind, AuditPage, Deed};

/// Quick links and form.
#[must_use]
pub fn audit_filters(page: &AuditPage) -> AnyView {
    let today = format!("from={}", page.zone.today);
    let quick = [
        ("All", ""),
        ("Refused", "refused=true"),
        ("Today", today.as_str()),
        ("Sign-ins", "action=sign_in"),
        ("By the scheduler", "kind=scheduler"),
    ];
    let asked = page.asked.iter();
    let asked: Vec<_> = asked
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let asked = asked.join("&");
    let links = quick.map(|(says, query)| {
        let address = if query.is_empty() { "/audit".to_owned() } else { format!("/audit?{query}") };
        view! { <a href=address class="chip" aria-current=(asked == query).then_some("true")>{says}</a> }
    });
    let deeds = Deed::all().map(|it| (it.as_str(), deed_in_words(it)));
    let kinds = ActorKind::ALL.map(|it| (it.as_str(), kind_in_words(it)));
    let refused = [("false", "done"), ("true", "refused")];
    let value = |name: &str| page.value(name).to_owned();
    view! {
        <nav aria-label="Quick filters" class="flex flex-wrap gap-2">{links.collect_view()}</nav>
        <form method="get" action="/audit" role="search" aria-label="Filter the audit" class="panel filters">
            <div class="wide"><Choice name="action" label="What" options=deeds.collect() chosen=value("action")/></div>
            <Choice name="refused" label="Outcome" options=refused.to_vec() chosen=value("refused")/>
            <label>"Who, by name"<input name="actor" value=value("actor") class="field" autocomplete="off" autocapitalize="none" spellcheck="false"/></label>
            <Choice name="kind" label="Signed in as" options=kinds.to_vec() chosen=value("kind")/>
            <label>"Import"<input name="import" value=value("import") inputmode="numeric" class="field" autocomplete="off" placeholder="#"/></label>
            <label>"From"<input type="date" name="from" value=value("from") class="field"/></label>
            <label>"To"<input type="date" name="to" value=value("to") class="field"/></label>
            <div class="ends"><button type="submit" class="btn btn-primary">"Show"</button></div>
        </form>
    }
    .into_any()
}
