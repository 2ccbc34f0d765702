//! An upload under way: one file after the other, one import each.

use super::format;
use crate::browser::{Chosen, Sent};

/// Files on their way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// Where they are sent.
    pub to: &'static str,
    pub files: Vec<Chosen>,
    /// Which of the files is on its way.
    pub nth: usize,
    pub sent: u64,
    pub total: u64,
    /// Those that did not arrive, and stay chosen.
    pub left: Vec<Chosen>,
}

impl Sending {
    /// `2 of 3 · name`, or the name alone.
    #[must_use]
    pub fn in_words(&self) -> String {
        let name = self.files.get(self.nth).map_or("", |file| &file.name);
        match self.files.len() {
            1 => name.to_owned(),
            all => format!("{} of {all} · {name}", self.nth + 1),
        }
    }

    /// Files that are still to come after the one on its way.
    #[must_use]
    pub fn still_to_come(&self) -> &[Chosen] {
        self.files.get(self.nth + 1..).unwrap_or_default()
    }

    /// What is told of a file that did not arrive; with others beside it, by its name.
    #[must_use]
    pub fn problem(&self, file: &Chosen, heard: Sent) -> Option<String> {
        let name = &file.name;
        Some(match heard {
            Sent::Refused(sentence) if self.files.len() == 1 => sentence,
            Sent::Refused(sentence) => format!("“{name}”: {sentence}"),
            Sent::Broken => {
                format!("The upload of “{name}” broke off. Check the connection and try again.")
            }
            Sent::Changed => {
                format!("“{name}” has changed or gone since it was chosen. Choose it again.")
            }
            Sent::Stopped => {
                let rest = self.still_to_come().len();
                let rest = match i64::try_from(rest) {
                    Ok(0) | Err(_) => String::new(),
                    Ok(rest) => format!(
                        " {} not sent.",
                        format::count(rest, "file after it was", "files after it were")
                    ),
                };
                format!("The upload of “{name}” was stopped.{rest}")
            }
            Sent::Part { .. } | Sent::Accepted { .. } | Sent::Checked { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sending(names: &[&str], nth: usize) -> Sending {
        let files = names.iter().map(|name| Chosen {
            place: 0,
            name: (*name).into(),
            size: 1,
            kind: String::new(),
        });
        Sending {
            to: "/",
            files: files.collect(),
            nth,
            sent: 0,
            total: 1,
            left: Vec::new(),
        }
    }

    #[test]
    fn several_are_counted_and_named() {
        let one = sending(&["a.json"], 0);
        assert_eq!(one.in_words(), "a.json");
        let refused = || Sent::Refused("It is full.".into());
        let told = one.problem(&one.files[0], refused());
        assert_eq!(told.as_deref(), Some("It is full."));

        let three = sending(&["a.json", "b.json", "c.json"], 1);
        assert_eq!(three.in_words(), "2 of 3 · b.json");
        let told = three.problem(&three.files[1], refused());
        assert_eq!(told.as_deref(), Some("“b.json”: It is full."));
        let told = three.problem(&three.files[1], Sent::Stopped);
        assert_eq!(
            told.as_deref(),
            Some("The upload of “b.json” was stopped. 1 file after it was not sent.")
        );
        let told = three.problem(&three.files[1], Sent::Accepted { id: 1 });
        assert_eq!(told, None);
    }
}
