//! No such page.

use leptos::prelude::*;

use crate::components::frame::Frame;

/// Says so, and leads back.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Frame here="">
            <h1>"There is no such page"</h1>
            <p class="text-muted">"The address may be mistyped, or the page has moved."</p>
            <p><a class="btn" href="/">"Go to the Scheduler"</a></p>
        </Frame>
    }
}
