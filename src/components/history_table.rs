//! The history's rows, and the ways to its other pages.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use leptos::prelude::*;

use super::{
    calendar,
    differences::Said,
    format,
    history_bulk::bulk_links,
    import_row::{name, type_in_words},
    reactive::fixed,
    row_notes::{notes, why_failed},
    status_badge::StatusBadge,
};
use crate::model::{
    history::{COUNTED, HistoryPage, Zone},
    import_log::{ImportLog, ImportStatus, ImportType},
};

/// A moment as the clocks of a zone show it.
#[must_use]
pub fn local(at: DateTime<Utc>, zone: Zone) -> NaiveDateTime {
    at.naive_utc() + Duration::minutes(zone.offset_minutes(at))
}

/// How many there are, in words.
fn matches(page: &HistoryPage) -> String {
    if page.matches > COUNTED {
        let counted = i64::try_from(COUNTED).unwrap_or(i64::MAX);
        return format!("over {} imports", format::thousands(counted));
    }
    let number = i64::try_from(page.matches).unwrap_or(i64::MAX);
    format::count(number, "import", "imports")
}

/// The rows.
#[component]
pub fn HistoryTable(page: HistoryPage) -> impl IntoView {
    let matches = matches(&page);
    let zone = page.zone;
    let nothing = Nothing::of(&page);
    let none = page.slice.logs.is_empty();
    let pager = view! { <Pager newer=page.newer older=page.older/> };
    view! {
        <section class="panel" aria-labelledby="history-heading">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4.5 py-3.5">
                <h2 id="history-heading">"History"</h2>
                <span class="text-[13px] text-muted">{matches}" · times and days of "<span translate="no">{zone.in_words()}</span></span>
                <div class="ml-auto flex flex-wrap gap-2">
                    {(!none).then(|| bulk_links(&page.bulk))}
                    <a class="btn" href=page.csv download="" rel="external">"Download CSV"</a>
                </div>
            </div>
            {if none {
                nothing.view()
            } else {
                rows(page.slice.logs, zone, "history-heading")
            }}
            {pager}
        </section>
    }
}

/// Logs as a table that an element names.
#[must_use]
pub fn rows(logs: Vec<ImportLog>, zone: Zone, heading: &'static str) -> AnyView {
    let rows = logs.into_iter().map(|log| view! { <Row log zone/> });
    view! {
        <table class="imports" aria-labelledby=heading>
            <thead>
                <tr>
                    <th scope="col">"Import"</th>
                    <th scope="col" class="w-28">"Type"</th>
                    <th scope="col" class="w-40">"Started"</th>
                    <th scope="col" class="w-36">"Status"</th>
                    <th scope="col" class="num w-26">"Records"</th>
                    <th scope="col" class="num w-20">"Games"</th>
                    <th scope="col" class="num w-26">"Results"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[component]
fn Row(log: ImportLog, zone: Zone) -> impl IntoView {
    let id = log.id;
    let name = name(&log, zone.today);
    let quiet = notes(&log);
    let differences = Said::of(&log, zone.today).map(Said::view);
    let rejected = log.rejected_of_success();
    let (status, cancelled) = (log.status, log.is_cancelled());
    let started = local(log.started_at, zone);
    let took = match log.completed_at {
        Some(end) => format::duration(end - log.started_at),
        None => "not over yet".to_owned(),
    };
    // Of a file nothing counts before all of it does.
    let counts = status != ImportStatus::Running || log.import_type == ImportType::DateRange;
    let number = |number: i32| {
        if counts {
            format::thousands(number.into())
        } else {
            "–".to_owned()
        }
    };
    view! {
        <tr id=format!("import-{id}")>
            <th scope="row" class="c-file" abbr=format!("#{id}")>
                <p class="font-[550] wrap-anywhere" translate="no">
                    <a class="link" href=format!("/imports/{id}")>{name}</a>
                </p>
                <p class="tiny">{quiet}</p>
                {log.note.clone().map(|note| view! { <p class="tiny">{note}</p> })}
                {log.error_message.as_ref().map(|message| why_failed(message, cancelled))}
                {differences}
            </th>
            <td class="c-type">{type_in_words(log.import_type)}</td>
            <td class="c-started">
                <time translate="no" datetime=calendar::machine(log.started_at) title=calendar::full(started, zone.offset_minutes(log.started_at)) class="whitespace-nowrap tabular-nums">
                    {calendar::moment(started, zone.today)}
                </time>
                <p class="tiny">{took}</p>
            </td>
            <td class="c-status">
                <StatusBadge status=Signal::stored(status) cancelled=Signal::stored(cancelled)/>
                {rejected.map(|rejected| view! { <span class="badge badge-odd">{fixed(&rejected)}</span> })}
            </td>
            <td class="num" translate="no" data-label="records">{format::thousands(log.records_processed.into())}</td>
            <td class="num" translate="no" data-label="games">{number(log.games_created)}</td>
            <td class="num" translate="no" data-label="results">{number(log.results_created)}</td>
        </tr>
    }
}

/// Why there are no rows.
enum Nothing {
    /// Nobody has imported anything yet.
    AtAll,
    /// None matches the filters.
    Matching,
    /// The history ends before this page; its newest page is here.
    Here(String),
}

impl Nothing {
    fn of(page: &HistoryPage) -> Self {
        if page.matches > 0 {
            Self::Here(page.bulk.here.clone())
        } else if page.asked.is_empty() {
            Self::AtAll
        } else {
            Self::Matching
        }
    }

    fn view(self) -> AnyView {
        let start = ("Start an import", "/".to_owned());
        let all = ("Show all imports", "/imports".to_owned());
        let (says, ways) = match self {
            Self::AtAll => ("No imports yet.", vec![start]),
            Self::Matching => ("No import matches these filters.", vec![all, start]),
            Self::Here(newest) => (
                "There are no imports on this page any more.",
                vec![("Show the newest", newest)],
            ),
        };
        let ways = ways.into_iter().map(|(leads, address)| {
            view! { <p class="mt-3"><a class="btn" href=address>{leads}</a></p> }
        });
        view! {
            <div class="px-4.5 py-10 text-center">
                <p class="font-semibold">{says}</p>
                {ways.collect_view()}
            </div>
        }
        .into_any()
    }
}

/// The pages beside this one.
#[component]
pub fn Pager(
    #[prop(default = "Pages of the history")] label: &'static str,
    newer: Option<String>,
    older: Option<String>,
) -> impl IntoView {
    (newer.is_some() || older.is_some()).then(|| {
        let newer =
            newer.map(|address| view! { <a class="btn" rel="prev" href=address>"Newer"</a> });
        let older = older
            .map(|address| view! { <a class="btn ml-auto" rel="next" href=address>"Older"</a> });
        view! {
            <nav aria-label=label class="flex gap-2 border-t border-line-soft px-4.5 py-3">
                {newer}
                {older}
            </nav>
        }
    })
}
