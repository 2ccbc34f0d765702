//! One game's page: what is known of it, and the story of each of its results. It needs no scripts.

use leptos::prelude::*;

use crate::{
    components::{frame::Frame, game_about::game_about, game_draws::GameDraws, reactive::fixed},
    error::{AppError, ErrorKind},
    model::game_page::GamePage as Page,
};

/// The page, of what its context holds.
#[component]
pub fn GamePage() -> impl IntoView {
    let content = match expect_context::<Result<Page, AppError>>() {
        Ok(page) => everything(page),
        Err(error) => instead(&error),
    };
    view! { <Frame here="/results">{content}</Frame> }
}

fn everything(page: Page) -> AnyView {
    let about = &page.game.about;
    let facts = game_about(about, &page.game.logged, page.today, page.zone);
    let name = fixed(&about.called.name);
    let idle = (!about.is_active).then(|| {
        view! { <span class="badge bg-slate-200 text-slate-800 dark:bg-slate-700 dark:text-slate-100">"not active"</span> }
    });
    view! {
        <p hidden data-live="all"></p>
        <p class="text-[13px] print:hidden"><a class="link" href="/results">"All results"</a></p>
        <div class="flex flex-wrap items-center gap-3">
            <h1 class="min-w-0 wrap-anywhere" translate="no">{name}</h1>
            {idle}
        </div>
        {facts}
        <GameDraws page/>
    }
    .into_any()
}

/// What stands where there is no game to show.
fn instead(error: &AppError) -> AnyView {
    let heading = match error.kind {
        ErrorKind::NotFound => "No such game",
        _ => "The game can't be shown",
    };
    view! {
        <h1>"Game"</h1>
        <section class="panel card max-w-[60ch]" role="alert">
            <h2>{heading}</h2>
            <p class="wrap-anywhere">{fixed(&error.message)}</p>
            <p><a class="btn" href="/results">"Show all results"</a></p>
        </section>
    }
    .into_any()
}
