//! What a row says besides its columns: size or dates, what was odd, and why it failed.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{
    calendar, format,
    live::Board,
    reactive::{built, memo, text},
};
use crate::model::import_log::ImportLog;

/// Messages up to this length are shown whole; longer ones open with a click.
const SHORT: usize = 120;

/// The quiet line: `#12 · 46.1 kB · 3 rejected`.
fn notes(log: &ImportLog, today: NaiveDate) -> String {
    let mut notes = vec![format!("#{}", log.id)];
    if let Some(size) = log.file_size.and_then(|size| u64::try_from(size).ok()) {
        notes.push(format::bytes(size));
    }
    if let (Some(start), Some(end)) = (log.range_start, log.range_end) {
        let days = (end - start).num_days() + 1;
        notes.push(calendar::days(start, end, today));
        let all = format::count(days, "day", "days");
        notes.push(match log.failed_dates {
            Some(failed) if failed > 0 => format!("{failed} of {all} failed"),
            _ => all,
        });
    }
    if log.records_rejected > 0 {
        notes.push(format!(
            "{} rejected",
            format::thousands(log.records_rejected.into())
        ));
    }
    if log.duplicates > 0 {
        notes.push(format::count(
            log.duplicates.into(),
            "duplicate",
            "duplicates",
        ));
    }
    if let Some(first) = log.retry_of {
        notes.push(format!("retry of #{first}"));
    }
    if let Some(later) = log.resolved_by {
        notes.push(format!("resolved by #{later}"));
    }
    notes.join(" · ")
}

/// The quiet line, and the message of a failure.
#[component]
pub fn RowNotes(log: Memo<ImportLog>) -> impl IntoView {
    let board = expect_context::<Board>();
    let message = memo(move || log.with(|log| log.error_message.clone()));
    view! {
        <p class="tiny">{text(move || log.with(|log| notes(log, board.today())))}</p>
        {built(
            Box::new(move || match message.get() {
                Some(message) => view! { <Message message/> }.into_any(),
                None => ().into_any(),
            }),
        )}
    }
    .into_any()
}

/// Why it failed: two lines of it, and the whole one click away.
#[component]
fn Message(message: String) -> impl IntoView {
    if message.chars().count() <= SHORT {
        return view! { <p class="message">{message}</p> }.into_any();
    }
    view! {
        <details class="message group">
            <summary>
                <span class="line-clamp-2 group-open:line-clamp-none">{message}</span>
                <span class="font-semibold underline underline-offset-2">
                    <span class="group-open:hidden">"Show all"</span>
                    <span class="hidden group-open:inline">"Show less"</span>
                </span>
            </summary>
        </details>
    }
    .into_any()
}
