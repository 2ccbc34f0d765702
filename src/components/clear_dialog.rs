//! Clears the logs of finished imports, after asking.

use leptos::{ev::MouseEvent, html::Dialog, prelude::*};

use super::{
    board::Board,
    command::{Command, CommandButton, CommandForm, Problem},
    dialog, format,
    needs::ADMIN,
    reactive::{maybe, memo, text, when, words},
};
use crate::{
    model::{count::open_failures_stay, import_log::Cleared},
    server_fns::imports::ClearImportLogs,
};

/// "1 running import stays."
fn staying(running: i64) -> Option<String> {
    (running > 0).then(|| {
        format!(
            "{} {}.",
            format::count(running, "running import", "running imports"),
            if running == 1 { "stays" } else { "stay" }
        )
    })
}

/// "Remove the 17 open failures, too".
fn remove_too(failures: i64) -> String {
    match failures {
        1 => "Remove the open failure, too".to_owned(),
        many => format!("Remove the {} open failures, too", format::thousands(many)),
    }
}

/// The button and the question. The browser itself opens the dialog (`commandfor`), so it works without JavaScript.
#[component]
pub fn ClearLogs() -> impl IntoView {
    let board = expect_context::<Board>();
    let dialog = NodeRef::<Dialog>::new();
    let command = Command::new::<ClearImportLogs>(move |cleared: Cleared| {
        dialog::close(dialog);
        let running = board
            .shown
            .try_with_untracked(|page| page.running_logs)
            .unwrap_or(0);
        let removed = i64::try_from(cleared.removed).unwrap_or(i64::MAX);
        let said = format!("Removed {}.", format::count(removed, "log", "logs"));
        if cleared.goes_on {
            return (said + " It goes on; the page Imports tells how far it is.").into();
        }
        let open = open_failures_stay(cleared.open_failures_left);
        [Some(said), open, staying(running)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
            .into()
    });
    let finished = board.part(|page| page.finished_logs);
    let failures = board.part(|page| page.unresolved_failures);
    let running = board.part(|page| page.running_logs);
    let none = memo(move || finished.get() == 0);
    // Open failures go only when it is said so, each time anew.
    let too = RwSignal::new(false);
    let logs = move || {
        let kept = if too.get() { 0 } else { failures.get() };
        format::count((finished.get() - kept).max(0), "log", "logs")
    };
    let open = move |event: MouseEvent| {
        event.prevent_default();
        if !none.get_untracked() {
            too.set(false);
            dialog::show(dialog);
        }
    };
    view! {
        <button
            type="button"
            class="btn btn-danger"
            data-needs=ADMIN
            commandfor=maybe(move || (!none.get()).then_some("clear-logs"))
            command="show-modal"
            aria-haspopup="dialog"
            aria-disabled=maybe(move || none.get().then_some("true"))
            title=maybe(move || none.get().then_some("There is no finished import to clear."))
            on:click=open
        >
            "Clear logs…"
        </button>
        <dialog id="clear-logs" node_ref=dialog class="dialog" aria-labelledby="clear-heading" aria-describedby="clear-text">
            <h2 id="clear-heading" class="text-base">{words(move || format!("Clear {}?", logs()))}</h2>
            <p id="clear-text" class="mt-1.5 text-muted">
                "The history of finished imports is removed; imported data stays. "
                {words(move || open_failures_stay(failures.get()).filter(|_| !too.get()).map(|stay| stay + " ").unwrap_or_default())}
                {words(move || staying(running.get()).unwrap_or_default())}
            </p>
            // The buttons of two forms stand side by side: the box belongs to the second, by its id.
            {when(move || { failures.get() > 0 }, move || view! {
                <label class="mt-3 flex items-baseline gap-2">
                    <input
                        type="checkbox"
                        form="clear-form"
                        name="open_failures_too"
                        value="true"
                        prop:checked=too
                        on:change=move |event| too.set(event_target_checked(&event))
                    />
                    <span>{words(move || remove_too(failures.get()))}</span>
                </label>
            }.into_any())}
            <Problem command/>
            <div class="mt-5 flex justify-end gap-2">
                <form method="dialog">
                    <button type="submit" class="btn">"Keep them"</button>
                </form>
                <CommandForm command id="clear-form" needs=ADMIN>
                    <CommandButton
                        pending=command.pending()
                        says=text(move || format!("Clear {}", logs()))
                        waiting="Clearing…"
                        class="btn-danger-solid min-w-28"
                    />
                </CommandForm>
            </div>
        </dialog>
    }
}
