//! Where one signs in. It needs no scripts.

use leptos::prelude::*;

use crate::{components::reactive::fixed, error::AppError, model::access::SignInForm};

/// The page, of what its context holds.
#[component]
pub fn SignInPage() -> impl IntoView {
    let form = expect_context::<Result<SignInForm, AppError>>();
    let SignInForm {
        name,
        next,
        refused,
        says,
    } = form.unwrap_or_else(|error| SignInForm {
        refused: Some(error.message),
        ..SignInForm::default()
    });
    let is_wrong = refused.is_some();
    let refused = refused.map(|why| {
        view! {
            <p id="refused" role="alert" class="font-semibold text-bad wrap-anywhere">
                {fixed(&why)}
            </p>
        }
    });
    let says = says.map(|what| view! { <p role="status" class="hint">{what}</p> });
    // Where the typing begins.
    let knows_name = !name.is_empty();
    view! {
        <main id="main" tabindex="-1" class="mx-auto grid w-full max-w-sm gap-5 px-4 pt-16 pb-20 outline-none">
            <p class="flex items-center gap-2 font-bold tracking-tight">
                <img src="/favicon.svg" alt="" width="18" height="18"/>
                "NumWatch"
            </p>
            <form method="post" action="/sign-in" class="panel card grid gap-4">
                <h1>"Sign in"</h1>
                {says}
                {refused}
                <input type="hidden" name="next" value=next/>
                <label class="grid gap-1">
                    <span class="label">"Name"</span>
                    <input
                        class="field w-full"
                        type="text"
                        name="name"
                        value=name
                        required
                        maxlength="64"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        autofocus=!knows_name
                        aria-describedby=is_wrong.then_some("refused")
                    />
                </label>
                <label class="grid gap-1">
                    <span class="label">"Password"</span>
                    <input
                        class="field w-full"
                        type="password"
                        name="password"
                        required
                        autocomplete="current-password"
                        autofocus=knows_name
                        aria-describedby=is_wrong.then_some("refused")
                    />
                </label>
                <button type="submit" class="btn btn-primary">"Sign in"</button>
            </form>
            <p class="hint">
                "Forgotten? An admin gives you another password: on the page Accounts, or with "
                <code>"numwatch user reset NAME"</code>"."
            </p>
        </main>
    }
}
