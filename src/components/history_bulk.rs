//! What can be done to all that the history shows: the ways to it, the question before it, and how far it is.

use leptos::prelude::*;

use super::{
    format::{count, thousands},
    needs::{ADMIN, OPERATOR},
    reactive::fixed,
};
use crate::model::history::{
    Ask, Bulk, BulkKind, BulkState, BulkWork, COUNTED, Removable, Retryable,
};

/// The links that ask.
#[must_use]
pub fn bulk_links(bulk: &Bulk) -> AnyView {
    let (retry, remove) = (bulk.ask_retry.clone(), bulk.ask_remove.clone());
    view! {
        <a class="btn" data-needs=OPERATOR href=retry>"Retry all shown…"</a>
        <a class="btn btn-danger" data-needs=ADMIN href=remove>"Remove all shown…"</a>
    }
    .into_any()
}

/// How far it is, or how it came out.
#[must_use]
pub fn bulk_progress(bulk: &Bulk) -> AnyView {
    let told = bulk.work.map(|work| {
        let (role, class) = match work.state {
            BulkState::BrokenOff => (Some("alert"), "panel px-4.5 py-3 text-bad"),
            // Nobody wants each number read aloud.
            BulkState::Running => (None, "panel px-4.5 py-3"),
            BulkState::Ended => (Some("status"), "panel px-4.5 py-3"),
        };
        view! { <p role=role class=class>{fixed(&told(work))}</p> }
    });
    told.into_any()
}

/// The question, if there is one.
#[must_use]
pub fn bulk_question(bulk: &Bulk) -> AnyView {
    let Some(ask) = bulk.asks else {
        return ().into_any();
    };
    let (kind, heading, text, can) = match ask {
        Ask::Remove(found) => (
            BulkKind::Remove,
            "Remove all shown?",
            removes(found),
            found.ended > 0,
        ),
        Ask::Retry(found) => (
            BulkKind::Retry,
            "Run all shown again?",
            retries(found),
            found.can > 0,
        ),
    };
    let keeps = match ask {
        Ask::Remove(found) if found.open_failures > 0 => Some(found),
        _ => None,
    };
    let keep = keeps.map(|found| {
        // Who asks for open failures alone wants them gone.
        let checked = found.ended > found.open_failures;
        let says = match found.open_failures {
            _ if found.at_least => "Keep open failures".to_owned(),
            1 => "Keep the open failure".to_owned(),
            many => format!("Keep the {} open failures", thousands(many)),
        };
        view! {
            <label class="mt-3 flex min-h-6 items-center gap-2">
                <input type="checkbox" name="keep_open_failures" value="true" checked=checked class="size-6"/>
                <span>{says}</span>
            </label>
        }
    });
    let (here, action) = (bulk.here.clone(), bulk.action.clone());
    let back = if can { "Cancel" } else { "Back" };
    let (class, says) = match kind {
        BulkKind::Remove => ("btn btn-danger-solid", "Remove"),
        BulkKind::Retry => ("btn btn-primary", "Run again"),
    };
    let submit = can.then(|| view! { <button type="submit" class=class>{says}</button> });
    view! {
        <section id="ask" role="dialog" aria-labelledby="ask-heading" aria-describedby="ask-text" tabindex="-1" autofocus class="panel card outline-none">
            <h2 id="ask-heading">{heading}</h2>
            <p id="ask-text">{fixed(&text)}</p>
            <form method="post" action=action>
                <input type="hidden" name="do" value=kind.as_str()/>
                {keep}
                <div class="mt-4 flex flex-wrap gap-2">
                    <a class="btn" href=here>{back}</a>
                    {submit}
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// What a removal would touch.
fn removes(found: Removable) -> String {
    let mut said = Vec::new();
    if found.at_least {
        let open = if found.open_failures > 0 {
            ", open failures among them"
        } else {
            ""
        };
        said.push(format!("Removes over {} logs{open}.", thousands(counted())));
    } else if found.ended == 0 {
        said.push("None of these logs can be removed.".to_owned());
    } else {
        let logs = count(found.ended, "log", "logs");
        said.push(match (found.open_failures, found.ended) {
            (0, _) => format!("Removes {logs}."),
            (1, 1) => "Removes 1 log, of an open failure.".to_owned(),
            (open, ended) if open == ended => format!("Removes {logs}, all of open failures."),
            (1, _) => format!("Removes {logs}, 1 of them of an open failure."),
            (open, _) => format!(
                "Removes {logs}, {} of them of open failures.",
                thousands(open)
            ),
        });
    }
    match found.running {
        0 => {}
        1 => said.push("1 import still runs; its log stays.".to_owned()),
        many => said.push(format!(
            "{} imports still run; their logs stay.",
            thousands(many)
        )),
    }
    said.push("Imported games and results stay.".to_owned());
    said.join(" ")
}

/// What running all again would touch.
fn retries(found: Retryable) -> String {
    let mut said = Vec::new();
    let imports = count(found.can, "import", "imports");
    said.push(match (found.can, found.at_least) {
        (0, false) => "None of these imports can be run again.".to_owned(),
        (_, true) => format!(
            "Runs {imports} again, or more: only the first {} failures were counted.",
            thousands(counted())
        ),
        (_, false) => format!("Runs {imports} again."),
    });
    match found.lack_files {
        0 => {}
        1 => said.push("1 can't be: its file is gone. Upload it again.".to_owned()),
        many => said.push(format!(
            "{} can't be: their files are gone. Upload them again.",
            thousands(many)
        )),
    }
    match found.never_can {
        0 => {}
        1 => said.push("1 can't be: it could only fail again.".to_owned()),
        many => said.push(format!(
            "{} can't be: they could only fail again.",
            thousands(many)
        )),
    }
    said.join(" ")
}

/// How far work is, or how it came out.
fn told(work: BulkWork) -> String {
    let done = thousands(work.done);
    let of = |one: &str, many: &str| match work.total {
        Some(total) => format!("{done} of {}", count(total.max(work.done), one, many)),
        None => count(work.done, one, many),
    };
    let refused = match work.refused {
        0 => String::new(),
        1 => " 1 could not be, or runs already.".to_owned(),
        many => format!(" {} could not be, or run already.", thousands(many)),
    };
    match (work.kind, work.state) {
        (BulkKind::Remove, BulkState::Running) => format!("Removing {}…", of("log", "logs")),
        (BulkKind::Remove, BulkState::Ended) => {
            format!("Removed {}.", count(work.done, "log", "logs"))
        }
        (BulkKind::Remove, BulkState::BrokenOff) => format!(
            "Removing stopped at {}. Choose “Remove all shown” to remove the rest.",
            of("log", "logs")
        ),
        (BulkKind::Retry, BulkState::Running) => {
            format!("Running {} again…{refused}", of("import", "imports"))
        }
        (BulkKind::Retry, BulkState::Ended) => match work.done {
            0 if work.refused == 0 => "No import could be run again.".to_owned(),
            1 => format!("1 import runs again.{refused}"),
            _ => format!("{done} imports run again.{refused}"),
        },
        (BulkKind::Retry, BulkState::BrokenOff) => format!(
            "Running imports again stopped at {}. Choose “Retry all shown” to run the rest.{refused}",
            of("import", "imports")
        ),
    }
}

fn counted() -> i64 {
    i64::try_from(COUNTED).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_is_counted_before_it_is_done() {
        let found = |ended, open_failures, running, at_least| Removable {
            ended,
            open_failures,
            running,
            at_least,
        };
        for (found, says) in [
            (
                found(1204, 3, 2, false),
                "Removes 1,204 logs, 3 of them of open failures. 2 imports still run; their logs stay. Imported games and results stay.",
            ),
            (
                found(1, 0, 1, false),
                "Removes 1 log. 1 import still runs; its log stays. Imported games and results stay.",
            ),
            (
                found(2, 2, 0, false),
                "Removes 2 logs, all of open failures. Imported games and results stay.",
            ),
            (
                found(10_001, 5, 0, true),
                "Removes over 10,000 logs, open failures among them. Imported games and results stay.",
            ),
            (
                found(0, 0, 0, false),
                "None of these logs can be removed. Imported games and results stay.",
            ),
        ] {
            assert_eq!(removes(found), says);
        }
    }

    #[test]
    fn running_all_again_is_counted_before_it_is_done() {
        let found = Retryable {
            can: 17,
            lack_files: 4,
            never_can: 1,
            at_least: false,
        };
        assert_eq!(
            retries(found),
            "Runs 17 imports again. 4 can't be: their files are gone. Upload them again. 1 can't be: it could only fail again."
        );
        assert_eq!(
            retries(Retryable::default()),
            "None of these imports can be run again."
        );
    }

    #[test]
    fn work_tells_how_far_it_is() {
        let work = BulkWork {
            kind: BulkKind::Remove,
            state: BulkState::Running,
            total: Some(1_000_000),
            done: 412_000,
            refused: 0,
        };
        assert_eq!(told(work), "Removing 412,000 of 1,000,000 logs…");
        let work = BulkWork {
            state: BulkState::BrokenOff,
            ..work
        };
        assert_eq!(
            told(work),
            "Removing stopped at 412,000 of 1,000,000 logs. Choose “Remove all shown” to remove the rest."
        );
        let work = BulkWork {
            kind: BulkKind::Retry,
            state: BulkState::Ended,
            total: Some(21),
            done: 17,
            refused: 4,
        };
        assert_eq!(
            told(work),
            "17 imports run again. 4 could not be, or run already."
        );
    }
}
