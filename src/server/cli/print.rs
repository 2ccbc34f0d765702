//! Writes to standard output. Who reads it may leave at any time, as `head` does: that is no error.

use std::io::{self, ErrorKind, Write as _};

use crate::model::visible::visible;

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
