//! One import log: its row, and the panel that opens below it.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{
    board::Board,
    calendar,
    details::Details,
    format,
    progress::Progress,
    reactive::{memo, when, whether, words},
    row_actions::RowActions,
    row_notes::RowNotes,
    status_badge::StatusBadge,
    time::Moment,
};
use crate::model::{
    asked::Asked,
    import_log::{ImportLog, ImportStatus, ImportType},
};

/// A type in words.
#[must_use]
pub const fn type_in_words(import_type: ImportType) -> &'static str {
    match import_type {
        ImportType::Backup => "backup",
        ImportType::DateRange => "date range",
        ImportType::SampleData => "sample data",
        ImportType::Unknown => "of a newer kind",
    }
}

/// What an import is called: by its file, its days, or its kind.
#[must_use]
pub fn name(log: &ImportLog, today: NaiveDate) -> String {
    match (&log.filename, log.range_start, log.range_end) {
        (Some(filename), ..) => filename.clone(),
        (None, Some(start), Some(end)) => {
            let span = calendar::days(start, end, today);
            // A retry, or what was missing: only some of the days between.
            match log.progress_total {
                Some(days) if days <= (end - start).num_days() => {
                    format!("{}, {span}", format::count(days, "day", "days"))
                }
                _ => span,
            }
        }
        _ if log.import_type == ImportType::SampleData => "Sample data".to_owned(),
        _ => format!("Import #{}", log.id),
    }
}

/// A row. It lives as long as its log is shown; a refresh changes only the texts that differ.
#[component]
pub fn ImportRow(first: ImportLog) -> impl IntoView {
    let board = expect_context::<Board>();
    let id = first.id;
    let log = board.kept(first, move |page| {
        page.logs.iter().find(|log| log.id == id).cloned()
    });
    let asked = use_context::<Asked>().and_then(|asked| asked.details);
    let open = RwSignal::new(asked == Some(id));
    Effect::new(move |before: Option<bool>| {
        let open = open.get();
        if before.is_some_and(|before| before != open) {
            board.opened(id, open);
        }
        open
    });
    let running = memo(move || log.with(|log| log.status == ImportStatus::Running));
    let number = move |part: fn(&ImportLog) -> i32, later: bool| {
        words(move || {
            let (number, counts_already) = log.with(|log| {
                // A range has committed some of its days while it asks for others.
                (part(log), log.import_type == ImportType::DateRange)
            });
            if later && running.get() && !counts_already {
                "–".to_owned()
            } else {
                format::thousands(number.into())
            }
        })
    };
    let rejected = memo(move || log.with(ImportLog::rejected_of_success));
    let took = move || {
        log.with(|log| match log.completed_at {
            Some(end) => format::duration(end - log.started_at),
            None => format!("{} so far", format::whole(board.now() - log.started_at)),
        })
    };
    view! {
        <tr id=format!("import-{id}") class:open=open>
            <th scope="row" class="c-file" abbr=format!("#{id}")>
                <p class="font-[550] wrap-anywhere" translate="no">{words(move || log.with(|log| name(log, board.today())))}</p>
                <RowNotes log/>
                {when(move || running.get(), move || view! { <Progress log/> }.into_any())}
            </th>
            <td class="c-type">{words(move || log.with(|log| type_in_words(log.import_type)))}</td>
            <td class="c-started">
                <Moment at=Signal::derive(move || log.with(|log| log.started_at))/>
                <p class="tiny">{words(took)}</p>
            </td>
            <td class="c-status">
                <StatusBadge
                    status=Signal::derive(move || log.with(|log| log.status))
                    cancelled=whether(move || log.with(ImportLog::is_cancelled))
                />
                {when(
                    move || rejected.with(Option::is_some),
                    move || view! { <span class="badge badge-odd">{words(move || rejected.get().unwrap_or_default())}</span> }.into_any(),
                )}
                <RowActions log open/>
            </td>
            <td class="num" translate="no" data-label="records">{number(|log| log.records_processed, false)}</td>
            <td class="num" translate="no" data-label="games">{number(|log| log.games_created, true)}</td>
            <td class="num" translate="no" data-label="results">{number(|log| log.results_created, true)}</td>
        </tr>
        {when(
            move || open.get(),
            move || {
                view! {
                    <tr class="c-details">
                        <td colspan="7" id=format!("details-{id}")>
                            <Details log/>
                        </td>
                    </tr>
                }
                .into_any()
            },
        )}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample_log::ended;

    #[test]
    fn an_import_is_called_by_what_it_brings() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let today = day("2026-11-25");
        let range = ImportLog {
            range_start: Some(day("2026-11-17")),
            range_end: Some(day("2026-11-23")),
            ..ended(ImportType::DateRange)
        };
        assert_eq!(name(&range, today), "17–23 Nov");
        let some = ImportLog {
            progress_total: Some(3),
            ..range
        };
        assert_eq!(name(&some, today), "3 days, 17–23 Nov");
        let all = ImportLog {
            progress_total: Some(7),
            ..some
        };
        assert_eq!(name(&all, today), "17–23 Nov");
        assert_eq!(name(&ended(ImportType::SampleData), today), "Sample data");
        assert_eq!(name(&ended(ImportType::Backup), today), "Import #1");
        let file = ImportLog {
            filename: Some("ผล.json".into()),
            ..ended(ImportType::Backup)
        };
        assert_eq!(name(&file, today), "ผล.json");
    }
}
