//! Writes to standard output. Who reads it may leave at any time, as `head` does: that is no error.

use std::io::{self, ErrorKind, Write as _};

/// Writes a line.
///
/// # Errors
/// When it can't be written, unless nobody reads any more.
pub fn line(text: &str) -> io::Result<()> {
    let written = writeln!(io::stdout(), "{text}");
    quietly(written)
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
