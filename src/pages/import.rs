//! One import's page: what is known of it, and what can be done. It needs no scripts.

use leptos::prelude::*;

use crate::{
    components::{
        about::{FactList, brought, facts},
        calendar,
        days::Days,
        differences::DifferenceTable,
        failure::explained,
        frame::Frame,
        history_table::local,
        import_actions::{actions, ask_to_remove},
        import_row::{name, type_in_words},
        progress,
        reactive::fixed,
        rejects::Rejects,
        status_badge::StatusBadge,
        timeline::timeline,
        undo::{self, ask_to_undo},
    },
    error::AppError,
    model::{
        import_log::{ImportLog, ImportStatus},
        import_page::{Asks, ImportPage as Page, Shown, Whole},
    },
};

/// The page, of what its context holds.
#[component]
pub fn ImportPage() -> impl IntoView {
    let content = match expect_context::<Result<Shown, AppError>>() {
        Ok(Shown::Import(page)) => view! { <Everything page=*page/> }.into_any(),
        Ok(Shown::Removed(id)) => instead(
            "Removed",
            &format!(
                "The log of import #{id} was removed. The games and results that it brought stay."
            ),
            "status",
        ),
        Err(error) => instead("The import can't be shown", &error.message, "alert"),
    };
    view! { <Frame here="/imports">{content}</Frame> }
}

/// What stands where there is no import to show.
fn instead(heading: &'static str, sentence: &str, role: &'static str) -> AnyView {
    view! {
        <h1>"Import"</h1>
        <section class="panel card max-w-[60ch]" role=role>
            <h2>{heading}</h2>
            <p>{fixed(sentence)}</p>
            <p><a class="btn" href="/imports">"Show all imports"</a></p>
        </section>
    }
    .into_any()
}

#[component]
fn Everything(page: Page) -> impl IntoView {
    let Page {
        whole,
        zone,
        refused,
        asks,
        left,
        address,
        ..
    } = page;
    let Whole {
        log,
        dates,
        events,
        rejects,
    } = whole;
    let today = zone.today;
    let ended = log.status != ImportStatus::Running;
    let name = name(&log, today);
    let when = |at| calendar::full(local(at, zone), zone.offset_minutes(at));
    let known = facts(&log, &events, name.clone(), when);
    let (status, cancelled) = (log.status, log.is_cancelled());
    let (id, rejected) = (log.id, log.records_rejected);
    let has_rejects = !rejects.rejects.is_empty();
    let differs = !log.differences.0.is_empty();
    view! {
        // What the script of light pages reads: which import this is, whether it runs, and what its end says.
        <p hidden data-live=id data-poll=(!ended).then_some("") data-says=ended.then(|| log.ending())></p>
        <p class="text-[13px] print:hidden"><a class="link" href="/imports">"All imports"</a></p>
        <div class="flex flex-wrap items-center gap-3">
            <h1 class="min-w-0 wrap-anywhere" translate="no">{fixed(&name)}</h1>
            <StatusBadge status=Signal::stored(status) cancelled=Signal::stored(cancelled)/>
            <span class="text-muted">{format!("#{id} · {}", type_in_words(log.import_type))}</span>
            <span class="address ml-auto text-[13px]"><a class="link" href=format!("/imports/{id}") translate="no">{address}</a></span>
        </div>
        {refused.map(|why| view! { <p role="alert" class="text-bad">{fixed(&why)}</p> })}
        {asks.filter(|_| ended).map(|asks| match asks {
            Asks::Remove => ask_to_remove(&log),
            Asks::Undo(undo) => ask_to_undo(&undo, today),
        })}
        <section class="panel card">
            <h2>"What became of it"</h2>
            <p class="wrap-anywhere">{fixed(&log.outcome())}</p>
            {(!ended).then(|| view! { <p class="text-muted tabular-nums">{fixed(&progress::line(&log))}</p> })}
            {log.note.clone().map(|note| view! { <p class="text-muted wrap-anywhere">{fixed(&note)}</p> })}
            {explained(&log).map(|it| view! {
                <p class="text-muted">{it.means}</p>
                <p><span class="font-semibold">"What to do: "</span>{fixed(&it.next)}</p>
            })}
            {related(&log)}
            {left.map(|undo| undo::left(&undo, today))}
            {actions(&log)}
        </section>
        <div class="grid items-start gap-5 lg:grid-cols-2 print:grid-cols-2 print:gap-3">
            <section class="panel card">
                <h2>"Facts"</h2>
                <FactList facts=known/>
            </section>
            <div class="grid gap-5 print:gap-3">
                <section class="panel card">
                    <h2>"What it brought"</h2>
                    <FactList facts=brought(&log)/>
                </section>
                <section class="panel card">
                    <h2>"What happened when"</h2>
                    {timeline(&log, &events, zone)}
                </section>
            </div>
        </div>
        {(!dates.is_empty()).then(|| view! { <Days ended dates today/> })}
        {has_rejects.then(|| view! { <Rejects id all=rejected page=rejects today/> })}
        {differs.then(|| view! { <section class="panel card imports"><DifferenceTable log today/></section> })}
    }
    .into_any()
}

/// Other imports that have to do with it.
fn related(log: &ImportLog) -> AnyView {
    let related = [
        ("It runs again what failed as ", log.retry_of),
        ("It failed again as ", log.superseded_by),
        ("What it lacks has come with ", log.resolved_by),
    ];
    let related = related.into_iter().filter_map(|(says, other)| {
        let other = other?;
        Some(view! {
            <p>
                {says}
                <a class="link" href=format!("/imports/{other}")>{format!("#{other}")}</a>
                "."
            </p>
        })
    });
    related.collect_view().into_any()
}
