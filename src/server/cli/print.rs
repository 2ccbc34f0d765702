//! Writes to standard output. Who reads it may leave at any time, as `head` does: that is no error.

use std::io::{self, ErrorKind, Write as _};

use crate::{
    model::visible::visible,
    server::secret::{ExposeSecret, SecretString},
};

/// What a command tells: on standard output what was asked for, beside it, on standard error, what a person should know.
#[derive(Debug)]
pub struct Told {
    beside: Vec<String>,
    lines: Vec<String>,
    /// After all of it, alone on its line.
    secret: Option<SecretString>,
}

impl Told {
    /// One line.
    #[must_use]
    pub fn line(line: String) -> Self {
        Self::lines(vec![line])
    }

    /// Lines.
    #[must_use]
    pub const fn lines(lines: Vec<String>) -> Self {
        Self {
            beside: Vec::new(),
            lines,
            secret: None,
        }
    }

    /// A secret, and a sentence before it for whoever sees both.
    #[must_use]
    pub fn secret(sentence: String, secret: &SecretString) -> Self {
        Self {
            beside: vec![sentence],
            lines: Vec::new(),
            secret: Some(secret.clone()),
        }
    }

    /// With more that a person should know, said first.
    #[must_use]
    pub fn beside(mut self, sentences: Vec<String>) -> Self {
        self.beside.splice(0..0, sentences);
        self
    }

    /// All that comes on standard output.
    #[must_use]
    pub fn output(&self) -> Vec<&str> {
        let secret = self.secret.iter().map(ExposeSecret::expose_secret);
        self.lines
            .iter()
            .map(String::as_str)
            .chain(secret)
            .collect()
    }

    /// Prints it.
    ///
    /// # Errors
    /// When it can't be written, unless nobody reads any more.
    pub fn print(&self) -> io::Result<()> {
        for sentence in &self.beside {
            eprintln!("{sentence}");
        }
        self.output().into_iter().try_for_each(line)
    }
}

/// Writes a line. What a file says of itself may be in it: nothing in it moves the terminal's cursor or sets its colours.
///
/// # Errors
/// When it can't be written, unless nobody reads any more.
pub fn line(text: &str) -> io::Result<()> {
    let written = writeln!(io::stdout(), "{}", harmless(text));
    quietly(written)
}

/// Writes what went wrong, to standard error.
pub fn error(text: &str) {
    eprintln!("{}", harmless(text));
}

/// A text of one line or more with all that is invisible made visible.
fn harmless(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(visible).collect();
    lines.join("\n")
}

/// Whatever was written, a reader that has left is no error.
///
/// # Errors
/// All others.
pub fn quietly(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_terminal_is_told_nothing_but_text() {
        let text = "one \x1B[31mred\x07\ntwo\r\u{202E}";
        assert_eq!(harmless(text), "one ␛[31mred␇\ntwo␍⟨U+202E⟩");
    }
}
