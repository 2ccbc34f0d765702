//! All tokens, and the form that adds one.

use leptos::prelude::*;

use super::{
    access_words::{expiry, state_of_token},
    accounts_table::role_field,
    format,
    history_filters::Choice,
    reactive::fixed,
    when::when_if_ever,
};
use crate::model::{
    access::Role,
    accounts::{AccountsPage, Refused, Token},
    history::Zone,
};

/// For how long a token can be good, days.
const LASTING: [(&str, &str); 5] = [
    ("7", "7 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("365", "365 days"),
    ("never", "for ever"),
];

/// The tokens, below the form that adds one.
#[must_use]
pub fn tokens_table(page: &AccountsPage) -> AnyView {
    let zone = page.zone;
    let rows = page.tokens.iter().map(|token| row(token, zone));
    let number = i64::try_from(page.tokens.len()).unwrap_or(i64::MAX);
    let table = (number > 0).then(|| {
        view! {
            <table class="imports" aria-labelledby="tokens-heading">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col" class="w-28">"Role"</th>
                        <th scope="col" class="w-40">"Last use"</th>
                        <th scope="col" class="w-48">"State"</th>
                        <th scope="col" class="w-32"><span class="sr-only">"What can be done"</span></th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        }
    });
    // With a token alone nobody could sign in to any page.
    let content = if page.accounts.is_empty() {
        view! { <p class="hint px-4.5 py-4">"Add an account first: with the first token everyone has to sign in, too."</p> }
            .into_any()
    } else {
        form(page)
    };
    view! {
        <section class="panel" aria-labelledby="tokens-heading">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4.5 py-3.5">
                <h2 id="tokens-heading">"Tokens for programs"</h2>
                <a class="link ml-auto text-[13px]" href="/api/docs">"What they can ask for"</a>
                <span class="text-[13px] text-muted">{format::count(number, "token", "tokens")}</span>
            </div>
            {content}
            {table}
        </section>
    }
    .into_any()
}

fn form(page: &AccountsPage) -> AnyView {
    let (why, name, role, days) = match &page.refused {
        Some(Refused::NewToken {
            why,
            name,
            role,
            days,
        }) => (
            Some(why.as_str()),
            name.as_str(),
            role.as_str(),
            days.as_str(),
        ),
        _ => (None, "", Role::Viewer.as_str(), "90"),
    };
    let refused = why.is_some();
    let days = days.to_owned();
    let why = why.map(|why| {
        view! { <p id="token-error" role="alert" class="col-span-full text-sm text-bad wrap-anywhere">{fixed(why)}</p> }
    });
    view! {
        <form method="post" action="/accounts/tokens/add" aria-label="Add a token" class="filters border-b border-line-soft">
            {why}
            <label class="wide">
                "Name"
                <input name="name" value=name.to_owned() class="field" required maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false" aria-invalid=refused.then_some("true") aria-describedby=refused.then_some("token-error") autofocus=refused/>
            </label>
            {role_field(role)}
            <Choice name="days" label="Good for" options=LASTING.to_vec() chosen=days required=true/>
            <button type="submit" class="btn btn-primary mr-auto ml-0">"Add token"</button>
            <p class="hint col-span-full">"A program sends it with each request: "<code translate="no">"Authorization: Bearer nw_…"</code></p>
        </form>
    }
    .into_any()
}

fn row(token: &Token, zone: Zone) -> AnyView {
    let name = token.name.clone();
    let added = token.created_by.as_ref().map(|by| format!(" by {by}"));
    let revoke = token.is_good.then(|| {
        view! {
            <a class="btn btn-quiet" href=format!("/accounts?ask=revoke&name={name}")>
                "Revoke…"<span class="sr-only">{format!(" {name}")}</span>
            </a>
        }
    });
    let gone = !token.is_good;
    view! {
        <tr id=format!("token-{}", token.id)>
            <th scope="row" class="c-file">
                <p class="font-[550] wrap-anywhere" translate="no">{name.clone()}</p>
                <p class="tiny wrap-anywhere">"added "{when_if_ever(Some(token.created_at), zone)}{added}" · "<a class="link" href=format!("/audit?actor={name}&kind=token")>"audit"<span class="sr-only">{format!(" of {name}")}</span></a></p>
            </th>
            <td class="c-type">{token.role.as_str()}</td>
            <td class="c-started"><span class="lg:hidden">"last use "</span>{when_if_ever(token.used_at, zone)}</td>
            <td class="c-status">
                <span class=("text-muted", gone)>{state_of_token(token, zone)}</span>
                {token.is_good.then(|| view! { <p class="tiny">{expiry(token, zone)}</p> })}
            </td>
            <td class="max-lg:col-span-4 max-lg:row-start-4">
                <div class="row-actions lg:mt-0 lg:justify-end print:hidden">
                    {revoke}
                </div>
            </td>
        </tr>
    }
    .into_any()
}
