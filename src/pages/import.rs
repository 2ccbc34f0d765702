//! One import's page: what is known of it, and what can be done. It needs no scripts.

use leptos::{prelude::*, server_fn::ServerFn as _};

use crate::{
    components::{
        about::{FactList, Rejects, facts},
        calendar,
        dates::Dates,
        differences::DifferenceTable,
        format,
        frame::Frame,
        history_table::local,
        import_row::name,
        import_row::type_in_words,
        reactive::fixed,
        status_badge::StatusBadge,
    },
    error::AppError,
    model::{
        history::{ImportPage as Shown, Zone},
        import_log::{FailureKind, ImportLog, ImportStatus},
    },
    server_fns::imports::{CancelImport, DismissFailure, RetryImport},
};

/// The page, of what its context holds.
#[component]
pub fn ImportPage() -> impl IntoView {
    let content = match expect_context::<Result<Shown, AppError>>() {
        Ok(page) => view! { <Whole page/> }.into_any(),
        Err(error) => view! {
            <h1>"Import"</h1>
            <section class="panel card max-w-[60ch]" role="alert">
                <h2 class="text-bad">"The import can't be shown"</h2>
                <p>{fixed(&error.message)}</p>
                <p><a class="btn" href="/imports">"Show all imports"</a></p>
            </section>
        }
        .into_any(),
    };
    view! { <Frame here="/imports">{content}</Frame> }
}

#[component]
fn Whole(page: Shown) -> impl IntoView {
    let Shown {
        details,
        zone,
        refused,
    } = page;
    let log = details.log;
    let when = |at| calendar::full(local(at, zone), zone.offset_minutes(at));
    let mut known = facts(&log, when);
    if let Some(size) = log.file_size.and_then(|size| u64::try_from(size).ok()) {
        known.insert(0, ("Size", format::bytes(size)));
    }
    if let Some(end) = log.completed_at {
        known.insert(2, ("Took", format::duration(end - log.started_at)));
    }
    for (name, number) in [
        ("Records", log.records_processed),
        ("Games added", log.games_created),
        ("Results added", log.results_created),
    ] {
        known.push((name, format::thousands(number.into())));
    }
    let (status, cancelled) = (log.status, log.is_cancelled());
    // What nobody can run again, its message tells how to mend.
    let helps = |kind: &FailureKind| {
        log.retryable || matches!(kind, FailureKind::InvalidInput | FailureKind::Internal)
    };
    let what_next = log.failure_kind.filter(helps).map(what_next);
    view! {
        <p class="text-[13px]"><a class="link" href="/imports">"All imports"</a></p>
        <div class="flex flex-wrap items-center gap-3">
            <h1 class="min-w-0 wrap-anywhere" translate="no">{fixed(&name(&log, zone.today))}</h1>
            <StatusBadge status=Signal::stored(status) cancelled=Signal::stored(cancelled)/>
            <span class="text-muted">{format!("#{} · {}", log.id, type_in_words(log.import_type))}</span>
        </div>
        {refused.map(|why| view! { <p role="alert" class="text-bad">{fixed(&why)}</p> })}
        <section class="panel card">
            <h2>"What became of it"</h2>
            <p class="wrap-anywhere">{fixed(&log.outcome())}</p>
            {log.note.clone().map(|note| view! { <p class="text-muted wrap-anywhere">{fixed(&note)}</p> })}
            {what_next.map(|what| view! { <p class="text-muted">{fixed(what)}</p> })}
            <Related log=log.clone()/>
            <Actions log=log.clone()/>
        </section>
        <section class="panel card">
            <h2>"Facts"</h2>
            <FactList facts=known/>
        </section>
        <Parts log dates=details.dates rejects=details.rejects zone/>
    }
}

#[component]
fn Parts(
    log: ImportLog,
    dates: Vec<crate::model::import_log::ImportDate>,
    rejects: Vec<crate::model::import_log::ImportReject>,
    zone: Zone,
) -> impl IntoView {
    let ended = log.status != ImportStatus::Running;
    let today = zone.today;
    let (id, all) = (log.id, log.records_rejected);
    let panel = |content: AnyView| view! { <div class="panel card">{content}</div> };
    let has_dates = !dates.is_empty();
    let has_rejects = !rejects.is_empty();
    let has_differences = !log.differences.0.is_empty();
    view! {
        {has_dates.then(|| panel(view! { <Dates ended dates today/> }.into_any()))}
        {has_rejects.then(|| panel(view! { <Rejects id all rejects today/> }.into_any()))}
        {has_differences.then(|| panel(view! { <DifferenceTable log today/> }.into_any()))}
    }
}

/// Other imports that have to do with it.
#[component]
fn Related(log: ImportLog) -> impl IntoView {
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
    related.collect_view()
}

/// What can be done with it.
#[component]
fn Actions(log: ImportLog) -> impl IntoView {
    let id = log.id;
    let running = log.status == ImportStatus::Running;
    let again = if log.is_cancelled() {
        "Run again"
    } else {
        "Retry"
    };
    let actions = [
        (
            running && !log.cancel_requested,
            CancelImport::PATH,
            "Cancel",
        ),
        (log.retryable, RetryImport::PATH, again),
        (log.open_failure, DismissFailure::PATH, "Dismiss"),
    ];
    let actions = actions
        .into_iter()
        .filter(|(can, ..)| *can)
        .map(|(_, path, says)| {
            view! {
                <form method="post" action=path>
                    <input type="hidden" name="id" value=id/>
                    <button type="submit" class="btn">{says}</button>
                </form>
            }
        });
    view! { <div class="flex flex-wrap gap-2 empty:hidden print:hidden">{actions.collect_view()}</div> }
}

/// What a kind of failure means, and what to do about it.
const fn what_next(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Cancelled => {
            "Somebody stopped it. Nothing is broken; run it again whenever you like."
        }
        FailureKind::Interrupted => {
            "The process that worked on it stopped, and it could not be finished. Its data is fine: run it again."
        }
        FailureKind::InvalidInput => {
            "Its data can't be used, however often it is tried. Mend the file or the source, then import it anew."
        }
        FailureKind::SourceUnavailable => {
            "What it reads from could not be reached. Once that is back, run it again."
        }
        FailureKind::Internal => {
            "This is a fault of NumWatch. The server's log has the cause under the import's number."
        }
        FailureKind::Unknown => "A newer version of NumWatch knows this reason.",
    }
}
