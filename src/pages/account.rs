//! One's own account. It needs no scripts.

use leptos::prelude::*;

use crate::{
    components::{
        about::FactList,
        access_words::{expiry, you_may},
        account_forms::{password_form, sessions},
        calendar,
        frame::Frame,
        history_table::local,
        reactive::fixed,
    },
    error::AppError,
    model::{
        access::Role,
        accounts::{Account, OwnDone, OwnPage, OwnRefused, Token, Whose},
        history::Zone,
    },
};

/// The page, of what its context holds.
#[component]
pub fn ShownAccount() -> impl IntoView {
    let content = match expect_context::<Result<OwnPage, AppError>>() {
        Ok(page) => shown(page),
        Err(error) => view! {
            <section class="panel card max-w-[60ch]" role="alert">
                <h2 class="text-bad">"Your account can't be shown"</h2>
                <p class="wrap-anywhere">{fixed(&error.message)}</p>
                <p><a class="btn" href="/account">"Try again"</a></p>
            </section>
        }
        .into_any(),
    };
    view! {
        <Frame here="">
            <h1>"Your account"</h1>
            {content}
        </Frame>
    }
}

fn shown(page: OwnPage) -> AnyView {
    let OwnPage {
        whose,
        zone,
        done,
        refused,
    } = page;
    let done = done.map(|done| {
        let says = match done {
            OwnDone::PasswordChanged => {
                "The password was changed. Everywhere else you were signed out."
            }
            OwnDone::SignedOutElsewhere => "Everywhere else you were signed out.",
        };
        view! { <p role="status" class="panel px-4.5 py-3">{says}</p> }
    });
    let content = match whose {
        Whose::Account(account, signed_in) => {
            let (password, elsewhere) = match &refused {
                Some(OwnRefused::Password(why)) => (Some(why.as_str()), None),
                Some(OwnRefused::Sessions(why)) => (None, Some(why.as_str())),
                None => (None, None),
            };
            view! {
                {facts(&account, zone)}
                {sessions(&signed_in, zone, elsewhere)}
                {password_form(&account.name, password)}
            }
            .into_any()
        }
        Whose::Token(token) => of_token(&token, zone, refused),
        Whose::Nobodys => of_nobody(refused),
    };
    view! {
        {done}
        {content}
    }
    .into_any()
}

fn facts(account: &Account, zone: Zone) -> AnyView {
    let when = |at| calendar::full(local(at, zone), zone.offset_minutes(at));
    let facts = vec![
        ("Name", account.name.clone()),
        ("Role", account.role.to_string()),
        (
            "Email",
            account.email.clone().unwrap_or_else(|| "none".into()),
        ),
        ("Added", when(account.created_at)),
        (
            "Last sign-in",
            account.last_login.map_or_else(|| "never".into(), when),
        ),
    ];
    let manage = (account.role == Role::Admin).then(|| {
        view! { <p><a class="link" href="/accounts">"All accounts and tokens"</a></p> }
    });
    view! {
        <section class="panel card" aria-label="Facts">
            <FactList facts/>
            <p class="hint max-w-[72ch]">{you_may(account.role)}</p>
            {manage}
        </section>
    }
    .into_any()
}

fn of_token(token: &Token, zone: Zone, refused: Option<OwnRefused>) -> AnyView {
    let says = format!(
        "No account is signed in here, but the token {}: role {}, {}. A token has neither a password nor sessions.",
        token.name,
        token.role,
        expiry(token, zone)
    );
    view! {
        {why_not(refused)}
        <section class="panel card max-w-[72ch]"><p class="wrap-anywhere">{says}</p></section>
    }
    .into_any()
}

fn of_nobody(refused: Option<OwnRefused>) -> AnyView {
    view! {
        {why_not(refused)}
        <section class="panel card max-w-[72ch]">
            <h2>"Nobody has to sign in here yet"</h2>
            <p>"There is neither an account nor a token: whoever uses this machine may do everything, and nobody else reaches NumWatch. From the first account on everyone has to sign in."</p>
            <p><a class="btn" href="/accounts">"Add the first account"</a></p>
        </section>
    }
    .into_any()
}

fn why_not(refused: Option<OwnRefused>) -> AnyView {
    let why = refused.map(|refused| {
        let (OwnRefused::Password(why) | OwnRefused::Sessions(why)) = refused;
        view! { <p role="alert" class="text-bad">{fixed(&why)}</p> }
    });
    why.into_any()
}
