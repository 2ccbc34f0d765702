//! Before something is taken from somebody: whether it really is to be. After something was made that is shown once: that.

use leptos::prelude::*;

use super::accounts_table::role_field;
use crate::model::accounts::{Asks, Secret, SecretOf};

/// The question.
#[must_use]
pub fn question(asks: &Asks) -> AnyView {
    match asks {
        Asks::Role(account) => dialog(
            format!("Another role for {}", account.name),
            "Wherever it is signed in, it is signed out, and has to sign in again.",
            "/accounts/role",
            &account.name,
            view! { <div class="filters p-0">{role_field(account.role.as_str())}</div> }.into_any(),
            ("btn btn-primary", "Change the role"),
        ),
        Asks::Reset(account, mark) => {
            let says = match account.disabled_at {
                None => {
                    "NumWatch makes another password and shows it once. The present one is good no more, and wherever the account is signed in, it is signed out."
                }
                Some(_) => {
                    "NumWatch makes another password and shows it once. The account is disabled: with that password it may sign in again."
                }
            };
            dialog(
                format!("Another password for {}?", account.name),
                says,
                "/accounts/reset",
                &account.name,
                view! { <input type="hidden" name="mark" value=mark.clone()/> }.into_any(),
                ("btn btn-danger-solid", "Reset the password"),
            )
        }
        Asks::Disable(account) => dialog(
            format!("Disable {}?", account.name),
            "It is signed out, and can't sign in until its password is reset. What it did stays in the audit.",
            "/accounts/disable",
            &account.name,
            ().into_any(),
            ("btn btn-danger-solid", "Disable it"),
        ),
        Asks::Revoke(token) => dialog(
            format!("Revoke the token {}?", token.name),
            "Programs that use it are refused from now on, for good. Nobody can use its name again.",
            "/accounts/tokens/revoke",
            &token.name,
            ().into_any(),
            ("btn btn-danger-solid", "Revoke it"),
        ),
    }
}

fn dialog(
    heading: String,
    says: &'static str,
    action: &'static str,
    name: &str,
    more: AnyView,
    (class, does): (&'static str, &'static str),
) -> AnyView {
    view! {
        <dialog open="" class="panel card static w-full text-text" aria-labelledby="ask-heading" aria-describedby="ask-text">
            <h2 id="ask-heading" class="wrap-anywhere">{heading}</h2>
            <p id="ask-text" class="max-w-[72ch]">{says}</p>
            <form method="post" action=action class="grid gap-3">
                <input type="hidden" name="name" value=name.to_owned()/>
                {more}
                <div class="flex flex-wrap gap-2">
                    <button type="submit" class=class>{does}</button>
                    <a class="btn" href="/accounts" autofocus="">"Leave it"</a>
                </div>
            </form>
        </dialog>
    }
    .into_any()
}

/// What is shown this once.
#[must_use]
pub fn shown_once(secret: Secret) -> AnyView {
    let Secret {
        of,
        name,
        role,
        text,
    } = secret;
    let (heading, does) = match of {
        SecretOf::NewAccount => (
            format!("Added the account {name}"),
            format!("It has the role {role}, and this password:"),
        ),
        SecretOf::Account => (
            format!("{name} has another password"),
            "It was signed out everywhere, and signs in with this one:".to_owned(),
        ),
        SecretOf::Token => (
            format!("Added the token {name}"),
            format!("It has the role {role}. Programs send this:"),
        ),
    };
    view! {
        <section class="panel card outline-none" role="status" aria-labelledby="secret-heading" tabindex="-1" autofocus>
            <h2 id="secret-heading" class="wrap-anywhere">{heading}</h2>
            <p>{does}</p>
            <p><code id="secret" class="rounded-lg bg-line-soft px-3 py-1.5 text-base font-semibold wrap-anywhere select-all inline-block" translate="no">{text}</code></p>
            <p class="max-w-[72ch]">
                "It is shown this once: only its hash is kept. Copy it now, and hand it over where nobody else reads it. Loading this page anew neither shows it again nor makes another one."
            </p>
            <p><a class="btn" href="/accounts">"I have it"</a></p>
        </section>
    }
    .into_any()
}
