//! The way of an upload's bytes: as they arrive they are unpacked, counted, hashed and stored.

use std::fmt::Write as _;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use object_store::WriteMultipart;
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout};

use super::{Announced, pace::Pace, refusal::Refusal, signed, unpack::Unpacker};
use crate::server::{importer::error::ImportError, services::imports::Imports};

/// Parts that may be on their way to the store at once.
const PARTS_AT_ONCE: usize = 2;

/// Bytes that have arrived whole.
pub struct Stored {
    pub arrived: i64,
    pub unpacked: i64,
    /// Of what is unpacked.
    pub sha256: String,
}

/// What becomes of the bytes.
struct Copy {
    writer: WriteMultipart,
    unpacker: Unpacker,
    unpacked: u64,
    hash: Sha256,
}

impl Imports {
    /// Streams the body into the store. `hear` is told how many bytes have arrived, of so many as were announced.
    pub(super) async fn store<E: std::fmt::Display>(
        &self,
        announced: &Announced,
        mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
        payload: &str,
        hear: impl Fn(i64, Option<i64>),
    ) -> Result<Stored, Refusal> {
        if let Some((kind, sentence)) = &announced.refused {
            return Err(Refusal::invalid(*kind, sentence.clone()));
        }
        if let Some(size) = announced.size.filter(|size| *size > self.limits.upload) {
            return Err(Refusal::too_large(size, self.limits.upload));
        }
        let writer = self.payloads.write(payload).await;
        let mut copy = Copy {
            writer: writer.map_err(ImportError::Unwritable)?,
            unpacker: Unpacker::new(announced.gzip),
            unpacked: 0,
            hash: Sha256::new(),
        };
        let total = announced.size.map(signed);
        match self.copy(&mut body, &mut copy, hear, total).await {
            Ok(()) => {
                let written = copy.writer.finish().await;
                written.map_err(ImportError::Unwritable)?;
                Ok(Stored {
                    arrived: signed(copy.unpacker.arrived()),
                    unpacked: signed(copy.unpacked),
                    sha256: hex(&copy.hash.finalize()),
                })
            }
            Err(refusal) => {
                let _ = copy.writer.abort().await;
                Err(refusal)
            }
        }
    }

    async fn copy<E: std::fmt::Display>(
        &self,
        body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
        copy: &mut Copy,
        hear: impl Fn(i64, Option<i64>),
        total: Option<i64>,
    ) -> Result<(), Refusal> {
        let mut pace = Pace::new(&self.limits);
        loop {
            let arrived = copy.unpacker.arrived();
            let asked = Instant::now();
            let chunk = match timeout(self.limits.idle, body.next()).await {
                Ok(None) => break,
                Ok(Some(Ok(chunk))) => chunk,
                Ok(Some(Err(error))) => {
                    return Err(Refusal::cut_off(arrived, total, &error.to_string()));
                }
                Err(_) => return Err(Refusal::silent(arrived, total, self.limits.idle)),
            };
            let arrived = arrived + chunk.len() as u64;
            if !pace.goes_on(asked.elapsed(), chunk.len()) {
                return Err(Refusal::too_slow(arrived, total, &self.limits));
            }
            // What is packed may be longer than what is in it.
            if arrived > self.limits.upload {
                return Err(Refusal::too_large(arrived, self.limits.upload));
            }
            copy.unpacker.take(chunk);
            self.pass_on(copy).await?;
            hear(signed(arrived), total);
        }
        if copy.unpacker.arrived() == 0 {
            return Err(Refusal::empty());
        }
        copy.unpacker.end();
        self.pass_on(copy).await?;
        if copy.unpacked == 0 {
            return Err(Refusal::nothing_inside());
        }
        Ok(())
    }

    /// Passes on what is unpacked of what has arrived, a piece at a time.
    async fn pass_on(&self, copy: &mut Copy) -> Result<(), Refusal> {
        loop {
            let room = copy.writer.wait_for_capacity(PARTS_AT_ONCE).await;
            room.map_err(ImportError::Unwritable)?;
            // The semaphore is never closed.
            let turn = self.chunks.acquire().await;
            let Some(piece) = copy.unpacker.piece()? else {
                return Ok(());
            };
            copy.unpacked += piece.len() as u64;
            if copy.unpacked > self.limits.upload {
                return Err(Refusal::too_large_unpacked(
                    copy.unpacked,
                    self.limits.upload,
                ));
            }
            copy.hash.update(&piece);
            copy.writer.put(piece);
            // Whoever else is ready comes first, and then the next upload.
            tokio::task::yield_now().await;
            drop(turn);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    let capacity = String::with_capacity(2 * bytes.len());
    bytes.iter().fold(capacity, |mut hex, byte| {
        // Writing to a string can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
