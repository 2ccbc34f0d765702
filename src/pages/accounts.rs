//! Who may sign in, and which programs may call the API. It needs no scripts.

use leptos::prelude::*;

use crate::{
    components::{
        accounts_ask::{question, shown_once},
        accounts_table::{accounts_table, roles},
        frame::Frame,
        reactive::fixed,
        tokens_table::tokens_table,
    },
    error::{AppError, ErrorKind},
    model::accounts::{AccountsPage, Refused},
};

/// The page, of what its context holds.
#[component]
pub fn ShownAccounts() -> impl IntoView {
    let content = match expect_context::<Result<AccountsPage, AppError>>() {
        Ok(page) => shown(&page),
        Err(error) => refused(&error),
    };
    view! {
        <Frame here="">
            <h1>"Accounts"</h1>
            {content}
        </Frame>
    }
}

fn shown(page: &AccountsPage) -> AnyView {
    let open = (page.accounts.is_empty() && page.secret.is_none()).then(|| {
        view! {
            <p class="panel max-w-[80ch] px-4.5 py-3">
                "There is no account yet, and whoever uses this machine may do everything. From the first one on everyone has to sign in: make it an admin, who can add others."
            </p>
        }
    });
    let done = page.done.as_deref().map(
        |done| view! { <p role="status" class="panel px-4.5 py-3 wrap-anywhere">{fixed(done)}</p> },
    );
    let why = match &page.refused {
        Some(Refused::Change(why)) => {
            Some(view! { <p role="alert" class="text-bad wrap-anywhere">{fixed(why)}</p> })
        }
        _ => None,
    };
    let asks = page.asks.as_ref().map(question);
    let secret = page.secret.clone().map(shown_once);
    view! {
        {why}
        {done}
        {secret}
        {asks}
        {open}
        {roles()}
        {accounts_table(page)}
        {tokens_table(page)}
    }
    .into_any()
}

fn refused(error: &AppError) -> AnyView {
    let (address, says) = if error.kind == ErrorKind::Forbidden {
        ("/account", "Show your own account")
    } else {
        ("/accounts", "Show all accounts")
    };
    view! {
        <section class="panel card max-w-[60ch]" role="alert">
            <h2 class="text-bad">"Accounts can't be shown"</h2>
            <p class="wrap-anywhere">{fixed(&error.message)}</p>
            <p><a class="btn" href=address>{says}</a></p>
        </section>
    }
    .into_any()
}
