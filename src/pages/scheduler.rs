//! The Scheduler page: the scheduler's state, the ways to start an import, and the log of each.

use leptos::prelude::*;

use crate::{
    components::{
        board::Board,
        frame::Frame,
        freshness::{Freshness, Lost},
        import_table::ImportTable,
        live::Live,
        needs::OPERATOR,
        notices::NoticeRegion,
        polled::{Polled, latest, trouble},
        range_form::RangeForm,
        reactive::{memo, when},
        retained::Retained,
        sample_form::SampleForm,
        scheduler_strip::SchedulerStrip,
        upload::UploadForm,
    },
    error::AppError,
    model::{
        asked::{Asked, Shows},
        scheduler::SchedulerPage as Shown,
    },
    server_fns::scheduler::ReadSchedulerPage,
};

/// The page.
#[component]
pub fn SchedulerPage() -> impl IntoView {
    let live = Live::start();
    let Shows {
        all_failures,
        all_runs,
    } = use_context::<Asked>().unwrap_or_default().shows;
    let page = Polled::start(
        live,
        ReadSchedulerPage {
            all_failures,
            all_runs,
        },
    );
    view! {
        <Frame
            here="/"
            aside=move || view! { <Transition><Freshness page/></Transition> }
            below=move || view! { <Transition><Lost page/></Transition> }
        >
            <Transition fallback=Loading>
                <Loaded page/>
            </Transition>
            <NoticeRegion notices=live.notices/>
        </Frame>
    }
}

/// The board once there is an answer; before that the error, if it is one.
#[component]
fn Loaded(page: Polled<Shown>) -> impl IntoView {
    let latest = latest(page.answer);
    let trouble = trouble(page.answer);
    let read = memo(move || latest.with(Option::is_some));
    move || {
        if read.get() {
            latest
                .get_untracked()
                .map(|first| view! { <Whole page latest first/> }.into_any())
        } else {
            trouble
                .get()
                .map(|error| view! { <Failed live=page.live error/> }.into_any())
        }
    }
}

/// The page with its data.
#[component]
fn Whole(page: Polled<Shown>, latest: Memo<Option<Shown>>, first: Shown) -> impl IntoView {
    let board = Board::new(page, latest, first);
    provide_context(board);
    let busy = board.part(|page| page.running_logs > 0);
    let demo = board.part(|page| page.scheduler.demo_feed);
    view! {
        <div class="flex min-h-7 flex-wrap items-center gap-3">
            <h1>"Scheduler"</h1>
            {when(move || demo.get(), || view! { <span class="badge bg-amber-100 text-amber-900 dark:bg-amber-950 dark:text-amber-200">"Demo feed: results are made up"</span> }.into_any())}
        </div>
        <SchedulerStrip/>
        <div data-needs=OPERATOR class="grid grid-cols-[minmax(0,1fr)] gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.35fr)_minmax(0,1.35fr)]">
            <SampleForm/>
            <UploadForm/>
            <RangeForm/>
        </div>
        <ImportTable/>
        <Retained/>
        // Without JavaScript the page comes anew while something runs. Not as a child: a browser that runs scripts
        // has no such element in it.
        {when(
            move || busy.get(),
            || view! { <noscript inner_html="<meta http-equiv=\"refresh\" content=\"10\">"></noscript> }.into_any(),
        )}
    }
}

/// No answer yet: the reason, never an empty list.
#[component]
fn Failed(live: Live, error: AppError) -> impl IntoView {
    view! {
        <h1>"Scheduler"</h1>
        <section class="panel card max-w-[60ch]" role="alert">
            <h2 class="text-bad">"The imports can't be shown"</h2>
            <p>{error.message}</p>
            // Without JavaScript this loads the page afresh.
            <form method="get" on:submit=move |event| {
                event.prevent_default();
                live.refetch();
            }>
                <button type="submit" class="btn">"Try again"</button>
            </form>
        </section>
    }
}

/// The page's outline, while it is read for the first time in a browser.
#[component]
fn Loading() -> impl IntoView {
    view! {
        <h1>"Scheduler"</h1>
        <div class="grid gap-5" role="status" aria-label="Reading the imports">
            <div class="panel h-18"></div>
            <div class="panel h-41"></div>
            <div class="panel h-96"></div>
        </div>
    }
}
