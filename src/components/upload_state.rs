//! Where an upload stands, and what moves it on.

use leptos::{
    html::Input, prelude::*, server_fn::ServerFn as _, task::spawn_local, web_sys::HtmlInputElement,
};

use super::{
    format,
    live::{Board, PATIENCE},
};
use crate::{
    browser::{self, Chosen, Sent},
    error,
    model::import_log::Earlier,
    server_fns::imports::SameFile,
};

/// Where the file goes as a request's body.
const DIRECT: &str = "/import-backup";

/// Where an upload stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No file, or a file that waits for the button.
    Ready(Option<Chosen>),
    Sending {
        file: Chosen,
        sent: u64,
        total: u64,
    },
}

/// Whether the chosen file was imported before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Being found out. `send`: the button has been pressed meanwhile.
    Going { send: bool },
    /// Found out, as far as that was possible.
    Done(Option<Earlier>),
}

/// Why this file isn't worth sending.
fn refuse(file: &Chosen, most: u64) -> Result<(), String> {
    let name = &file.name;
    let json = name
        .rsplit_once('.')
        .is_some_and(|(_, kind)| kind.eq_ignore_ascii_case("json"));
    if !json && file.kind != "application/json" {
        let kind = if file.kind.is_empty() {
            "of no known kind".to_owned()
        } else {
            file.kind.clone()
        };
        return Err(format!(
            "“{name}” is no backup: it is {kind}, and a backup is a .json file."
        ));
    }
    if file.size == 0 {
        return Err(format!("“{name}” is empty."));
    }
    if file.size > most {
        return Err(format!(
            "“{name}” is {}, and at most {} can be uploaded.",
            format::bytes(file.size),
            format::bytes(most)
        ));
    }
    Ok(())
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
            stage: RwSignal::new(Stage::Ready(None)),
            problem: RwSignal::new(None),
            check: RwSignal::new(Check::Done(None)),
            looked: RwSignal::new(0),
            most: board.part(|page| page.max_upload_bytes),
        };
        // A file may have been chosen before the page was hydrated.
        upload.input.on_load(move |_| upload.look());
        upload
    }

    /// A file is on its way.
    #[must_use]
    pub fn sending(self) -> bool {
        self.stage
            .with_untracked(|stage| matches!(stage, Stage::Sending { .. }))
    }

    /// Looks at what was chosen. What can't be a backup is let go.
    pub fn look(self) {
        let Some(input) = self.input.get_untracked() else {
            return;
        };
        let file = browser::chosen(&input);
        let refused = file
            .as_ref()
            .and_then(|file| refuse(file, self.most.get_untracked()).err());
        if refused.is_some() {
            input.set_value("");
        }
        let file = file.filter(|_| refused.is_none());
        self.looked.update_untracked(|looked| *looked += 1);
        if file.is_some() {
            self.find_earlier(input);
        } else {
            self.check.set(Check::Done(None));
        }
        self.stage.set(Stage::Ready(file));
        self.problem.set(refused);
    }

    /// Finds out whether this very file was imported before.
    fn find_earlier(self, input: HtmlInputElement) {
        self.check.set(Check::Going { send: false });
        let looked = self.looked.get_untracked();
        spawn_local(async move {
            let mut earlier = None;
            // Without an answer the file is sent as any other: importing it twice does no harm.
            if let Some(sum) = browser::sha256(input).await
                && let asked = browser::ask(SameFile::PATH, format!("sha256={sum}"))
                && let Some(Ok(answer)) = browser::within(PATIENCE, asked).await
            {
                earlier = error::read(&answer).ok().flatten();
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
        let Some(input) = self.input.get_untracked() else {
            return;
        };
        let Stage::Ready(Some(file)) = self.stage.get_untracked() else {
            self.problem.set(Some("Choose a backup file first.".into()));
            return;
        };
        self.problem.set(None);
        self.stage.set(Stage::Sending {
            sent: 0,
            total: file.size,
            file: file.clone(),
        });
        browser::send_file(&input, DIRECT, move |heard| self.hear(&file, heard));
    }

    fn hear(self, file: &Chosen, heard: Sent) {
        let problem = match heard {
            Sent::Part { sent, total } => {
                self.stage.try_set(Stage::Sending {
                    file: file.clone(),
                    sent,
                    total,
                });
                return;
            }
            Sent::Accepted { id } => {
                self.board.live.tell(format!("Import #{id} started."));
                if let Some(input) = self.input.get_untracked() {
                    input.set_value("");
                }
                self.stage.try_set(Stage::Ready(None));
                self.check.try_set(Check::Done(None));
                self.board.live.refetch();
                return;
            }
            Sent::Refused(sentence) => sentence,
            Sent::Broken => format!(
                "The upload of “{}” broke off. Check the connection and try again.",
                file.name
            ),
            Sent::Stopped => format!("The upload of “{}” was stopped.", file.name),
        };
        self.stage.try_set(Stage::Ready(Some(file.clone())));
        self.problem.try_set(Some(problem));
        self.board.live.refetch();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, size: u64, kind: &str) -> Chosen {
        Chosen {
            name: name.into(),
            size,
            kind: kind.into(),
        }
    }

    #[test]
    fn what_cannot_be_a_backup_is_refused_before_it_is_sent() {
        assert_eq!(refuse(&file("b.JSON", 1, ""), 10), Ok(()));
        assert_eq!(refuse(&file("b", 10, "application/json"), 10), Ok(()));
        let why = [
            file("a.png", 1, "image/png"),
            file("a.json", 0, ""),
            file("a.json", 2_000, ""),
        ]
        .map(|file| refuse(&file, 1_000).expect_err("refused"));
        assert_eq!(
            why[0],
            "“a.png” is no backup: it is image/png, and a backup is a .json file."
        );
        assert_eq!(why[1], "“a.json” is empty.");
        assert_eq!(
            why[2],
            "“a.json” is 2.0 kB, and at most 1.0 kB can be uploaded."
        );
    }
}
