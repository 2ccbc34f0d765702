//! Uploads backups: chosen or dropped, looked at first, sent one after the other with progress.

use leptos::{
    ev::{DragEvent, MouseEvent, SubmitEvent},
    prelude::*,
    server_fn::ServerFn as _,
};

use super::{
    board::Board,
    format,
    progress::Bar,
    reactive::{either, memo, said, text, whether, words},
    sending::Sending,
    upload_files,
    upload_state::{Check, Stage, Upload},
};
use crate::{browser, server_fns::imports::StopUpload};

/// Where the form posts without JavaScript.
const FORM: &str = "/imports/backup";
/// And where, when the file is only to be looked at.
const CHECK: &str = "/imports/check";

/// Where the button stands, and each of the two that take turns there.
const ACTION: &str = "upload-action";
const SEND: &str = "upload-send";
const STOP: &str = "upload-stop";

/// The card.
#[component]
pub fn UploadForm() -> impl IntoView {
    let board = expect_context::<Board>();
    let upload = Upload::new(board);
    let over = RwSignal::new(false);
    let sending = memo(move || {
        upload
            .stage
            .with(|stage| matches!(stage, Stage::Sending(_)))
    });
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !upload.sending() {
            upload.send();
        }
    };
    let on_check = move |event: MouseEvent| {
        event.prevent_default();
        upload.check_first();
    };
    let on_drag = move |event: DragEvent| {
        event.prevent_default();
        over.set(!upload.sending());
    };
    let on_drop = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        upload.take_dropped(&event);
    };
    // Until hydrated the field shows the name itself; then the line beside it says more.
    let says = move || {
        upload.stage.with(|stage| match stage {
            Stage::Ready(files) => upload_files::in_words(files).or_else(|| {
                board
                    .hydrated()
                    .then(|| "Drop .json or .json.gz backups here".to_owned())
            }),
            Stage::Sending(sending) => Some(sending.in_words()),
        })
    };
    let chosen = move || {
        upload.stage.with(|stage| match stage {
            Stage::Ready(files) => files.len(),
            Stage::Sending(_) => 0,
        })
    };
    let button = move || match (upload.check.get(), chosen()) {
        (Check::Done(Some(_)), _) => "Import again".to_owned(),
        (_, 0 | 1) => "Import backup".to_owned(),
        (_, several) => format!("Import {several} backups"),
    };
    view! {
        <section class="panel card" aria-labelledby="backup-heading">
            <h2 id="backup-heading">"Backup"</h2>
            <p class="hint">"Adds what is missing. Nothing stored is overwritten."</p>
            <form method="post" action=FORM enctype="multipart/form-data" class="mt-auto grid gap-2" on:submit=on_submit>
                <div class="drop" class:over=over on:dragover=on_drag on:dragleave=move |_| over.set(false) on:drop=on_drop>
                    <input
                        type="file"
                        name="file"
                        accept=".json,.gz,application/json,application/gzip"
                        multiple
                        aria-label="Backup file"
                        aria-describedby="backup-chosen"
                        required
                        class:bare=whether(move || board.hydrated())
                        disabled=sending
                        node_ref=upload.input
                        on:change=move |_| upload.look()
                    />
                    <p id="backup-chosen" class="min-w-0 flex-1 wrap-anywhere text-muted">{words(move || says().unwrap_or_default())}</p>
                </div>
                <div role="status" class="text-[13px] wrap-anywhere empty:sr-only">
                    {said(move || upload.warning().filter(|_| !sending.get()))}
                </div>
                <div id=ACTION class="grid">
                    {either(
                        move || sending.get(),
                        move || {
                            browser::keep_focus(ACTION, STOP.to_owned());
                            view! { <Going stage=upload.stage/> }.into_any()
                        },
                        move || {
                            browser::keep_focus(ACTION, SEND.to_owned());
                            view! {
                                <div class="flex flex-wrap gap-2">
                                    <button type="submit" id=SEND class="btn">{words(button)}</button>
                                    <button type="submit" class="btn" formaction=CHECK on:click=on_check>"Check first"</button>
                                </div>
                            }
                            .into_any()
                        },
                    )}
                </div>
                <div role="alert" class="text-[13px] text-bad wrap-anywhere whitespace-pre-line empty:hidden">
                    {said(move || upload.problem.get())}
                </div>
            </form>
        </section>
    }
}

/// How far the upload is, and a way to stop it.
#[component]
fn Going(stage: RwSignal<Stage>) -> impl IntoView {
    let part = memo(move || match stage.get() {
        Stage::Sending(Sending { sent, total, .. }) => (
            i64::try_from(sent).unwrap_or(i64::MAX),
            i64::try_from(total).unwrap_or(i64::MAX),
        ),
        Stage::Ready(_) => (0, 0),
    });
    let share = memo(move || Some(format::share(part.get().0, part.get().1)));
    let says = text(move || {
        let (sent, total) = part.get();
        let [said, of] = [sent, total].map(|count| format::bytes(count.unsigned_abs()));
        format!("{said} of {of} · {} %", format::share(sent, total) / 10)
    });
    view! {
        <div class="flex min-h-8.5 items-center gap-3">
            <div class="min-w-0 flex-1">
                <p class="tiny">{words(move || says.get())}</p>
                <Bar label="Progress of the upload".to_owned() fraction=share says/>
            </div>
            <button type="button" id=STOP class="btn" on:click=|_| browser::stop_sending(StopUpload::PATH)>"Stop upload"</button>
        </div>
    }
}
