//! The document, the router. Nothing else.

use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::pages::{not_found::NotFound, scheduler::SchedulerPage};

/// The whole document, as the server sends it.
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let stylesheet = format!("/{}/numwatch.css", options.site_pkg_dir);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="description" content="Imports of lottery results, and what became of each."/>
                <link rel="stylesheet" id="leptos" href=stylesheet/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The pages and their addresses. Each is rendered whole on the server, so that it needs no JavaScript to be read.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/") view=SchedulerPage ssr=SsrMode::Async/>
                <Route path=path!("/scheduler") view=SchedulerPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
