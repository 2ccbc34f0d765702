//! A long answer that waits for its reader in a file, so that nothing but the file waits with it: the database's
//! connection is free as soon as the database has said everything, however slowly the answer is taken.

use std::{fs::File, io, os::unix::fs::FileExt as _, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{Stream, stream};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc, watch},
    task::spawn_blocking,
    time::timeout,
};

use crate::error::{AppError, ErrorKind};

/// A reader that takes nothing for so long is gone.
const PATIENCE: Duration = Duration::from_mins(1);
/// What a reader is given at a time, in bytes.
const PIECE: usize = 64 * 1024;

/// How far the writer is.
#[derive(Clone, Debug, Default)]
struct Written {
    bytes: u64,
    /// All has been written; or why no more will come.
    end: Option<Result<(), AppError>>,
}

/// Answers the pieces as they come, from a file that has no name and goes with the last who reads it. `place` is given
/// back when the answer has been taken, or nobody takes it any more.
///
/// # Errors
/// When no file can be made.
pub fn spool(
    mut pieces: mpsc::Receiver<Result<Bytes, AppError>>,
    place: OwnedSemaphorePermit,
) -> io::Result<impl Stream<Item = Result<Bytes, AppError>> + use<>> {
    let file = Arc::new(tempfile::tempfile()?);
    let (progress, written) = watch::channel(Written::default());
    let (taken, seen_taken) = watch::channel(0_u64);
    let output = file.clone();
    tokio::spawn(async move {
        let mut bytes = 0;
        let mut end = Ok(());
        while let Some(piece) = pieces.recv().await {
            let added = match piece {
                Ok(piece) => write(output.clone(), piece, bytes).await,
                Err(error) => Err(error),
            };
            match added {
                Ok(added) => bytes += added,
                Err(error) => {
                    end = Err(error);
                    break;
                }
            }
            // Nobody reads it any more: whoever makes the pieces hears of that, too.
            if progress.send(Written { bytes, end: None }).is_err() {
                return;
            }
        }
        drop(pieces);
        let _ = progress.send(Written {
            bytes,
            end: Some(end),
        });
        watch_over(seen_taken, bytes, &progress).await;
        drop(place);
    });
    let reading = Reading {
        file,
        written,
        taken,
        at: 0,
    };
    Ok(stream::try_unfold(reading, Reading::next))
}

/// Ends when all has been taken, or nobody takes any more; then what is left is broken off.
async fn watch_over(mut taken: watch::Receiver<u64>, all: u64, progress: &watch::Sender<Written>) {
    loop {
        match timeout(PATIENCE, taken.changed()).await {
            Ok(Ok(())) if *taken.borrow_and_update() < all => {}
            Ok(_) => return,
            Err(_) => {
                let gone = AppError::new(
                    ErrorKind::Unavailable,
                    "The answer was not taken for a minute.",
                );
                progress.send_modify(|written| {
                    written.bytes = 0;
                    written.end = Some(Err(gone));
                });
                return;
            }
        }
    }
}

async fn write(file: Arc<File>, piece: Bytes, at: u64) -> Result<u64, AppError> {
    let written = spawn_blocking(move || {
        file.write_all_at(&piece, at)?;
        Ok::<_, io::Error>(u64::try_from(piece.len()).unwrap_or(u64::MAX))
    });
    match written.await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => {
            tracing::error!(%error, "an answer can't be spooled");
            Err(AppError::new(
                ErrorKind::DiskFull,
                "The disk for temporary files is full. Free some space, then try again.",
            ))
        }
        Err(_) => Err(AppError::new(
            ErrorKind::Unavailable,
            "The server stops. Try again in a moment.",
        )),
    }
}

/// A reader of the file.
struct Reading {
    file: Arc<File>,
    written: watch::Receiver<Written>,
    taken: watch::Sender<u64>,
    at: u64,
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, AppError> {
        loop {
            let Written { bytes, end } = self.written.borrow_and_update().clone();
            if self.at < bytes {
                let length = usize::try_from(bytes - self.at).map_or(PIECE, |left| left.min(PIECE));
                let (file, at) = (self.file.clone(), self.at);
                let read = spawn_blocking(move || {
                    let mut piece = vec![0; length];
                    file.read_exact_at(&mut piece, at).map(|()| piece)
                });
                let Ok(Ok(piece)) = read.await else {
                    return Err(AppError::new(
                        ErrorKind::Internal,
                        "The answer can't be read back. The server's log has the cause.",
                    ));
                };
                self.at += u64::try_from(length).unwrap_or(u64::MAX);
                self.taken.send_replace(self.at);
                return Ok(Some((piece.into(), self)));
            }
            match end {
                Some(Ok(())) => return Ok(None),
                Some(Err(error)) => return Err(error),
                // The writer is never gone without a word.
                None => {
                    if self.written.changed().await.is_err() {
                        return Err(AppError::new(
                            ErrorKind::Unavailable,
                            "The server stops. Try again in a moment.",
                        ));
                    }
                }
            }
        }
    }
}
