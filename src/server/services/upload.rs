//! Receiving an upload. Its log exists from the first byte on, so an upload that breaks off, is too large or is
//! of the wrong kind is a failed import that says so.

mod refusal;

use std::{fmt::Write as _, time::Duration};

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use object_store::WriteMultipart;
use sha2::{Digest as _, Sha256};

use self::refusal::{Refusal, refusal_of};
use super::{ServiceError, imports::Imports, in_time};
use crate::{
    error::ErrorKind,
    model::import_log::{FailureKind, ImportType, Phase, Requester, Started},
    server::{
        attempt::Attempt,
        config::Lease,
        db::{
            attempts::{self, AttemptKey},
            import_logs::{self, NewLog},
            jobs, outcomes, recovery,
        },
        importer::error::ImportError,
        payloads::Payloads,
    },
};

/// A client that sends nothing for so long is gone.
const IDLE: Duration = Duration::from_secs(30);
/// The lease of a log whose upload arrives.
const LEASE: Lease = Lease {
    length: Duration::from_secs(30),
    heartbeat: Duration::from_secs(1),
};
/// Parts that may be on their way to the store at once.
const PARTS_AT_ONCE: usize = 2;

/// What a client says of an upload before it sends it.
#[derive(Clone, Debug, Default)]
pub struct Announced {
    pub filename: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
    /// Why it can't be accepted whatever it holds, if so.
    pub refused: Option<(ErrorKind, String)>,
}

/// An upload whose bytes are still to come. Its log is there.
#[derive(Debug)]
pub struct Upload {
    pub id: i32,
    announced: Announced,
    attempt: Attempt,
}

/// An accepted upload.
#[derive(Clone, Debug)]
pub struct Received {
    pub started: Started,
    /// The import that already brought this very file, if any.
    pub same_as: Option<i32>,
}

/// Bytes that have arrived whole.
struct Stored {
    size: u64,
    sha256: String,
}

impl Imports {
    /// Receives a backup and queues its import.
    ///
    /// # Errors
    /// When the upload is refused, breaks off, or can't be stored: the log says so too.
    pub async fn receive_backup<E: std::fmt::Display>(
        &self,
        announced: Announced,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
        by: Requester,
    ) -> Result<Received, ServiceError> {
        let upload = self.begin_upload(announced, by).await?;
        self.receive(upload, body).await
    }

    /// Begins the log of an upload.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin_upload(
        &self,
        mut announced: Announced,
        by: Requester,
    ) -> Result<Upload, ServiceError> {
        // No column can hold this one character, and a name is no reason to refuse a file.
        announced.filename = announced.filename.map(|name| name.replace('\0', ""));
        let log = NewLog {
            filename: announced.filename.as_deref(),
            phase: Phase::Uploading,
            progress_total: announced.size.and_then(|size| i64::try_from(size).ok()),
            ..NewLog::new(ImportType::Backup, by, self.clock.now())
        };
        let id = in_time(import_logs::create(&self.pool, &log)).await?;
        let key = AttemptKey {
            import_id: id,
            number: 0,
        };
        Ok(Upload {
            id,
            announced,
            attempt: Attempt::begin(self.pool.clone(), key, LEASE, Phase::Uploading),
        })
    }

    /// Receives the bytes of an upload and queues its import.
    ///
    /// # Errors
    /// As [`Self::receive_backup`].
    pub async fn receive<E: std::fmt::Display>(
        &self,
        upload: Upload,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Received, ServiceError> {
        let Upload {
            id,
            announced,
            attempt,
        } = upload;
        let payload = Payloads::new_key();
        let received = tokio::select! {
            biased;
            received = self.store(&announced, body, &payload, &attempt) => received,
            stopped = attempt.stopped() => Err(refusal_of(&stopped.into())),
        };
        drop(attempt);
        let result = match received {
            Ok(stored) => {
                let filename = announced.filename.as_deref();
                in_time(self.queue(id, &payload, &stored, filename)).await
            }
            Err(refusal) => Err(refusal),
        };
        match result {
            Ok(received) => Ok(received),
            Err(refusal) => self.refuse(id, &payload, refusal).await,
        }
    }

    /// Ends an upload's log as the refusal says, unless it has gone on or ended without us.
    async fn refuse(
        &self,
        id: i32,
        payload: &str,
        refusal: Refusal,
    ) -> Result<Received, ServiceError> {
        if let Some(cause) = &refusal.cause {
            tracing::warn!(import = id, cause, "upload failed");
        }
        let now = self.clock.now();
        let refused = in_time(async {
            if refusal.failure == FailureKind::Cancelled {
                let key = AttemptKey {
                    import_id: id,
                    number: 0,
                };
                return recovery::end_cancelled(&self.pool, key, now).await;
            }
            let (kind, sentence) = (refusal.failure, &refusal.sentence);
            outcomes::refuse_upload(&self.pool, id, now, kind, sentence).await
        })
        .await?;
        let log = in_time(self.log(id)).await?;
        if !refused && log.payload_sha256.is_some() {
            // It was queued all the same: the answer to that commit got lost with its connection. The file is the
            // import's now.
            let started = Started { id };
            return Ok(Received {
                started,
                same_as: None,
            });
        }
        // What can't be deleted now, housekeeping deletes: no log refers to it.
        let _ = self.payloads.delete(payload).await;
        let sentence = log.error_message.unwrap_or(refusal.sentence);
        Err(ServiceError::told(refusal.kind, sentence))
    }

    /// Streams the body into the store, counting and hashing on the way.
    async fn store<E: std::fmt::Display>(
        &self,
        announced: &Announced,
        mut body: impl Stream<Item = Result<Bytes, E>> + Unpin,
        payload: &str,
        attempt: &Attempt,
    ) -> Result<Stored, Refusal> {
        if let Some((kind, sentence)) = &announced.refused {
            return Err(Refusal::invalid(*kind, sentence.clone()));
        }
        if let Some(size) = announced.size.filter(|size| *size > self.max_upload) {
            return Err(self.too_large(size));
        }
        let total = announced.size.and_then(|size| i64::try_from(size).ok());
        let mut writer = self.payloads.write(payload).await?;
        match self.copy(&mut body, &mut writer, attempt, total).await {
            Ok(stored) => {
                writer.finish().await?;
                Ok(stored)
            }
            Err(refusal) => {
                let _ = writer.abort().await;
                Err(refusal)
            }
        }
    }

    async fn copy<E: std::fmt::Display>(
        &self,
        body: &mut (impl Stream<Item = Result<Bytes, E>> + Unpin),
        writer: &mut WriteMultipart,
        attempt: &Attempt,
        total: Option<i64>,
    ) -> Result<Stored, Refusal> {
        let mut size = 0_u64;
        let mut hash = Sha256::new();
        loop {
            let chunk = match tokio::time::timeout(IDLE, body.next()).await {
                Ok(None) => break,
                Ok(Some(Ok(chunk))) => chunk,
                Ok(Some(Err(error))) => {
                    return Err(Refusal::cut_off(size, total, &error.to_string()));
                }
                Err(_) => return Err(Refusal::cut_off(size, total, "nothing arrived for 30 s")),
            };
            size += chunk.len() as u64;
            if size > self.max_upload {
                return Err(self.too_large(size));
            }
            writer.wait_for_capacity(PARTS_AT_ONCE).await?;
            // The semaphore is never closed.
            let turn = self.chunks.acquire().await;
            hash.update(&chunk);
            writer.put(chunk);
            // Whoever else is ready comes first, and then the next upload.
            tokio::task::yield_now().await;
            drop(turn);
            attempt.progress(i64::try_from(size).unwrap_or(i64::MAX), total, None);
        }
        if size == 0 {
            return Err(Refusal::invalid(
                ErrorKind::Malformed,
                "The upload is empty: 0 bytes arrived. Choose a NumWatch backup (.json).".into(),
            ));
        }
        let sha256 = hash
            .finalize()
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                // Writing to a string can't fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            });
        Ok(Stored { size, sha256 })
    }

    async fn queue(
        &self,
        id: i32,
        payload: &str,
        stored: &Stored,
        filename: Option<&str>,
    ) -> Result<Received, Refusal> {
        let same_as = import_logs::success_with_sha256(&self.pool, &stored.sha256)
            .await?
            .map(|earlier| earlier.id);
        let mut tx = self.pool.begin().await?;
        let size = i64::try_from(stored.size).unwrap_or(i64::MAX);
        if !attempts::uploaded(&mut *tx, id, payload, filename, size, &stored.sha256).await? {
            return Err(refusal_of(&ImportError::Cancelled));
        }
        jobs::enqueue(&mut tx, id).await?;
        tx.commit().await?;
        Ok(Received {
            started: Started { id },
            same_as,
        })
    }

    fn too_large(&self, size: u64) -> Refusal {
        Refusal::invalid(
            ErrorKind::TooLarge,
            format!(
                "The upload is too large: {size} bytes or more, and {} is the most that is accepted (NUMWATCH_MAX_UPLOAD_BYTES).",
                self.max_upload
            ),
        )
    }
}
