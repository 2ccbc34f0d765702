//! What a row says besides its columns: size or dates, what was odd, and why it failed.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{
    calendar,
    differences::Said,
    format,
    live::Board,
    reactive::{built, fixed, memo, words},
};
use crate::model::import_log::{ImportLog, ImportType};

/// Messages up to this length are shown whole; longer ones open with a click.
const SHORT: usize = 120;

/// The quiet line: `#12 · 46.1 kB · 3 rejected`.
fn notes(log: &ImportLog, today: NaiveDate) -> String {
    let mut notes = vec![format!("#{}", log.id)];
    if let Some(size) = log.file_size.and_then(|size| u64::try_from(size).ok()) {
        notes.push(format::bytes(size));
    }
    if let (Some(start), Some(end)) = (log.range_start, log.range_end) {
        notes.push(calendar::days(start, end, today));
        // A retry asks only for some of the days between.
        let days = log.progress_total;
        let days = days.unwrap_or_else(|| (end - start).num_days() + 1);
        let all = format::count(days, "day", "days");
        notes.push(match log.failed_dates {
            Some(failed) if failed > 0 => format!("{failed} of {all} failed"),
            _ => all,
        });
    }
    let differ = if log.results_differing == 1 {
        "differs"
    } else {
        "differ"
    };
    for (number, what) in [
        (log.results_corrected, "corrected"),
        (log.results_differing, differ),
        (log.records_rejected, "rejected"),
    ] {
        if number > 0 {
            notes.push(format!("{} {what}", format::thousands(number.into())));
        }
    }
    // A feed repeats its draws in several sections: that is how it is, and nothing to tell.
    if log.duplicates > 0 && log.import_type == ImportType::Backup {
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

/// The quiet line, what else there is to say, the message of a failure, and values that differ.
#[component]
pub fn RowNotes(log: Memo<ImportLog>) -> impl IntoView {
    let board = expect_context::<Board>();
    let said = memo(move || {
        log.with(|log| {
            (
                log.note.clone(),
                log.error_message.clone(),
                Said::of(log, board.today()),
            )
        })
    });
    view! {
        <p class="tiny">{words(move || log.with(|log| notes(log, board.today())))}</p>
        {built(
            Box::new(move || {
                let (note, message, differences) = said.get();
                view! {
                    {note.map(|note| view! { <p class="tiny">{fixed(&note)}</p> })}
                    {message.map(|message| view! { <Message message/> })}
                    {differences.map(Said::view)}
                }
                .into_any()
            }),
        )}
    }
    .into_any()
}

/// Why it failed: two lines of it, and the whole one click away.
#[component]
fn Message(message: String) -> impl IntoView {
    if message.chars().count() <= SHORT {
        return view! { <p class="message">{fixed(&message)}</p> }.into_any();
    }
    view! {
        <details class="message group">
            <summary>
                <span class="line-clamp-2 group-open:line-clamp-none">{fixed(&message)}</span>
                <span class="font-semibold underline underline-offset-2">
                    <span class="group-open:hidden">"Show all"</span>
                    <span class="hidden group-open:inline">"Show less"</span>
                </span>
            </summary>
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample_log::ended;

    #[test]
    fn the_quiet_line_tells_what_was_odd() {
        let today = "2025-06-27".parse().expect("a date");
        let log = ImportLog {
            results_corrected: 2,
            results_differing: 3,
            records_rejected: 4,
            duplicates: 5,
            ..ended(ImportType::Backup)
        };
        assert_eq!(
            notes(&log, today),
            "#1 · 2 corrected · 3 differ · 4 rejected · 5 duplicates"
        );
        let feed = ImportLog {
            import_type: ImportType::SampleData,
            results_corrected: 0,
            results_differing: 0,
            ..log
        };
        assert_eq!(notes(&feed, today), "#1 · 4 rejected");
    }
}
