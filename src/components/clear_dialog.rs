//! Clears the logs of finished imports, after asking.

use leptos::{ev::MouseEvent, html::Dialog, prelude::*};

use super::{
    command::{Command, CommandButton, CommandForm, Problem},
    format,
    live::Board,
    reactive::{maybe, memo, text, words},
};
use crate::{error::read, server_fns::imports::ClearImportLogs};

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

/// The button and the question. The browser itself opens the dialog (`commandfor`), so it works without JavaScript.
#[component]
pub fn ClearLogs() -> impl IntoView {
    let board = expect_context::<Board>();
    let dialog = NodeRef::<Dialog>::new();
    let command = Command::new::<ClearImportLogs>(board.live, move |removed| {
        let removed = read(removed)?;
        // Closing gives the focus back to the button.
        if let Some(dialog) = dialog.try_get_untracked().flatten() {
            dialog.close();
        }
        let running = board
            .shown
            .try_with_untracked(|page| page.running_logs)
            .unwrap_or(0);
        let said = format!("Removed {}.", format::count(removed, "log", "logs"));
        Ok([Some(said), staying(running)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
            .into())
    });
    let finished = board.part(|page| page.finished_logs);
    let running = board.part(|page| page.running_logs);
    let none = memo(move || finished.get() == 0);
    let logs = move || format::count(finished.get(), "log", "logs");
    // Once hydrated the page opens it: not every browser knows `commandfor` yet.
    let open = move |event: MouseEvent| {
        event.prevent_default();
        if let Some(dialog) = dialog.get_untracked()
            && !none.get_untracked()
            && !dialog.open()
        {
            // It fails only on a dialog that is open or not in the document.
            let _ = dialog.show_modal();
        }
    };
    view! {
        <button
            type="button"
            class="btn btn-danger"
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
                {words(move || staying(running.get()).unwrap_or_default())}
            </p>
            <Problem command/>
            <div class="mt-5 flex justify-end gap-2">
                <form method="dialog">
                    <button type="submit" class="btn">"Keep them"</button>
                </form>
                <CommandForm command>
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
    .into_any()
}
