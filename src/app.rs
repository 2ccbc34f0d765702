//! The documents. Nothing else.

use leptos::prelude::*;

use crate::{
    model::asked::Asked,
    pages::{not_found::NotFound, scheduler::SchedulerPage},
};

/// The Scheduler's document, as the server sends it.
#[must_use]
pub fn shell(options: &LeptosOptions) -> AnyView {
    let scripts = view! {
        <AutoReload options=options.clone()/>
        <HydrationScripts options=options.clone()/>
    };
    document(
        "Scheduler · NumWatch",
        options,
        scripts.into_any(),
        view! { <App/> }.into_any(),
    )
}

/// The document where there is no page. It needs no scripts.
#[must_use]
pub fn not_found(options: &LeptosOptions) -> AnyView {
    document(
        "Not found · NumWatch",
        options,
        ().into_any(),
        view! { <NotFound/> }.into_any(),
    )
}

fn document(
    title: &'static str,
    options: &LeptosOptions,
    scripts: AnyView,
    body: AnyView,
) -> AnyView {
    let stylesheet = format!("/{}/numwatch.css", options.site_pkg_dir);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="description" content="Imports of lottery results, and what became of each."/>
                // No child: a title would show the comment that marks where its text ends.
                <title inner_html=title></title>
                <link rel="stylesheet" id="leptos" href=stylesheet/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {scripts}
            </head>
            <body>{body}</body>
        </html>
    }
    .into_any()
}

/// What the browser takes over. There is one page, so there is no router: the server knows its addresses.
#[component]
pub fn App() -> impl IntoView {
    let asked = SharedValue::new(|| use_context::<Asked>().unwrap_or_default());
    provide_context(asked.into_inner());
    view! { <SchedulerPage/> }
}
