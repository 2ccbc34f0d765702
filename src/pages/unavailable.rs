//! What is shown when nobody can tell who asks: the database, which knows it, can't be asked.

use leptos::prelude::*;

use crate::{components::reactive::fixed, error::AppError};

/// Says so, and offers to try again: loaded anew, the same address is asked for.
#[component]
pub fn Unavailable() -> impl IntoView {
    let AppError { message, .. } = expect_context();
    view! {
        <main id="main" tabindex="-1" class="mx-auto grid w-full max-w-sm gap-5 px-4 pt-16 pb-20 outline-none">
            <p class="flex items-center gap-2 font-bold tracking-tight">
                <img src="/favicon.svg" alt="" width="18" height="18"/>
                "NumWatch"
            </p>
            <section class="panel card" role="alert">
                <h1>"NumWatch can't tell who you are"</h1>
                <p class="wrap-anywhere">{fixed(&message)}</p>
                <p class="hint">"You stay signed in. This page is loaded anew every 10 seconds."</p>
            </section>
        </main>
    }
}
