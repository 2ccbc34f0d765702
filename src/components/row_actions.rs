//! What one can do with an import: cancel it, run it again, look closer.

use leptos::prelude::*;

use super::{
    command::{Command, CommandButton, CommandForm, Problem, started},
    live::Board,
};
use crate::{
    model::import_log::{ImportLog, ImportStatus},
    server_fns::imports::{CancelImport, RetryImport, cancel_import, retry_import},
};

/// The quiet buttons under the status.
#[component]
pub fn RowActions(log: Memo<ImportLog>, open: RwSignal<bool>) -> impl IntoView {
    let board = expect_context::<Board>();
    let id = log.with_untracked(|log| log.id);
    let cancel = Command::on_row(board.live, |input: CancelImport| async move {
        cancel_import(input.id)
            .await
            .map(|()| format!("Import #{} is being cancelled.", input.id))
    });
    let retry = Command::on_row(board.live, |input: RetryImport| async move {
        retry_import(input.id).await.map(started)
    });
    let running = Memo::new(move |_| log.with(|log| log.status == ImportStatus::Running));
    let retryable = Memo::new(move |_| log.with(|log| log.retryable));
    let cancelling = cancel.pending();
    let cancelling =
        Signal::derive(move || cancelling.get() || log.with(|log| log.cancel_requested));
    view! {
        <div class="row-actions">
            <Show when=move || running.get()>
                <CommandForm command=cancel>
                    <input type="hidden" name="id" value=id/>
                    <CommandButton
                        pending=cancelling
                        says="Cancel"
                        waiting="Cancelling…"
                        class="btn-quiet"
                        label=format!("Cancel import #{id}")
                    />
                </CommandForm>
            </Show>
            <Show when=move || retryable.get()>
                <CommandForm command=retry>
                    <input type="hidden" name="id" value=id/>
                    <CommandButton
                        pending=retry.pending()
                        says="Retry"
                        waiting="Starting…"
                        class="btn-quiet"
                        label=format!("Retry import #{id}")
                    />
                </CommandForm>
            </Show>
            // Without JavaScript the address holds which panel is open.
            <form
                method="get"
                on:submit=move |event| {
                    event.prevent_default();
                    open.update(|open| *open = !*open);
                }
            >
                <button
                    type="submit"
                    class="btn btn-quiet"
                    name="details"
                    value=move || if open.get() { String::new() } else { id.to_string() }
                    aria-label=format!("Details of import #{id}")
                    aria-expanded=move || if open.get() { "true" } else { "false" }
                    aria-controls=move || open.get().then(|| format!("details-{id}"))
                >
                    "Details"
                </button>
            </form>
        </div>
        <Problem command=cancel/>
        <Problem command=retry/>
    }
    .into_any()
}
