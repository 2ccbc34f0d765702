//! All accounts, and the form that adds one.

use leptos::prelude::*;

use super::{
    access_words::{may, state_of_account},
    format,
    history_filters::Choice,
    reactive::fixed,
    when::when_if_ever,
};
use crate::model::{
    access::Role,
    accounts::{Account, AccountsPage, Refused},
    history::Zone,
};

/// What each role may do.
#[must_use]
pub fn roles() -> AnyView {
    let roles = Role::ALL.map(|role| {
        let article = match role {
            Role::Viewer => "A ",
            Role::Operator | Role::Admin => "An ",
        };
        view! { <li>{article}<strong>{role.as_str()}</strong>" "{may(role)}"."</li> }
    });
    view! { <ul class="hint grid max-w-[80ch] gap-0.5">{roles.collect_view()}</ul> }.into_any()
}

/// The roles that can be chosen.
#[must_use]
pub fn role_field(chosen: &str) -> AnyView {
    let roles = Role::ALL.map(|role| (role.as_str(), role.as_str()));
    let chosen = chosen.to_owned();
    view! { <Choice name="role" label="Role" options=roles.to_vec() chosen required=true/> }
        .into_any()
}

/// The accounts, below the form that adds one.
#[must_use]
pub fn accounts_table(page: &AccountsPage) -> AnyView {
    let zone = page.zone;
    let rows = page.accounts.iter().map(|account| {
        let is_me = page.me.as_ref() == Some(&account.name);
        row(account, is_me, zone)
    });
    let number = i64::try_from(page.accounts.len()).unwrap_or(i64::MAX);
    let table = (number > 0).then(|| {
        view! {
            <table class="imports" aria-labelledby="accounts-heading">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col" class="w-28">"Role"</th>
                        <th scope="col" class="w-40">"Last sign-in"</th>
                        <th scope="col" class="w-40">"State"</th>
                        <th scope="col" class="w-80"><span class="sr-only">"What can be done"</span></th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        }
    });
    view! {
        <section class="panel" aria-labelledby="accounts-heading">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4.5 py-3.5">
                <h2 id="accounts-heading">"Accounts"</h2>
                <span class="text-[13px] text-muted">
                    {format::count(number, "account", "accounts")}" · times and days of "<span translate="no">{zone.in_words()}</span>
                </span>
            </div>
            {form(page)}
            {table}
        </section>
    }
    .into_any()
}

fn form(page: &AccountsPage) -> AnyView {
    let (why, name, role) = match &page.refused {
        Some(Refused::NewAccount { why, name, role }) => {
            (Some(why.as_str()), name.as_str(), role.as_str())
        }
        // The first one has to be able to add others.
        _ if page.accounts.is_empty() => (None, "", Role::Admin.as_str()),
        _ => (None, "", Role::Viewer.as_str()),
    };
    let refused = why.is_some();
    let why = why.map(|why| {
        view! { <p id="account-error" role="alert" class="col-span-full text-sm text-bad wrap-anywhere">{fixed(why)}</p> }
    });
    view! {
        <form method="post" action="/accounts/add" aria-label="Add an account" class="filters border-b border-line-soft">
            {why}
            <label class="wide">
                "Name"
                <input name="name" value=name.to_owned() class="field" required maxlength="64" autocomplete="off" autocapitalize="none" spellcheck="false" aria-invalid=refused.then_some("true") aria-describedby=refused.then_some("account-error") autofocus=refused/>
            </label>
            {role_field(role)}
            <button type="submit" class="btn btn-primary mr-auto ml-0">"Add account"</button>
            <p class="hint col-span-full">"NumWatch makes a password and shows it once. Whoever gets it can change it on their account's page."</p>
        </form>
    }
    .into_any()
}

fn row(account: &Account, is_me: bool, zone: Zone) -> AnyView {
    let name = account.name.clone();
    let me = is_me.then(|| view! { <span class="badge bg-line-soft px-2.5">"you"</span> });
    let added = account.created_by.as_ref().map(|by| format!(" by {by}"));
    let link = |what, says: &'static str| {
        let address = format!("/accounts?ask={what}&name={name}");
        let of = format!(" {name}");
        view! { <a class="btn btn-quiet" href=address>{says}<span class="sr-only">{of}</span></a> }
    };
    let disable = account
        .disabled_at
        .is_none()
        .then(|| link("disable", "Disable…"));
    let state = state_of_account(account, zone);
    let gone = account.disabled_at.is_some();
    view! {
        <tr id=format!("account-{}", account.id)>
            <th scope="row" class="c-file">
                <p class="flex flex-wrap items-center gap-x-2 font-[550]"><span class="wrap-anywhere" translate="no">{name.clone()}</span>{me}</p>
                <p class="tiny wrap-anywhere">"added "{when_if_ever(Some(account.created_at), zone)}{added}" · "<a class="link" href=format!("/audit?actor={}&kind=account", account.name)>"audit"<span class="sr-only">{format!(" of {}", account.name)}</span></a></p>
            </th>
            <td class="c-type">{account.role.as_str()}</td>
            <td class="c-started"><span class="lg:hidden">"last sign-in "</span>{when_if_ever(account.last_login, zone)}</td>
            <td class="c-status"><span class=("text-muted", gone)>{state}</span></td>
            <td class="max-lg:col-span-4 max-lg:row-start-4">
                <div class="row-actions lg:mt-0 lg:justify-end print:hidden">
                    {link("role", "Role…")}
                    {link("reset", "Reset password…")}
                    {disable}
                </div>
            </td>
        </tr>
    }
    .into_any()
}
