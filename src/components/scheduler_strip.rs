//! The scheduler: what it does, when next, how it went, and its switches.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{
    command::{Command, CommandButton, CommandForm, Problem, started},
    format,
    live::Board,
    status_badge::StatusBadge,
    time::Moment,
};
use crate::{
    model::import_log::ImportStatus,
    server_fns::scheduler::{
        StartScheduler, StopScheduler, TriggerScheduler, start_scheduler, stop_scheduler,
        trigger_scheduler,
    },
};

/// The strip below the heading.
#[component]
pub fn SchedulerStrip() -> impl IntoView {
    let board = expect_context::<Board>();
    let unresolved = board.part(|page| page.unresolved_failures);
    let newest = board.part(|page| page.newest_unresolved);
    let why_not = board.part(|page| page.scheduler.why_not.clone());
    view! {
        <section class="panel" aria-label="Scheduler status">
            <div class="strip">
                <dl>
                    <div>
                        <dt>"Status"</dt>
                        <dd><State/></dd>
                    </div>
                    <div>
                        <dt>"Next run"</dt>
                        <dd><NextRun/></dd>
                    </div>
                    <div>
                        <dt>"Last run"</dt>
                        <dd><LastRun/></dd>
                    </div>
                    <div>
                        <dt>"Unresolved failures"</dt>
                        <dd>
                            {move || {
                                let number = format::thousands(unresolved.get());
                                match newest.get() {
                                    Some(id) => view! { <a class="link text-bad" href=format!("#import-{id}")>{number}</a> }.into_any(),
                                    None => number.into_any(),
                                }
                            }}
                        </dd>
                    </div>
                </dl>
                <Switches/>
            </div>
            {move || why_not.get().map(|why| view! { <p class="hint border-t border-line-soft px-4.5 py-2.5">{why}</p> })}
        </section>
    }
    .into_any()
}

#[component]
fn State() -> impl IntoView {
    let board = expect_context::<Board>();
    let state = board.part(|page| {
        let scheduler = &page.scheduler;
        match (scheduler.external_api_configured, scheduler.is_running) {
            (false, _) => ("dot dot-rest", "Not configured".to_owned()),
            (true, true) => (
                "dot dot-good",
                format!("Running, {}", scheduler.schedule_in_words),
            ),
            (true, false) => ("dot dot-rest", "Stopped".to_owned()),
        }
    });
    view! {
        <span class="flex items-baseline gap-2">
            <span class=move || state.with(|state| state.0) aria-hidden="true"></span>
            <span>{move || state.with(|state| state.1.clone())}</span>
        </span>
    }
    .into_any()
}

#[component]
fn NextRun() -> impl IntoView {
    let board = expect_context::<Board>();
    let next = board.part(|page| {
        let next = page
            .scheduler
            .next_jobs
            .first()
            .filter(|_| page.scheduler.is_running)?;
        DateTime::parse_from_rfc3339(next)
            .ok()
            .map(|next| next.with_timezone(&Utc))
    });
    let soon = Memo::new(move |_| {
        next.get()
            .map(|next| format!(", {}", format::ahead(next - board.now())))
    });
    view! {
        <span class="tabular-nums">
            {move || match next.get() {
                Some(next) => view! { <Moment at=next short=true/> }.into_any(),
                None => "–".into_any(),
            }}
            {soon}
        </span>
    }
    .into_any()
}

#[component]
fn LastRun() -> impl IntoView {
    let board = expect_context::<Board>();
    let last = board.part(|page| {
        page.scheduler
            .last_run
            .as_ref()
            .map(|log| (log.id, log.status))
    });
    let known = Memo::new(move |_| last.get().is_some());
    let id = move || last.get().map(|(id, _)| id);
    let status = Signal::derive(move || {
        last.get()
            .map_or(ImportStatus::Running, |(_, status)| status)
    });
    view! {
        <Show when=move || known.get() fallback=|| "–">
            <a class="link" href=move || id().map(|id| format!("#import-{id}"))>{move || id().map(|id| format!("#{id}"))}</a>
            <StatusBadge status/>
        </Show>
    }
    .into_any()
}

#[component]
fn Switches() -> impl IntoView {
    let board = expect_context::<Board>();
    let run = Command::new(board.live, |_: TriggerScheduler| async {
        trigger_scheduler().await.map(started)
    });
    let start = Command::new(board.live, |_: StartScheduler| async {
        start_scheduler()
            .await
            .map(|()| "Scheduler started.".to_owned())
    });
    let stop = Command::new(board.live, |_: StopScheduler| async {
        stop_scheduler()
            .await
            .map(|()| "Scheduler stopped. An import that it started goes on.".to_owned())
    });
    let configured = board.part(|page| page.scheduler.external_api_configured);
    let enabled = board.part(|page| page.scheduler.enabled);
    let unconfigured = Signal::derive(move || !configured.get());
    view! {
        <div class="grid gap-2 px-4.5 py-3.5">
            <div class="flex gap-2">
                <CommandForm command=run>
                    <CommandButton pending=run.pending() says="Run now" waiting="Starting…" class="min-w-24" disabled=unconfigured/>
                </CommandForm>
                <Show
                    when=move || enabled.get()
                    fallback=move || {
                        view! {
                            <CommandForm command=start>
                                <CommandButton
                                    pending=start.pending()
                                    says="Start"
                                    waiting="Starting…"
                                    class="min-w-24"
                                    label="Start the scheduler"
                                    disabled=unconfigured
                                />
                            </CommandForm>
                        }
                    }
                >
                    <CommandForm command=stop>
                        <CommandButton pending=stop.pending() says="Stop" waiting="Stopping…" class="btn-quiet min-h-8.5 min-w-24" label="Stop the scheduler"/>
                    </CommandForm>
                </Show>
            </div>
            <Problem command=run/>
            <Problem command=start/>
            <Problem command=stop/>
        </div>
    }
    .into_any()
}
