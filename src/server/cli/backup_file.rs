//! The backup file that a command names.

use std::{io, path::Path};

use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::connect::Failure;
use crate::server::services::upload::Announced;

/// Opens it, and tells what is known of it.
///
/// # Errors
/// When it can't be opened: a sentence.
pub async fn open(file: &Path) -> Result<(Announced, ReaderStream<File>), Failure> {
    let cant_open = |error| cant_open(file, &error);
    let opened = File::open(file).await.map_err(cant_open)?;
    let found = opened.metadata().await.map_err(cant_open)?;
    if found.is_dir() {
        return Err(cant_open(io::ErrorKind::IsADirectory.into()).into());
    }
    let announced = Announced {
        filename: file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned()),
        // A pipe has no size that anybody could know.
        size: found.is_file().then_some(found.len()),
        ..Announced::default()
    };
    Ok((announced, ReaderStream::with_capacity(opened, 256 * 1024)))
}

/// Why there is nothing to begin with: a sentence.
fn cant_open(file: &Path, error: &io::Error) -> String {
    let file = file.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!("There is no file {file}. Check its path."),
        io::ErrorKind::IsADirectory => {
            format!("{file} is a folder. Name the backup file in it.")
        }
        io::ErrorKind::PermissionDenied => {
            format!(
                "{file} may not be read by this user. Change its permissions, or run this as its owner."
            )
        }
        _ => format!("{file} can't be opened: {error}. Check its path and its disk."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cant_be_opened_is_told_in_a_sentence() {
        for (kind, sentence) in [
            (
                io::ErrorKind::NotFound,
                "There is no file a/b.json. Check its path.",
            ),
            (
                io::ErrorKind::IsADirectory,
                "a/b.json is a folder. Name the backup file in it.",
            ),
            (
                io::ErrorKind::PermissionDenied,
                "a/b.json may not be read by this user. Change its permissions, or run this as its owner.",
            ),
            (
                io::ErrorKind::StaleNetworkFileHandle,
                "a/b.json can't be opened: stale network file handle. Check its path and its disk.",
            ),
        ] {
            assert_eq!(cant_open(Path::new("a/b.json"), &kind.into()), sentence);
        }
    }
}
