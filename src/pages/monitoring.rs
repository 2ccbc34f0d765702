//! The Monitoring page: what the logs add up to. It needs no scripts.

use leptos::prelude::*;

use crate::{
    components::{
        chart::patterns,
        chart_figure::figure,
        frame::Frame,
        history_table,
        monitoring_span::{imports_chart, records_chart, span_links},
        monitoring_tables::{durations, last_day, nothing, reasons, success_rates},
        reactive::fixed,
    },
    error::AppError,
    model::monitoring::MonitoringPage as Shown,
};

/// The page, of what its context holds.
#[component]
pub fn MonitoringPage() -> impl IntoView {
    let content = match expect_context::<Result<Shown, AppError>>() {
        Ok(page) => shown(page),
        Err(error) => view! {
            {span_links(None)}
            <section class="panel card max-w-[60ch]" role="alert">
                <h2 class="text-bad">"Monitoring can't be shown"</h2>
                <p>{fixed(&error.message)}</p>
                <p><a class="btn" href="/monitoring">"Show the last 7 days"</a></p>
            </section>
        }
        .into_any(),
    };
    view! {
        <Frame here="/monitoring">
            <h1>"Monitoring"</h1>
            {content}
        </Frame>
    }
}

fn shown(page: Shown) -> AnyView {
    if page.sums.ever.is_empty() {
        return view! {
            <p hidden data-live="all"></p>
            <section class="panel px-4.5 py-10 text-center">
                <p class="font-semibold">"No imports yet."</p>
                <p class="mt-1 text-muted">"Once there are some, this page shows how they go: how many succeed, how long they take, and why others fail."</p>
                <p class="mt-3"><a class="btn" href="/">"Start an import"</a></p>
            </section>
        }
        .into_any();
    }
    let (imports, records) = (imports_chart(&page), records_chart(&page));
    let none = page.sums.slots.is_empty();
    let span = page.span.in_words();
    let trend = if none {
        nothing("No import has started in this time.")
    } else {
        view! {
            <div class="px-4.5 pt-3 pb-4">{figure(&imports)}</div>
            <h3 class="border-t border-line-soft px-4.5 pt-3.5">{records.title}</h3>
            <div class="px-4.5 pt-3 pb-4">{figure(&records)}</div>
        }
        .into_any()
    };
    let zone = page.zone.in_words();
    view! {
        <p hidden data-live="all"></p>
        {patterns()}
        <div class="grid gap-5 lg:grid-cols-2">
            {panel("last-day", "Last 24 hours", last_day(&page))}
            {panel("rates", "Success rate of all imports", success_rates(&page))}
        </div>
        <section class="panel" aria-labelledby="trend">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4.5 py-3.5">
                <h2 id="trend">{imports.title}</h2>
                <span class="text-[13px] text-muted">"of the last "{span}" · times and days of "<span translate="no">{zone}</span></span>
                <div class="ml-auto">{span_links(Some(page.span))}</div>
            </div>
            {trend}
        </section>
        <div class="grid gap-5 lg:grid-cols-2">
            {panel("durations", "How long imports took", durations(&page))}
            {panel("reasons", "Why imports failed", reasons(&page))}
        </div>
        {panel("failures", "Latest failures", failures(page))}
    }
    .into_any()
}

fn failures(page: Shown) -> AnyView {
    if page.failures.is_empty() {
        return nothing("No import has failed.");
    }
    view! {
        {history_table::rows(page.failures, page.zone, "failures")}
        <p class="border-t border-line-soft px-4.5 py-3"><a class="btn" href="/imports?status=failed">"Show all failures"</a></p>
    }
    .into_any()
}

fn panel(id: &'static str, heading: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="panel min-w-0" aria-labelledby=id>
            <h2 id=id class="border-b border-line px-4.5 py-3.5">{heading}</h2>
            {content}
        </section>
    }
    .into_any()
}
