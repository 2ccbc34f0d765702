//! Uploads a backup: chosen or dropped, looked at first, sent with progress.

use leptos::{
    ev::{DragEvent, SubmitEvent},
    html::Input,
    prelude::*,
};

use super::{
    format,
    live::{Board, Live},
    progress::Bar,
};
use crate::browser::{self, Chosen, Sent};

/// Where the form posts without JavaScript, and where the file goes with it.
const FORM: &str = "/imports/backup";
const DIRECT: &str = "/import-backup";

/// Where an upload stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// No file, or a file that waits for the button.
    Ready(Option<Chosen>),
    Sending { file: Chosen, sent: u64, total: u64 },
}

/// Why this file isn't worth sending.
fn refuse(file: &Chosen, most: u64) -> Result<(), String> {
    let name = &file.name;
    if !name.to_lowercase().ends_with(".json") && file.kind != "application/json" {
        let kind = if file.kind.is_empty() { "of no known kind".to_owned() } else { file.kind.clone() };
        return Err(format!("“{name}” is no backup: it is {kind}, and a backup is a .json file."));
    }
    if file.size == 0 {
        return Err(format!("“{name}” is empty."));
    }
    if file.size > most {
        return Err(format!("“{name}” is {}, and at most {} can be uploaded.", format::bytes(file.size), format::bytes(most)));
    }
    Ok(())
}

/// The state of the form, shared by its handlers.
#[derive(Clone, Copy)]
struct Upload {
    live: Live,
    input: NodeRef<Input>,
    stage: RwSignal<Stage>,
    problem: RwSignal<Option<String>>,
    most: Memo<u64>,
}

impl Upload {
    fn sending(self) -> bool {
        self.stage.with_untracked(|stage| matches!(stage, Stage::Sending { .. }))
    }

    /// Looks at what was chosen. What can't be a backup is let go.
    fn look(self) {
        let Some(input) = self.input.get_untracked() else { return };
        let file = browser::chosen(&input);
        let refused = file.as_ref().and_then(|file| refuse(file, self.most.get_untracked()).err());
        if refused.is_some() {
            input.set_value("");
        }
        self.stage.set(Stage::Ready(file.filter(|_| refused.is_none())));
        self.problem.set(refused);
    }

    fn send(self) {
        let Some(input) = self.input.get_untracked() else { return };
        let Stage::Ready(Some(file)) = self.stage.get_untracked() else {
            self.problem.set(Some("Choose a backup file first.".into()));
            return;
        };
        self.problem.set(None);
        self.stage.set(Stage::Sending { sent: 0, total: file.size, file: file.clone() });
        browser::send_file(&input, DIRECT, move |heard| self.hear(&file, heard));
    }

    fn hear(self, file: &Chosen, heard: Sent) {
        let problem = match heard {
            Sent::Part { sent, total } => {
                self.stage.try_set(Stage::Sending { file: file.clone(), sent, total });
                return;
            }
            Sent::Accepted { id } => {
                self.live.tell(format!("Import #{id} started."));
                if let Some(input) = self.input.get_untracked() {
                    input.set_value("");
                }
                self.stage.try_set(Stage::Ready(None));
                self.live.refetch();
                return;
            }
            Sent::Refused(sentence) => sentence,
            Sent::Broken => format!("The upload of “{}” broke off. Check the connection and try again.", file.name),
            Sent::Stopped => format!("The upload of “{}” was stopped.", file.name),
        };
        self.stage.try_set(Stage::Ready(Some(file.clone())));
        self.problem.try_set(Some(problem));
        self.live.refetch();
    }
}

/// The card.
#[component]
pub fn UploadForm() -> impl IntoView {
    let board = expect_context::<Board>();
    let upload = Upload {
        live: board.live,
        input: NodeRef::new(),
        stage: RwSignal::new(Stage::Ready(None)),
        problem: RwSignal::new(None),
        most: board.part(|page| page.max_upload_bytes),
    };
    let over = RwSignal::new(false);
    let sending = Memo::new(move |_| upload.stage.with(|stage| matches!(stage, Stage::Sending { .. })));
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if !upload.sending() {
            upload.send();
        }
    };
    let on_drag = move |event: DragEvent| {
        event.prevent_default();
        over.set(!upload.sending());
    };
    let on_drop = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(input) = upload.input.get_untracked().filter(|_| !upload.sending()) {
            browser::take_dropped(&event, &input);
            upload.look();
        }
    };
    // Until hydrated the field shows the name itself; then the line beside it says more.
    let says = move || match upload.stage.get() {
        Stage::Ready(Some(file)) => {
            let kind = if file.kind.is_empty() { "JSON".to_owned() } else { file.kind };
            Some(format!("{} · {} · {kind}", file.name, format::bytes(file.size)))
        }
        Stage::Sending { file, .. } => Some(file.name),
        Stage::Ready(None) => board.hydrated().then(|| "Drop a .json backup here".to_owned()),
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
                        accept=".json,application/json"
                        aria-label="Backup file"
                        aria-describedby="backup-chosen"
                        required
                        class:bare=move || board.hydrated()
                        disabled=move || sending.get()
                        node_ref=upload.input
                        on:change=move |_| upload.look()
                    />
                    <p id="backup-chosen" class="min-w-0 flex-1 wrap-anywhere text-muted">{says}</p>
                </div>
                <Show
                    when=move || sending.get()
                    fallback=|| view! { <button type="submit" class="btn justify-self-start">"Import backup"</button> }
                >
                    <Going stage=upload.stage/>
                </Show>
                <div role="alert" class="text-[13px] text-bad wrap-anywhere empty:hidden">
                    {move || upload.problem.get().map(|problem| view! { <p>{problem}</p> })}
                </div>
            </form>
        </section>
    }
}

/// How far the upload is, and a way to stop it.
#[component]
fn Going(stage: RwSignal<Stage>) -> impl IntoView {
    let part = Memo::new(move |_| match stage.get() {
        Stage::Sending { sent, total, .. } => (i64::try_from(sent).unwrap_or(i64::MAX), i64::try_from(total).unwrap_or(i64::MAX)),
        Stage::Ready(_) => (0, 0),
    });
    let share = Signal::derive(move || Some(format::share(part.get().0, part.get().1)));
    let says = Signal::derive(move || {
        let (sent, total) = part.get();
        let share = (format::share(sent, total) * 100.0).floor();
        format!("{} of {} · {share:.0} %", format::bytes(sent.unsigned_abs()), format::bytes(total.unsigned_abs()))
    });
    view! {
        <div class="flex min-h-8.5 items-center gap-3">
            <div class="min-w-0 flex-1">
                <p class="tiny">{says}</p>
                <Bar label="Progress of the upload".to_owned() fraction=share says/>
            </div>
            <button type="button" class="btn" on:click=|_| browser::stop_sending()>"Stop upload"</button>
        </div>
    }
}
