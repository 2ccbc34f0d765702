//! Receiving an upload. Its log exists from the first byte on, so an upload that breaks off, is too large or is
//! of the wrong kind is a failed import that says so.

mod pace;
mod refusal;
mod store;
mod unpack;

use std::time::Duration;

use bytes::Bytes;
use futures::Stream;

use self::{
    refusal::{Refusal, refusal_of},
    store::Stored,
};
use super::{ServiceError, cancelling, imports::Imports, in_time};
use crate::{
    error::ErrorKind,
    model::{
        access::Action,
        import_log::{FailureKind, ImportType, Phase, Started},
    },
    server::{
        actor::Actor,
        attempt::Attempt,
        config::Lease,
        db::{
            attempts::AttemptKey,
            import_logs::{self, NewLog},
            outcomes, recovery,
            runs::{self, Lane, Needs, NewRun},
        },
        filename,
        importer::error::ImportError,
        payloads::Payloads,
    },
};

/// The lease of a log whose upload arrives.
const LEASE: Lease = Lease {
    length: Duration::from_secs(30),
    heartbeat: Duration::from_secs(1),
};

/// What a client says of an upload before it sends it.
#[derive(Clone, Debug, Default)]
pub struct Announced {
    pub filename: Option<String>,
    /// What its sender calls the upload, to be able to stop it.
    pub called: Option<String>,
    /// Bytes.
    pub size: Option<u64>,
    /// The body is packed with gzip on its way, whatever the file itself is.
    pub gzip: bool,
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

impl Imports {
    /// Receives a backup and queues its import.
    ///
    /// # Errors
    /// When the upload is refused, breaks off, or can't be stored: the log says so too.
    pub async fn receive_backup<E: std::fmt::Display>(
        &self,
        announced: Announced,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
        by: &Actor,
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
        by: &Actor,
    ) -> Result<Upload, ServiceError> {
        let permit = by.permit(Action::Import)?;
        announced.filename = announced.filename.as_deref().and_then(filename::clean);
        let log = NewLog {
            filename: announced.filename.as_deref(),
            progress_total: announced.size.map(signed),
            ..NewLog::new(ImportType::Backup, by, self.clock.now())
        };
        let id = in_time(async {
            let mut tx = self.pool.begin().await?;
            let import_id = self.create(&mut tx, &permit, &log).await?;
            let run = NewRun {
                import_id,
                phase: Phase::Uploading,
                lane: Lane::File,
                needs: &Needs::default(),
                upload_name: announced.called.as_deref(),
                progress_total: log.progress_total,
                lease: LEASE.length,
            };
            runs::create(&mut *tx, &run).await?;
            tx.commit().await?;
            Ok::<_, ServiceError>(import_id)
        })
        .await?;
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
        let _arrives = self.arriving.token();
        let received = tokio::select! {
            biased;
            received = attempt.elsewhere(self.store(&announced, body, &payload, |arrived, total| {
                attempt.progress(arrived, total, None);
            })) => received,
            stopped = attempt.stopped() => Err(refusal_of(&stopped.into())),
            () = self.stopping.cancelled() => Err(Refusal::stops()),
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

    /// Receives the bytes of a file that nobody imports yet, under this key.
    ///
    /// # Errors
    /// When the upload is refused, breaks off, or can't be stored.
    pub(super) async fn store_only<E: std::fmt::Display>(
        &self,
        announced: &Announced,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
        payload: &str,
    ) -> Result<Stored, ServiceError> {
        let stored = tokio::select! {
            stored = self.store(announced, body, payload, |_, _| ()) => stored,
            () = self.stopping.cancelled() => Err(Refusal::stops()),
        };
        stored.map_err(|refusal| {
            if let Some(cause) = &refusal.cause {
                tracing::warn!(cause, "upload failed");
            }
            ServiceError::told(refusal.kind, refusal.sentence)
        })
    }

    /// The process stops: what still arrives is cut off, and its log says so before this answers. Without a database it
    /// can't; recovery says it then.
    pub async fn stop_arriving(&self) {
        const PATIENCE: Duration = Duration::from_secs(5);
        self.stopping.cancel();
        self.arriving.close();
        let _ = tokio::time::timeout(PATIENCE, self.arriving.wait()).await;
    }

    /// Asks the upload that its sender calls so to stop.
    ///
    /// # Errors
    /// When no such upload arrives, or the database refuses.
    pub async fn stop_upload(&self, called: &str, by: &Actor) -> Result<(), ServiceError> {
        by.permit(Action::Cancel)?;
        let Some(id) = runs::arriving(&self.pool, called).await? else {
            let sentence =
                "This upload isn't under way any more. Look at the table for how it ended.";
            return Err(ServiceError::told(ErrorKind::NotFound, sentence));
        };
        self.cancel(id, by).await
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
            // Who asks to stop an upload cuts it off, too: whichever is noticed first.
            let mut tx = self.pool.begin().await?;
            let cancelled = match recovery::lock(&mut *tx, id).await? {
                Some(run) => cancelling::end_cancelled(&mut tx, &run, now).await?,
                None => false,
            };
            tx.commit().await?;
            if cancelled || refusal.failure == FailureKind::Cancelled {
                return Ok(cancelled);
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
        Err(ServiceError::of_import(id, refusal.kind, sentence))
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
        let upload = runs::Uploaded {
            payload,
            filename,
            arrived: stored.arrived,
            unpacked: stored.unpacked,
            sha256: &stored.sha256,
            store: self.has.store.as_deref().unwrap_or_default(),
        };
        if !runs::uploaded(&mut tx, id, &upload).await? {
            return Err(refusal_of(&ImportError::Cancelled));
        }
        tx.commit().await?;
        Ok(Received {
            started: Started { id },
            same_as,
        })
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
