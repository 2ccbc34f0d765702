//! What a row says besides its columns: size or dates, what was odd, and why it failed.

use leptos::prelude::*;

use super::{
    board::Board,
    differences::Said,
    format,
    reactive::{fixed, memo, words},
};
use crate::model::import_log::{ImportLog, ImportType};

/// Messages up to this length are shown whole; longer ones open with a click.
const SHORT: usize = 120;

/// The quiet line: `#12 · 46.1 kB · 3 rejected`.
#[must_use]
pub fn notes(log: &ImportLog) -> String {
    let mut notes = vec![format!("#{}", log.id)];
    if let Some(size) = log.file_size.and_then(|size| u64::try_from(size).ok()) {
        notes.push(format::bytes(size));
    }
    if let (Some(start), Some(end)) = (log.range_start, log.range_end) {
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
        // Of a success it stands beside the status.
        (
            if log.rejected_of_success().is_some() {
                0
            } else {
                log.records_rejected
            },
            "rejected",
        ),
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
    match (log.resolved_by, log.superseded_by) {
        (Some(later), _) => notes.push(format!("resolved by #{later}")),
        (None, Some(later)) => notes.push(format!("failed again as #{later}")),
        (None, None) if log.dismissed => notes.push("dismissed".to_owned()),
        (None, None) => {}
    }
    if log.undone_at.is_some() {
        notes.push("undone".to_owned());
    }
    // What failed again is retried there.
    if log.lacks_its_upload() && log.superseded_by.is_none() {
        notes.push("upload no longer kept: a retry needs the file again".to_owned());
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
                log.error_message
                    .clone()
                    .map(|message| (message, log.is_cancelled())),
                Said::of(log, board.today()),
            )
        })
    });
    view! {
        <p class="tiny">{words(move || log.with(notes))}</p>
        {move || {
                let (note, message, differences) = said.get();
                view! {
                    {note.map(|note| view! { <p class="tiny">{fixed(&note)}</p> })}
                    {message.map(|(message, calm)| why_failed(&message, calm))}
                    {differences.map(Said::view)}
                }
                .into_any()
            }}
    }
}

/// Why it failed: two lines of it, and the whole one click away. Of what somebody stopped it is told in calm.
#[must_use]
pub fn why_failed(message: &str, calm: bool) -> AnyView {
    let class = if calm { "message calm" } else { "message" };
    if message.chars().count() <= SHORT {
        return view! { <p class=class>{fixed(message)}</p> }.into_any();
    }
    view! {
        <details class=format!("{class} group")>
            <summary>
                <span class="line-clamp-2 group-open:line-clamp-none">{fixed(message)}</span>
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
    use crate::model::{
        import_log::{FailureKind, ImportStatus},
        sample_log::ended,
    };

    #[test]
    fn the_quiet_line_tells_what_was_odd() {
        let log = ImportLog {
            results_corrected: 2,
            results_differing: 3,
            records_rejected: 4,
            duplicates: 5,
            ..ended(ImportType::Backup)
        };
        assert_eq!(notes(&log), "#1 · 2 corrected · 3 differ · 5 duplicates");
        let feed = ImportLog {
            import_type: ImportType::SampleData,
            results_corrected: 0,
            results_differing: 0,
            status: ImportStatus::Failed,
            ..log
        };
        assert_eq!(notes(&feed), "#1 · 4 rejected");
    }

    #[test]
    fn a_failure_says_what_settled_it() {
        let log = ImportLog {
            status: ImportStatus::Failed,
            ..ended(ImportType::SampleData)
        };
        assert_eq!(notes(&log), "#1");
        let dismissed = ImportLog {
            dismissed: true,
            ..log
        };
        assert_eq!(notes(&dismissed), "#1 · dismissed");
        let superseded = ImportLog {
            superseded_by: Some(2),
            ..dismissed
        };
        assert_eq!(notes(&superseded), "#1 · failed again as #2");
        let resolved = ImportLog {
            resolved_by: Some(3),
            ..superseded
        };
        assert_eq!(notes(&resolved), "#1 · resolved by #3");
    }

    #[test]
    fn a_failure_whose_upload_is_gone_says_that_a_retry_needs_the_file() {
        let gone = ImportLog {
            status: ImportStatus::Failed,
            payload_sha256: Some("0".repeat(64)),
            ..ended(ImportType::Backup)
        };
        assert_eq!(
            notes(&gone),
            "#1 · upload no longer kept: a retry needs the file again"
        );
        let kept = ImportLog {
            retryable: true,
            ..gone.clone()
        };
        assert_eq!(notes(&kept), "#1");
        let never_whole = ImportLog {
            payload_sha256: None,
            ..gone.clone()
        };
        assert_eq!(notes(&never_whole), "#1");
        let wrong = ImportLog {
            failure_kind: Some(FailureKind::InvalidInput),
            ..gone.clone()
        };
        assert_eq!(notes(&wrong), "#1");
        let superseded = ImportLog {
            superseded_by: Some(2),
            ..gone
        };
        assert_eq!(notes(&superseded), "#1 · failed again as #2");
    }

    /// A retry asks for some of the days between its first and last.
    #[test]
    fn a_retried_range_shows_its_own_days() {
        let day = |text: &str| Some(text.parse().expect("a date"));
        let log = ImportLog {
            range_start: day("2025-06-18"),
            range_end: day("2025-06-20"),
            progress_total: Some(2),
            successful_dates: Some(2),
            failed_dates: Some(0),
            retry_of: Some(1),
            ..ended(ImportType::DateRange)
        };
        assert_eq!(notes(&log), "#1 · 2 days · retry of #1");
    }
}
