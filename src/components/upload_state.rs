//! Where an upload stands, and what moves it on.

use leptos::{
    ev::DragEvent, html::Input, prelude::*, task::spawn_local, web_sys::HtmlInputElement,
};

use super::{
    board::Board,
    format,
    notices::News,
    reactive::memo,
    sending::Sending,
    upload_files::{packed, refuse},
};
use crate::{
    browser::{self, Chosen, Sent},
    model::import_log::Earlier,
    server_fns::{imports::SameFile, read},
};

/// Where the file goes as a request's body.
const DIRECT: &str = "/import-backup";
/// The same, when it is only to be looked at.
const CHECK: &str = "/import-backup?dry_run=true";

/// Where an upload stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The files that wait for the button.
    Ready(Vec<Chosen>),
    Sending(Sending),
}

/// Whether the chosen file was imported before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Being found out. `send`: the button has been pressed meanwhile.
    Going { send: bool },
    /// Found out, as far as that was possible.
    Done(Option<Earlier>),
}

/// The state of the form, shared by its handlers.
#[derive(Clone, Copy)]
pub struct Upload {
    board: Board,
    pub input: NodeRef<Input>,
    pub stage: RwSignal<Stage>,
    pub problem: RwSignal<Option<String>>,
    pub check: RwSignal<Check>,
    /// How many files have been looked at: what is found out late may be about another one.
    looked: RwSignal<u32>,
    most: Memo<u64>,
}

impl Upload {
    /// Nothing is chosen yet.
    #[must_use]
    pub fn new(board: Board) -> Self {
        let upload = Self {
            board,
            input: NodeRef::new(),
            stage: RwSignal::new(Stage::Ready(Vec::new())),
            problem: RwSignal::new(None),
            check: RwSignal::new(Check::Done(None)),
            looked: RwSignal::new(0),
            most: board.part(|page| page.max_upload_bytes),
        };
        // A file may have been chosen before the page was hydrated.
        upload.input.on_load(move |_| upload.look());
        // Whoever misses the field means it all the same: nothing is sent before the button is pressed.
        Effect::new(move || browser::on_files_beside(move |event| upload.take_dropped(event)));
        let sending = memo(move || {
            upload
                .stage
                .with(|stage| matches!(stage, Stage::Sending(_)))
        });
        Effect::new(move || browser::ask_before_leaving(sending.get()));
        upload
    }

    /// Takes files that are dropped, unless others are on their way.
    pub fn take_dropped(self, event: &DragEvent) {
        if let Some(input) = self.input.get_untracked().filter(|_| !self.sending()) {
            browser::take_dropped(event, &input);
            self.look();
        }
    }

    /// A file is on its way.
    #[must_use]
    pub fn sending(self) -> bool {
        self.stage
            .with_untracked(|stage| matches!(stage, Stage::Sending(_)))
    }

    /// Looks at what was chosen. What can't be a backup is let go, and the rest goes on.
    pub fn look(self) {
        let Some(input) = self.input.get_untracked() else {
            return;
        };
        let most = self.most.get_untracked();
        let mut refused = Vec::new();
        let mut files = browser::chosen(&input);
        files.retain(|file| refuse(file, most).map_err(|why| refused.push(why)).is_ok());
        if files.is_empty() {
            input.set_value("");
        }
        self.looked.update_untracked(|looked| *looked += 1);
        match files.as_slice() {
            // Earlier imports are known by the sum of what is in a packed file, which nobody knows here.
            [file] if !packed(file) => self.find_earlier(input, file.place),
            _ => self.check.set(Check::Done(None)),
        }
        self.stage.set(Stage::Ready(files));
        self.problem.set(told(&refused));
    }

    /// Finds out whether this very file was imported before.
    fn find_earlier(self, input: HtmlInputElement, place: u32) {
        self.check.set(Check::Going { send: false });
        let looked = self.looked.get_untracked();
        spawn_local(async move {
            let mut earlier = None;
            // Without an answer the file is sent as any other: importing it twice does no harm.
            if let Some(sum) = browser::sha256(input, place).await
                && let Ok(found) = read(SameFile { sha256: sum }).await
            {
                earlier = found;
            }
            if self.looked.try_get_untracked() != Some(looked) {
                return;
            }
            let send = self.check.get_untracked() == Check::Going { send: true };
            self.check.set(Check::Done(earlier));
            if send && earlier.is_none() {
                self.send();
            }
        });
    }

    /// What to tell of an earlier import of the chosen file.
    #[must_use]
    pub fn warning(self) -> Option<String> {
        match self.check.get() {
            Check::Going { send: true } => {
                Some("Looking whether this file was imported before…".into())
            }
            Check::Done(Some(Earlier { id, ended })) => {
                let ago = format::ago(self.board.now() - ended);
                Some(format!(
                    "Same file as #{id}, {ago}. Importing it again adds only what is missing since."
                ))
            }
            _ => None,
        }
    }

    /// Sends what was chosen, once it is known whether it was imported before.
    pub fn send(self) {
        if let Check::Going { .. } = self.check.get_untracked() {
            self.check.set(Check::Going { send: true });
            return;
        }
        self.send_to(DIRECT);
    }

    /// Sends the one that was chosen to be looked at only.
    pub fn check_first(self) {
        self.send_to(CHECK);
    }

    fn send_to(self, to: &'static str) {
        let Stage::Ready(files) = self.stage.get_untracked() else {
            return;
        };
        let problem = match files.len() {
            0 => "Choose a backup file first.",
            2.. if to == CHECK => "One file is checked at a time. Choose one.",
            _ => "",
        };
        if !problem.is_empty() {
            self.problem.set(Some(problem.into()));
            return;
        }
        self.problem.set(None);
        self.send_next(Sending {
            to,
            files,
            nth: 0,
            sent: 0,
            total: 0,
            left: Vec::new(),
        });
    }

    /// Sends the file whose turn it is; after the last one, what did not arrive is still chosen.
    fn send_next(self, mut sending: Sending) {
        let next = sending.files.get(sending.nth).cloned();
        match next.zip(self.input.try_get_untracked().flatten()) {
            Some((file, input)) => {
                (sending.sent, sending.total) = (0, file.size);
                let to = sending.to;
                self.stage.try_set(Stage::Sending(sending));
                browser::send_file(&input, file.place, to, move |heard| {
                    self.hear(&file, heard);
                });
            }
            None => self.end(sending.left),
        }
    }

    fn end(self, left: Vec<Chosen>) {
        if left.is_empty() {
            if let Some(input) = self.input.try_get_untracked().flatten() {
                input.set_value("");
            }
            self.check.try_set(Check::Done(None));
        }
        self.stage.try_set(Stage::Ready(left));
    }

    fn hear(self, file: &Chosen, heard: Sent) {
        if let Sent::Part { sent, total } = heard {
            self.stage.try_update(|stage| {
                if let Stage::Sending(sending) = stage {
                    (sending.sent, sending.total) = (sent, total);
                }
            });
            return;
        }
        let Some(Stage::Sending(mut sending)) = self.stage.try_get_untracked() else {
            return;
        };
        match &heard {
            Sent::Accepted { id } => self.board.live.tell(News::started(*id)),
            Sent::Checked { token } => {
                browser::ask_before_leaving(false);
                browser::go(&format!("/checked/{token}"));
            }
            _ => sending.left.push(file.clone()),
        }
        let stopped = heard == Sent::Stopped;
        if let Some(problem) = sending.problem(file, heard) {
            self.problem.try_update(|told| {
                *told = Some(match told.take() {
                    Some(before) => before + "\n" + &problem,
                    None => problem,
                });
            });
        }
        if stopped {
            let rest = sending.still_to_come().to_vec();
            sending.left.extend(rest);
            self.end(sending.left);
        } else {
            sending.nth += 1;
            // What has just told this is still running: it makes room for the next one first.
            spawn_local(async move { self.send_next(sending) });
        }
        self.board.live.refetch();
    }
}

/// Each sentence on a line of its own.
fn told(sentences: &[String]) -> Option<String> {
    (!sentences.is_empty()).then(|| sentences.join("\n"))
}
