//! The Results page: the stored results, filtered and page by page. It needs no scripts.

use leptos::prelude::*;

use crate::{
    components::{
        frame::Frame, reactive::fixed, results_filters::results_filters,
        results_table::ResultsTable,
    },
    error::AppError,
    model::results::ResultsPage as Page,
};

/// The page, of what its context holds.
#[component]
pub fn ResultsPage() -> impl IntoView {
    let content = match expect_context::<Result<Page, AppError>>() {
        Ok(page) => shown(page),
        Err(error) => refused(&error.message),
    };
    view! {
        <Frame here="/results">
            <h1>"Results"</h1>
            {content}
        </Frame>
    }
}

fn shown(page: Page) -> AnyView {
    let filters = results_filters(&page);
    let filtered = !page.asked.is_empty();
    let live = page.found.is_ok();
    let found = match page.found {
        Ok(found) => view! { <ResultsTable found filtered today=page.today/> }.into_any(),
        Err(why) => refused(&why),
    };
    view! {
        <p hidden data-live=live.then_some("all")></p>
        {filters}
        {found}
    }
    .into_any()
}

fn refused(why: &str) -> AnyView {
    view! {
        <section class="panel card max-w-[60ch]" role="alert">
            <h2 class="text-bad">"The results can't be shown"</h2>
            <p class="wrap-anywhere">{fixed(why)}</p>
            <p><a class="btn" href="/results">"Show all results"</a></p>
        </section>
    }
    .into_any()
}
