//! The import logs: the seed's columns, the latest 20, and older failures that are still open.

use leptos::prelude::*;

use super::{
    arriving::one_by_one,
    board::Board,
    clear_dialog::ClearLogs,
    fold_row::FoldRow,
    format,
    import_row::ImportRow,
    reactive::{memo, when, words},
};
use crate::model::{
    asked::{Asked, Shows},
    import_log::{ImportLog, ImportStatus},
    scheduler::SchedulerPage,
};

/// The panel with the table and what concerns all logs.
#[component]
pub fn ImportTable() -> impl IntoView {
    let board = expect_context::<Board>();
    let logs = board.part(|page| page.logs.clone());
    let rows = one_by_one(memo(move || board.shown.with(rows)));
    let asked = use_context::<Asked>().unwrap_or_default();
    let row = move |key: i32| {
        board.shown.with_untracked(|page| {
            let mut logs = page.logs.iter();
            let mut folds = page.folds.iter();
            match logs.find(|log| key > 0 && log.id == key).cloned() {
                Some(first) => Some(view! { <ImportRow first/> }.into_any()),
                None => folds.find(|fold| fold.key == key).cloned().map(|first| {
                    view! { <FoldRow first open=asked.details == Some(key)/> }.into_any()
                }),
            }
        })
    };
    // The other way to show the scheduled runs.
    let (switched, switch) = if asked.shows.all_runs {
        (false, "Fold quiet runs")
    } else {
        (true, "Show every run")
    };
    let switched = Shows {
        all_runs: switched,
        ..asked.shows
    };
    let empty = memo(move || logs.with(Vec::is_empty));
    let older = board.part(|page| page.older_failures);
    let more = board.part(|page| page.more_failures);
    let which = move || match older.get() {
        0 => "latest 20".to_owned(),
        older => format!(
            "latest 20, and {} still unresolved",
            format::count(older, "older failure", "older failures")
        ),
    };
    let notices = board.live.notices;
    let ended = Memo::new(move |before: Option<&Ended>| {
        logs.with(|logs| Ended::seen(before, logs, |id| notices.tell_of(id)))
    });
    view! {
        <section class="panel" aria-labelledby="logs-heading">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4.5 py-3.5">
                <h2 id="logs-heading">"Import logs"</h2>
                <span class="text-[13px] text-muted">{words(which)}</span>
                <p class="sr-only" role="status" aria-label="Imports that ended">{words(move || ended.with(|ended| ended.says.clone()))}</p>
                <div class="ml-auto flex flex-wrap justify-end gap-2">
                    <a class="btn btn-quiet" href=switched.address(None) rel="external">{switch}</a>
                    <a class="btn" href="/imports" rel="external">"All imports"</a>
                    <a class="btn" href="/export-data" download="" rel="external">"Export backup"</a>
                    <ClearLogs/>
                </div>
            </div>
            <table class="imports" aria-labelledby="logs-heading">
                <thead>
                    <tr>
                        <th scope="col">"Filename"</th>
                        <th scope="col" class="w-28">"Type"</th>
                        <th scope="col" class="w-40">"Started"</th>
                        <th scope="col" class="w-52">"Status"</th>
                        <th scope="col" class="num w-26">"Records"</th>
                        <th scope="col" class="num w-20">"Games"</th>
                        <th scope="col" class="num w-26">"Results"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|key| *key let:key>
                        {row(key)}
                    </For>
                </tbody>
            </table>
            {when(move || { more.get() > 0 }, move || view! { <More more/> }.into_any())}
            {when(move || empty.get(), || view! { <Empty/> }.into_any())}
        </section>
    }
}

/// The rows by their keys, which say what they are: an import's id, or a fold's key.
fn rows(page: &SchedulerPage) -> Vec<i32> {
    let mut keys: Vec<i32> = page.logs.iter().map(|log| log.id).collect();
    for fold in page.folds.iter().rev() {
        keys.insert(fold.above.min(keys.len()), fold.key);
    }
    keys
}

/// How many open failures have no row, and where they have one.
#[component]
fn More(more: Memo<i64>) -> impl IntoView {
    let all = use_context::<Asked>().is_some_and(|asked| asked.shows.all_failures);
    let says = words(move || {
        let failures = format::count(more.get(), "more open failure", "more open failures");
        format!("And {failures}, older than these.")
    });
    view! {
        <p class="border-t border-line-soft px-4.5 py-3 text-[13px] text-muted">
            {says}
            " "
            {if all {
                "Retry or dismiss some of those above to see them.".into_any()
            } else {
                view! { <a class="link" href="/?failures=all" rel="external">"Show all"</a> }.into_any()
            }}
        </p>
    }
}

/// What ended since the last refresh, for those who can't see the badges change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Ended {
    running: Vec<i32>,
    newest: i32,
    says: String,
}

impl Ended {
    /// What is new since `before`, but for what is told elsewhere.
    fn seen(before: Option<&Self>, logs: &[ImportLog], is_told: impl Fn(i32) -> bool) -> Self {
        let running = |log: &&ImportLog| log.status == ImportStatus::Running;
        let mut now = Self {
            running: logs.iter().filter(running).map(|log| log.id).collect(),
            newest: logs.iter().map(|log| log.id).max().unwrap_or_default(),
            says: String::new(),
        };
        if let Some(before) = before {
            // A quick one may have begun since, too.
            let news: Vec<String> = logs
                .iter()
                .filter(|log| before.running.contains(&log.id) || log.id > before.newest)
                .filter(|log| !running(log) && !is_told(log.id))
                .map(ImportLog::ending)
                .collect();
            now.newest = now.newest.max(before.newest);
            now.says = if news.is_empty() {
                before.says.clone()
            } else {
                news.join(" ")
            };
        }
        now
    }
}

/// What a newcomer sees.
#[component]
fn Empty() -> impl IntoView {
    let board = expect_context::<Board>();
    let stored = board.part(|page| page.has_results);
    view! {
        <div class="px-4.5 py-10 text-center">
            <p class="font-semibold">"No imports yet"</p>
            <p class="mx-auto mt-1 max-w-[46ch] text-[13px] text-muted">
                {words(move || {
                    if stored.get() {
                        "The logs were cleared; the imported data is still there. The next import appears here as soon as it starts."
                    } else {
                        "Press “Import sample” first: it loads one day of draws and takes a moment. Each import appears here as soon as it starts."
                    }
                })}
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{import_log::ImportType, sample_log::ended};

    #[test]
    fn what_has_ended_is_told_with_its_outcome() {
        let good = ImportLog {
            id: 3,
            results_created: 3,
            records_processed: 5,
            records_rejected: 2,
            ..ended(ImportType::Backup)
        };
        let running = ImportLog {
            status: ImportStatus::Running,
            ..good.clone()
        };
        let before = Ended::seen(None, &[running], |_| false);
        assert_eq!(before.says, "");
        let told = Ended::seen(Some(&before), std::slice::from_ref(&good), |id| id == 3);
        assert_eq!(told.says, "", "a notice says it");
        let now = Ended::seen(Some(&before), &[good], |_| false);
        assert_eq!(
            now.says,
            "Import #3 succeeded: Added 3 results; 2 of 5 records were rejected."
        );
    }
}
