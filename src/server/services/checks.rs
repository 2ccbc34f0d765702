//! Checking a file before it is imported. The file stays in the store for a while, with the check's answer beside it, so
//! that its import needs no second upload. The database hears of neither before that.

mod file;
mod refusal;
mod starting;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::TimeDelta;
use futures::Stream;
use tokio::{sync::Semaphore, time::timeout};
use tracing::Instrument as _;
use uuid::Uuid;

use self::{
    file::{File, Unkept},
    refusal::{GONE, ended_as, of_import, of_store},
};
use super::{
    ServiceError,
    imports::Imports,
    upload::{Announced, Received},
};
use crate::{
    error::ErrorKind,
    model::{access::Action, checked::Checked},
    server::{
        actor::Actor,
        db::import_logs,
        filename,
        importer::{Importer, error::ImportError},
        payloads::{Payloads, checks::Ended},
    },
};

/// How long a checked file is kept.
pub const KEPT: TimeDelta = TimeDelta::hours(1);

/// Checks that a process makes at the same time.
const AT_ONCE: usize = 2;
/// Others wait so long for their turn.
const PATIENCE: Duration = Duration::from_secs(30);
/// A check may take so long, once it is its turn.
const LIMIT: Duration = Duration::from_mins(5);

/// Checks files, and imports those that were checked.
#[derive(Clone, Debug)]
pub struct Checks {
    imports: Imports,
    importer: Importer,
    places: Arc<Semaphore>,
}

/// What stands at a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Open(Box<Checked>),
    Ended(Ended),
}

impl Checks {
    #[must_use]
    pub fn new(imports: Imports, importer: Importer) -> Self {
        Self {
            imports,
            importer,
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Receives a backup and finds out what its import would do. When nobody waits for the answer any more, the file goes.
    ///
    /// # Errors
    /// When the upload is refused, breaks off, or can't be stored; when its import would fail; and when others are being
    /// checked for too long, or it takes too long itself.
    pub async fn check<E: std::fmt::Display>(
        &self,
        announced: Announced,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
        by: &Actor,
    ) -> Result<Checked, ServiceError> {
        by.permit(Action::Check)?;
        let key = Payloads::new_key();
        let unkept = Unkept::new(&self.imports.payloads, &key);
        let checked = self.store_and_look(key, &announced, body).await;
        match checked {
            Ok(_) => unkept.keep(),
            Err(_) => unkept.remove().await,
        }
        checked
    }

    async fn store_and_look<E: std::fmt::Display>(
        &self,
        key: String,
        announced: &Announced,
        body: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Checked, ServiceError> {
        let stored = self.imports.store_only(announced, body, &key).await?;
        self.look(File {
            key,
            filename: announced.filename.as_deref().and_then(filename::clean),
            size: stored.arrived,
            unpacked: stored.unpacked,
            sha256: stored.sha256,
        })
        .await
    }

    /// Finds out the same of a checked file as the data is now.
    ///
    /// # Errors
    /// When it is no longer kept, and as [`Self::check`].
    pub async fn again(&self, token: &str, by: &Actor) -> Result<Checked, ServiceError> {
        by.permit(Action::Check)?;
        let checked = self.open(token).await?;
        self.look(File {
            key: checked.checked,
            filename: checked.filename,
            size: checked.file_size,
            unpacked: checked.unpacked_size,
            sha256: checked.sha256,
        })
        .await
    }

    /// What a check has found, or what became of it.
    ///
    /// # Errors
    /// When it is no longer kept, or the store or the database can't be asked.
    pub async fn find(&self, token: &str) -> Result<Standing, ServiceError> {
        let gone = || ServiceError::told(ErrorKind::NotFound, GONE);
        // No other name may lead anywhere in the store.
        let key = Uuid::parse_str(token).map_err(|_| gone())?.to_string();
        if let Some(ended) = starting::settled(&self.imports, &key).await? {
            return Ok(Standing::Ended(ended));
        }
        let payloads = &self.imports.payloads;
        let answer = payloads.check(&key).await.map_err(of_store)?;
        let checked = answer.and_then(|answer| serde_json::from_slice::<Checked>(&answer).ok());
        let now = self.imports.clock.now();
        let checked = checked.filter(|checked| now < checked.expires_at);
        checked
            .map(|checked| Standing::Open(Box::new(checked)))
            .ok_or_else(gone)
    }

    /// Starts the import of a checked file, once.
    ///
    /// # Errors
    /// When it is no longer kept, was imported or discarded, or the store or the database refuses.
    pub async fn import(&self, token: &str, by: &Actor) -> Result<Received, ServiceError> {
        let permit = by.permit(Action::Import)?;
        let checked = self.open(token).await?;
        let sha256 = &checked.sha256;
        let same_as = import_logs::success_with_sha256(&self.imports.pool, sha256).await?;
        let imports = self.imports.clone();
        // In a task of its own: whoever asks may leave in the middle, and half of it must not be done.
        let starting = async move { starting::start_checked(&imports, &checked, &permit).await };
        let started = tokio::spawn(starting.in_current_span()).await;
        let started = started.unwrap_or_else(|error| {
            let cause = format!("the start of an import ended: {error}");
            Err(of_import(ImportError::Internal(cause)))
        })?;
        match started {
            Some(started) => Ok(Received {
                started,
                same_as: same_as.map(|earlier| earlier.id),
            }),
            // Somebody else was quicker, and what it is now says how.
            None => match self.find(token).await? {
                Standing::Ended(ended) => Err(ended_as(ended)),
                Standing::Open(_) => Err(ServiceError::told(ErrorKind::NotFound, GONE)),
            },
        }
    }

    /// Lets a checked file go. That it is gone already is no error.
    ///
    /// # Errors
    /// When it was imported, or the store can't be written.
    pub async fn discard(&self, token: &str, by: &Actor) -> Result<(), ServiceError> {
        by.permit(Action::Check)?;
        let checked = match self.find(token).await {
            Ok(Standing::Open(checked)) => checked,
            Ok(Standing::Ended(Ended::Discarded)) => return Ok(()),
            Ok(Standing::Ended(ended)) => return Err(ended_as(ended)),
            Err(error) if error.tell().kind == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let payloads = &self.imports.payloads;
        let key = &checked.checked;
        let ended = payloads.end_check(key, Ended::Discarded).await;
        if !ended.map_err(of_store)? {
            return self.open(token).await.map(drop);
        }
        let _ = payloads.forget_check(key).await;
        let _ = payloads.delete(key).await;
        Ok(())
    }

    /// A check that may still be imported.
    async fn open(&self, token: &str) -> Result<Checked, ServiceError> {
        match self.find(token).await? {
            Standing::Open(checked) => Ok(*checked),
            Standing::Ended(ended) => Err(ended_as(ended)),
        }
    }

    /// Finds out what the import of a stored file would do, and keeps the answer beside it.
    async fn look(&self, file: File) -> Result<Checked, ServiceError> {
        let imports = &self.imports;
        let Ok(Ok(_place)) = timeout(PATIENCE, self.places.acquire()).await else {
            let sentence = format!(
                "{AT_ONCE} files are being checked already, and no more at a time. Try again in a minute."
            );
            return Err(ServiceError::told(ErrorKind::Unavailable, sentence));
        };
        let checked_at = imports.clock.now();
        let found = tokio::select! {
            found = timeout(LIMIT, self.importer.check(&file.key, LIMIT)) => found,
            () = imports.stopping.cancelled() => {
                let sentence = "The server was stopped while it checked the file. Check the file again.";
                return Err(ServiceError::told(ErrorKind::Unavailable, sentence));
            }
        };
        let found = found.map_err(|_| {
            let minutes = LIMIT.as_secs() / 60;
            let sentence = format!(
                "The check took longer than {minutes} minutes and was given up. Try again when less is going on, or import the file: an import may take its time."
            );
            ServiceError::told(ErrorKind::Unavailable, sentence)
        })?;
        let checked = file.answer(found.map_err(of_import)?, checked_at, KEPT);
        let kept = serde_json::to_vec(&checked).map_err(|error| {
            of_import(ImportError::Internal(format!(
                "a check can't be written: {error}"
            )))
        })?;
        let kept = imports.payloads.keep_check(&checked.checked, kept).await;
        kept.map_err(|error| of_import(ImportError::Unwritable(error)))?;
        Ok(checked)
    }
}
