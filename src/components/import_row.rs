//! One import log: its row, and the panel that opens below it.

use leptos::prelude::*;

use super::{
    board::Board,
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

/// A row. It lives as long as its log is shown; a refresh changes only the texts that differ.
#[component]
pub fn ImportRow(first: ImportLog) -> impl IntoView {
    let board = expect_context::<Board>();
    let id = first.id;
    let log = Memo::new(move |before: Option<&ImportLog>| {
        let found = board
            .shown
            .with(|page| page.logs.iter().find(|log| log.id == id).cloned());
        // Between leaving the list and leaving the page a row keeps what it showed.
        found
            .or_else(|| before.cloned())
            .unwrap_or_else(|| first.clone())
    });
    let asked = use_context::<Asked>().and_then(|asked| asked.details);
    let open = RwSignal::new(asked == Some(id));
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
                <p class="font-[550] wrap-anywhere" translate="no">{words(move || log.with(|log| log.filename.clone().unwrap_or_else(|| "–".into())))}</p>
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
