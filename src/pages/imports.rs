//! The Imports page: the history of all of them, filtered and page by page. It needs no scripts.

use leptos::prelude::*;

use crate::{
    components::{
        frame::Frame,
        history_bulk::{bulk_progress, bulk_question},
        history_filters::history_filters,
        history_table::HistoryTable,
        reactive::fixed,
    },
    error::AppError,
    model::history::HistoryPage,
};

/// The page, of what its context holds.
#[component]
pub fn ImportsPage() -> impl IntoView {
    let content = match expect_context::<Result<HistoryPage, AppError>>() {
        Ok(page) => view! {
            // A question stays as it was asked.
            <p hidden data-live=page.bulk.asks.is_none().then_some("all")></p>
            {bulk_progress(&page.bulk)}
            {bulk_question(&page.bulk)}
            {history_filters(&page)}
            <HistoryTable page/>
        }
        .into_any(),
        Err(error) => view! {
            <section class="panel card max-w-[60ch]" role="alert">
                <h2 class="text-bad">"The imports can't be shown"</h2>
                <p>{fixed(&error.message)}</p>
                <p><a class="btn" href="/imports">"Show all imports"</a></p>
            </section>
        }
        .into_any(),
    };
    view! {
        <Frame here="/imports">
            <h1>"Imports"</h1>
            {content}
        </Frame>
    }
}
