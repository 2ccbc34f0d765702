//! What one can do with an import: cancel it, run it again, settle it, look closer.

use leptos::prelude::*;

use super::{
    command::{Command, CommandButton, CommandForm, Problem, started},
    notices::News,
    reactive::{either, maybe, memo, text, whether},
};
use crate::{
    browser,
    model::import_log::{ImportLog, ImportStatus},
    server_fns::imports::{CancelImport, DismissFailure, RetryImport},
};

/// The quiet buttons under the status. One that goes leaves the focus to the one that stays.
#[component]
pub fn RowActions(log: Memo<ImportLog>, open: RwSignal<bool>) -> impl IntoView {
    let id = log.with_untracked(|log| log.id);
    let cancel = Command::on_row::<CancelImport>(move |()| {
        let sentence = format!("Import #{id} is being cancelled.");
        News::of_import(id, sentence)
    });
    let retry = Command::on_row::<RetryImport>(started);
    let dismiss = Command::on_row::<DismissFailure>(move |()| {
        News::of_import(id, format!("The failure of import #{id} is dismissed."))
    });
    // What somebody stopped hasn't failed: nobody *re*tries it.
    let stopped = memo(move || log.with(ImportLog::is_cancelled));
    let asked = cancel.pending();
    let cancelling = whether(move || asked.get() || log.with(|log| log.cancel_requested));
    let (actions, details) = (format!("actions-{id}"), format!("details-of-{id}"));
    let gone = {
        let (from, to) = (actions.clone(), details.clone());
        move || {
            browser::keep_focus(&from, to.clone());
            ().into_any()
        }
    };
    view! {
        <div class="row-actions" id=actions>
            {either(move || log.with(|log| log.status == ImportStatus::Running), move || view! {
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
            }.into_any(), gone.clone())}
            {either(move || log.with(|log| log.retryable), move || view! {
                <CommandForm command=retry>
                    <input type="hidden" name="id" value=id/>
                    <CommandButton
                        pending=retry.pending()
                        says=text(move || again(stopped.get()))
                        waiting="Starting…"
                        class="btn-quiet"
                        label=format!("{} import #{id}", again(stopped.get_untracked()))
                    />
                </CommandForm>
            }.into_any(), gone.clone())}
            {either(move || log.with(|log| log.open_failure), move || view! {
                <CommandForm command=dismiss>
                    <input type="hidden" name="id" value=id/>
                    <CommandButton
                        pending=dismiss.pending()
                        says="Dismiss"
                        waiting="Dismissing…"
                        class="btn-quiet"
                        label=format!("Dismiss import #{id}")
                    />
                </CommandForm>
            }.into_any(), gone)}
            // Without JavaScript the address holds which panel is open.
            <form
                method="get"
                // Without JavaScript the page comes anew: it shows this row, wherever it was.
                action=format!("#import-{id}")
                on:submit=move |event| {
                    event.prevent_default();
                    open.update(|open| *open = !*open);
                }
            >
                <button
                    type="submit"
                    id=details
                    class="btn btn-quiet"
                    name="details"
                    value=text(move || if open.get() { String::new() } else { id.to_string() })
                    aria-label=format!("Details of import #{id}")
                    aria-expanded=text(move || if open.get() { "true" } else { "false" })
                    aria-controls=maybe(move || open.get().then(|| format!("details-{id}")))
                >
                    "Details"
                </button>
            </form>
        </div>
        <Problem command=cancel/>
        <Problem command=retry/>
        <Problem command=dismiss/>
    }
}

/// What the button says that runs an import again.
const fn again(stopped: bool) -> &'static str {
    if stopped { "Run again" } else { "Retry" }
}
