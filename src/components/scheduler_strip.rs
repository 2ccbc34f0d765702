//! The scheduler: what it does, when next, how it went, and its switches.

use chrono::NaiveDate;
use leptos::{html::Dialog, prelude::*, server_fn::ServerFn as _};

use super::{
    about::by_whom,
    board::Board,
    calendar,
    command::{Command, CommandButton, CommandForm, Problem, started},
    dialog, format,
    needs::{ADMIN, OPERATOR},
    reactive::{either, fixed, maybe, memo, said, text, whether, words},
    status_badge::StatusBadge,
    time::{Moment, Shown, moment},
};
use crate::{
    browser,
    model::{asked::Asked, import_log::ImportStatus, scheduler::IncompleteDay},
    server_fns::scheduler::{StartScheduler, StopScheduler, TriggerScheduler},
};

/// Where the switches stand, and the two that take turns there.
const SWITCHES: &str = "switches";
const STOP: &str = "stop-switch";
const START: &str = "start-switch";

/// The strip below the heading.
#[component]
pub fn SchedulerStrip() -> impl IntoView {
    let board = expect_context::<Board>();
    let unresolved = board.part(|page| page.unresolved_failures);
    let newest = board.part(|page| page.newest_unresolved);
    let number = move || format::thousands(unresolved.get());
    let notice = board.part(|page| page.scheduler.notice());
    let incomplete = board.part(|page| {
        let days = &page.scheduler.incomplete_days;
        (!days.is_empty()).then(|| not_complete(days, page.today))
    });
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
                            {either(
                                move || newest.get().is_some(),
                                move || {
                                    let target = maybe(move || newest.get().map(|id| format!("#import-{id}")));
                                    view! { <a class="link text-bad" href=target>{words(number)}</a> }.into_any()
                                },
                                move || words(number),
                            )}
                        </dd>
                    </div>
                </dl>
                <Switches/>
            </div>
            <div class="hint border-t border-line-soft px-4.5 py-2.5 empty:hidden">{said(move || notice.get())}</div>
            <div class="hint border-t border-line-soft px-4.5 py-2.5 empty:hidden">{said(move || incomplete.get())}</div>
        </section>
    }
}

/// "Not complete yet: 20 Jun (never asked), and 5 more days. The next run asks for them."
fn not_complete(days: &[IncompleteDay], today: NaiveDate) -> String {
    /// More than these are counted.
    const NAMED: usize = 3;
    let mut named: Vec<String> = days
        .iter()
        .take(NAMED)
        .map(|day| format!("{} ({})", calendar::day(day.date, today), day.why))
        .collect();
    if let more @ 1.. = days.len().saturating_sub(NAMED) {
        let more = i64::try_from(more).unwrap_or(i64::MAX);
        named.push(format!(
            "and {}",
            format::count(more, "more day", "more days")
        ));
    }
    format!(
        "Not complete yet: {}. The next run asks again.",
        named.join(", ")
    )
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
    let stopped = board.part(|page| {
        let scheduler = &page.scheduler;
        let by = scheduler
            .stopped_by
            .map(|door| by_whom(door, scheduler.stopped_by_name.as_deref()));
        scheduler.stopped_at.zip(by)
    });
    let since = move || {
        stopped.get().map_or_else(String::new, |(at, by)| {
            let at = moment(at, Shown::Relative(board.now()), board.hydrated());
            format!(" since {at}, {by}")
        })
    };
    view! {
        <span class="flex items-baseline gap-2">
            <span class=text(move || state.with(|state| state.0)) aria-hidden="true"></span>
            <span>{words(move || state.with(|state| state.1.clone()) + &since())}</span>
        </span>
    }
}

#[component]
fn NextRun() -> impl IntoView {
    let board = expect_context::<Board>();
    let next = board.part(|page| {
        let scheduler = &page.scheduler;
        scheduler.next_run.filter(|_| scheduler.is_running)
    });
    let soon = memo(move || {
        next.get()
            .map(|next| format!(", {}", format::ahead(next - board.now())))
    });
    view! {
        <span class="tabular-nums">
            {move || match next.get() {
                    Some(next) => view! { <Moment at=next short=true/> }.into_any(),
                    None => fixed("–"),
                }}
            {words(move || soon.get().unwrap_or_default())}
        </span>
    }
}

#[component]
fn LastRun() -> impl IntoView {
    let board = expect_context::<Board>();
    let last = board.part(|page| {
        page.scheduler
            .last_run
            .as_ref()
            .map(|log| (log.id, log.status, log.is_cancelled()))
    });
    // It may have left the table since.
    let shown = board.part(|page| {
        let last = page.scheduler.last_run.as_ref();
        last.is_some_and(|last| page.logs.iter().any(|log| log.id == last.id))
    });
    let id = move || last.get().map_or(0, |(id, ..)| id);
    let number = move || format!("#{}", id());
    let status = Signal::derive(move || {
        last.get()
            .map_or(ImportStatus::Running, |(_, status, _)| status)
    });
    let cancelled = whether(move || last.get().is_some_and(|(.., cancelled)| cancelled));
    either(
        move || last.get().is_some(),
        move || {
            view! {
                {either(
                    move || shown.get(),
                    move || view! { <a class="link" href=text(move || format!("#import-{}", id()))>{words(number)}</a> }.into_any(),
                    move || view! { <a class="link" rel="external" href=text(move || format!("/imports/{}", id()))>{words(number)}</a> }.into_any(),
                )}
                <StatusBadge status cancelled/>
            }
            .into_any()
        },
        || fixed("–"),
    )
}

#[component]
fn Switches() -> impl IntoView {
    let board = expect_context::<Board>();
    let run = Command::new::<TriggerScheduler>(started);
    let start = Command::new::<StartScheduler>(|()| "Scheduler started.".into());
    let dialog = NodeRef::<Dialog>::new();
    let stop = Command::new::<StopScheduler>(move |()| {
        dialog::close(dialog);
        "Scheduler stopped. An import that it started goes on.".into()
    });
    let asked = use_context::<Asked>().unwrap_or_default();
    let refused = asked.why_refused(StopScheduler::PATH);
    let configured = board.part(|page| page.scheduler.external_api_configured);
    let enabled = board.part(|page| page.scheduler.enabled);
    let unconfigured = whether(move || !configured.get());
    view! {
        <div class="grid gap-2 px-4.5 py-3.5" data-needs=OPERATOR>
            <div id=SWITCHES class="flex gap-2">
                <CommandForm command=run>
                    <CommandButton pending=run.pending() says="Run now" waiting="Starting…" class="min-w-24" disabled=unconfigured/>
                </CommandForm>
                {either(
                    move || enabled.get(),
                    move || {
                        browser::keep_focus(SWITCHES, STOP.to_owned());
                        view! {
                        <button
                            type="button"
                            id=STOP
                            class="btn btn-quiet min-h-8.5 min-w-24"
                            data-needs=ADMIN
                            commandfor="stop-scheduler"
                            command="show-modal"
                            aria-haspopup="dialog"
                            aria-label="Stop the scheduler"
                            on:click=move |event| {
                                event.prevent_default();
                                dialog::show(dialog);
                            }
                        >
                            "Stop…"
                        </button>
                    }.into_any()
                    },
                    move || {
                        browser::keep_focus(SWITCHES, START.to_owned());
                        view! {
                        <CommandForm command=start needs=ADMIN>
                            <CommandButton id=START pending=start.pending() says="Start" waiting="Starting…" class="min-w-24" label="Start the scheduler" disabled=unconfigured/>
                        </CommandForm>
                    }.into_any()
                    },
                )}
            </div>
            <Problem command=run/>
            <Problem command=start/>
            // Without scripts the question is closed when it was refused.
            {refused.map(|why| view! { <p role="alert" class="text-[13px] text-bad wrap-anywhere">{fixed(&why)}</p> })}
            <dialog id="stop-scheduler" node_ref=dialog class="dialog" aria-labelledby="stop-heading" aria-describedby="stop-text">
                <h2 id="stop-heading" class="text-base">"Stop the scheduler?"</h2>
                <p id="stop-text" class="mt-1.5 text-muted">
                    "No results are fetched until somebody starts it again. An import that it started goes on."
                </p>
                <Problem command=stop/>
                <div class="mt-5 flex justify-end gap-2">
                    <form method="dialog">
                        <button type="submit" class="btn">"Keep it running"</button>
                    </form>
                    <CommandForm command=stop needs=ADMIN>
                        <CommandButton pending=stop.pending() says="Stop it" waiting="Stopping…" class="btn-danger-solid min-w-24"/>
                    </CommandForm>
                </div>
            </dialog>
        </div>
    }
}
