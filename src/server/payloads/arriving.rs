//! Payloads that are written in parts to a store which keeps them, and has them paid for, until it is told to drop them.
//!
//! While one arrives, a note beside the payloads holds the name that the store gave to its parts. So they can be dropped by
//! another process when the one that wrote them was killed. Whoever lists the parts that a store keeps needs no note, but
//! not every store has such a list.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures::{FutureExt as _, StreamExt as _};
use object_store::{
    Error, MultipartId, MultipartUpload, ObjectStore, ObjectStoreExt as _, PutPayload, PutResult,
    Result, UploadPart,
    multipart::{MultipartStore, PartId},
    path::Path,
};
use tokio::{runtime::Handle, time::Instant};

use super::Payloads;

/// The folder of the notes, beside the payloads.
const FOLDER: &str = "arriving";
/// A note is written anew so often, by which it is known that somebody still writes.
const RENEWED: Duration = Duration::from_hours(1);

/// A store that keeps parts.
#[derive(Clone)]
pub(super) struct KeepsParts(pub Arc<dyn MultipartStore>);

impl fmt::Debug for KeepsParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeepsParts")
    }
}

impl KeepsParts {
    /// Drops the parts. That they are gone already is no error.
    async fn drop_parts(&self, path: &Path, id: &MultipartId) -> Result<()> {
        match self.0.abort_multipart(path, id).await {
            Err(Error::NotFound { .. }) => Ok(()),
            other => other,
        }
    }
}

/// A payload that arrives in parts.
#[derive(Debug)]
struct Arriving {
    at: Arc<Place>,
    /// The parts so far, each once it is written.
    parts: Vec<Arc<Mutex<Option<PartId>>>>,
    noted: Instant,
    /// It is whole, or its parts are dropped.
    is_over: bool,
}

/// Where it arrives.
#[derive(Debug)]
struct Place {
    store: Arc<dyn ObjectStore>,
    parts: KeepsParts,
    path: Path,
    note: Path,
    id: MultipartId,
}

impl Place {
    async fn write_note(&self) -> Result<()> {
        let id = PutPayload::from(self.id.clone());
        self.store.put(&self.note, id).await.map(drop)
    }

    /// A note that stays is harmless: what it names is gone.
    async fn remove_note(&self) {
        if let Err(error) = self.store.delete(&self.note).await {
            tracing::warn!(note = %self.note, %error, "the note of an upload could not be removed");
        }
    }
}

impl Payloads {
    /// The note of a payload that arrives.
    fn note(&self, key: &str) -> Path {
        self.folder.clone().join(FOLDER).join(key)
    }

    /// Begins to write a payload in parts that the store keeps.
    pub(super) async fn begin_in_parts(
        &self,
        key: &str,
        parts: &KeepsParts,
    ) -> Result<Box<dyn MultipartUpload>> {
        let path = self.path(key);
        let id = parts.0.create_multipart(&path).await?;
        let upload = Arriving {
            at: Arc::new(Place {
                store: self.store.clone(),
                parts: parts.clone(),
                note: self.note(key),
                path,
                id,
            }),
            parts: Vec::new(),
            noted: Instant::now(),
            is_over: false,
        };
        // Without a note the parts are dropped right here, when this ends.
        upload.at.write_note().await?;
        Ok(Box::new(upload))
    }

    /// Drops the parts of payloads of which none has come since an instant, by the store's own clock: the process that wrote
    /// them was killed.
    ///
    /// # Errors
    /// When the store can't be read, or what keeps the last of them that it doesn't let go.
    pub async fn drop_parts(&self, before: DateTime<Utc>) -> Result<()> {
        let Some(parts) = &self.keeps_parts else {
            return Ok(());
        };
        let mut notes = self.store.list(Some(&self.folder.clone().join(FOLDER)));
        let mut outcome = Ok(());
        while let Some(note) = notes.next().await {
            let note = note?;
            if note.last_modified < before
                && let Err(error) = self.drop_noted(parts, &note.location).await
            {
                outcome = Err(error);
            }
        }
        outcome
    }

    async fn drop_noted(&self, parts: &KeepsParts, note: &Path) -> Result<()> {
        let key = note.filename().unwrap_or_default();
        // Gone meanwhile: it has arrived.
        let Some((id, _)) = self.small(note).await? else {
            return Ok(());
        };
        let id = String::from_utf8_lossy(&id).into_owned();
        parts.drop_parts(&self.path(key), &id).await?;
        self.remove(note).await?;
        tracing::info!(
            payload = key,
            "the parts of an upload that broke off are dropped"
        );
        Ok(())
    }
}

#[async_trait]
impl MultipartUpload for Arriving {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let renews = self.noted.elapsed() > RENEWED;
        if renews {
            self.noted = Instant::now();
        }
        let (at, index) = (self.at.clone(), self.parts.len());
        let written = Arc::new(Mutex::new(None));
        self.parts.push(written.clone());
        async move {
            if renews {
                at.write_note().await?;
            }
            let part = at.parts.0.put_part(&at.path, &at.id, index, data).await?;
            *written.lock().unwrap_or_else(PoisonError::into_inner) = Some(part);
            Ok(())
        }
        .boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let at = &self.at;
        let written = self.parts.iter().map(|part| {
            let part = part.lock().unwrap_or_else(PoisonError::into_inner);
            part.clone()
        });
        let parts: Option<Vec<PartId>> = written.collect();
        let parts = parts.ok_or_else(|| Error::Generic {
            store: "payloads",
            source: "not all of its parts are written".into(),
        })?;
        let whole = at
            .parts
            .0
            .complete_multipart(&at.path, &at.id, parts)
            .await?;
        self.is_over = true;
        at.remove_note().await;
        Ok(whole)
    }

    async fn abort(&mut self) -> Result<()> {
        self.at.parts.drop_parts(&self.at.path, &self.at.id).await?;
        self.is_over = true;
        self.at.remove_note().await;
        Ok(())
    }
}

impl Drop for Arriving {
    /// Whoever wrote it has left. A part that is still on its way to the store may come after all: then the note stays, by
    /// which it is dropped later.
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let at = self.at.clone();
        let is_written = |part: &Arc<Mutex<Option<PartId>>>| {
            let part = part.lock().unwrap_or_else(PoisonError::into_inner);
            part.is_some()
        };
        let all_written = self.parts.iter().all(is_written);
        // Without a runtime the process ends: another one drops the parts by the note.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                match at.parts.drop_parts(&at.path, &at.id).await {
                    Ok(()) if all_written => at.remove_note().await,
                    Ok(()) => {}
                    Err(error) => {
                        tracing::warn!(payload = %at.path, %error, "the parts of an upload that broke off could not be dropped yet");
                    }
                }
            });
        }
    }
}
