//! What can be done with an import, on its page: forms that need no scripts.

use leptos::{prelude::*, server_fn::ServerFn as _};

use super::{
    format,
    needs::{ADMIN, OPERATOR},
};
use crate::{
    model::import_log::{ImportLog, ImportStatus, ImportType},
    server_fns::imports::{CancelImport, DismissFailure, RetryImport},
};

/// The buttons.
#[must_use]
pub fn actions(log: &ImportLog) -> AnyView {
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
    let actions = actions.into_iter().filter(|(can, ..)| *can);
    let actions = actions.map(|(_, path, says)| {
        view! {
            <form method="post" action=path data-needs=OPERATOR>
                <input type="hidden" name="id" value=id/>
                <button type="submit" class="btn">{says}</button>
            </form>
        }
    });
    let remove = (!running).then(|| {
        view! { <a class="btn btn-danger" data-needs=ADMIN href=format!("/imports/{id}?ask=remove")>"Remove…"</a> }
    });
    let undo = log.undoable.then(|| {
        view! { <a class="btn" data-needs=OPERATOR href=format!("/imports/{id}?ask=undo")>"Undo…"</a> }
    });
    view! {
        <div class="flex flex-wrap gap-2 print:hidden">
            {actions.collect_view()}
            {undo}
            {remove}
            <button type="button" class="btn scripted" data-copy=format!("/imports/{id}")>"Copy link"</button>
        </div>
    }
    .into_any()
}

/// What goes with the log of an import, and what stays.
fn consequences(log: &ImportLog) -> String {
    let rejects = (log.records_rejected > 0).then(|| {
        let rejects = i64::from(log.records_rejected);
        format::count(rejects, "rejected record", "rejected records")
    });
    let days = log
        .progress_total
        .filter(|_| log.import_type == ImportType::DateRange);
    let days = days.map(|days| format::count(days, "day", "days"));
    let with = [days, rejects].into_iter().flatten().collect::<Vec<_>>();
    let with = if with.is_empty() {
        String::new()
    } else {
        format!(" with its {}", with.join(" and "))
    };
    let open = if log.open_failure {
        " It is an open failure: once its log is gone, nothing here reminds of it, and it can't be retried."
    } else {
        ""
    };
    format!("Its log goes{with}, for good. The games and results that it brought stay.{open}")
}

/// Whether its log is really to go.
#[must_use]
pub fn ask_to_remove(log: &ImportLog) -> AnyView {
    let id = log.id;
    view! {
        <dialog open="" class="panel card static w-full text-text" aria-labelledby="remove-heading">
            <h2 id="remove-heading">{format!("Remove import #{id}?")}</h2>
            <p>{consequences(log)}</p>
            <form method="post" action=format!("/imports/{id}/remove") class="flex flex-wrap gap-2">
                <button type="submit" class="btn btn-danger-solid">"Remove it"</button>
                <a class="btn" href=format!("/imports/{id}") autofocus="">"Keep it"</a>
            </form>
        </dialog>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample_log::ended;

    #[test]
    fn a_removal_says_what_goes_and_that_a_failure_is_open() {
        assert_eq!(
            consequences(&ended(ImportType::SampleData)),
            "Its log goes, for good. The games and results that it brought stay."
        );
        let open = ImportLog {
            progress_total: Some(7),
            records_rejected: 1200,
            open_failure: true,
            ..ended(ImportType::DateRange)
        };
        assert_eq!(
            consequences(&open),
            "Its log goes with its 7 days and 1,200 rejected records, for good. The games and results that it brought stay. It is an open failure: once its log is gone, nothing here reminds of it, and it can't be retried."
        );
    }
}
