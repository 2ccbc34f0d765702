//! What is kept beside a payload that was checked and may still be imported: the check's answer, and what became of it.

use backon::Retryable as _;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use object_store::{Error, ObjectStoreExt as _, PutPayload, Result, path::Path};

use super::{Payloads, reading};

/// The folder of the answers, beside the payloads.
pub(super) const FOLDER: &str = "checked";
/// How the names of both kinds end.
const ANSWER: &str = ".json";
const END: &str = ".end";
/// What the end of one says that nobody wanted.
const DISCARDED: &str = "discarded";

/// What became of a checked payload. It is only one of them, and only once, whoever asks at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was imported; as which import.
    Imported(i32),
    Discarded,
}

impl Payloads {
    fn beside(&self, key: &str, ending: &str) -> Path {
        self.folder
            .clone()
            .join(FOLDER)
            .join(format!("{key}{ending}"))
    }

    /// Keeps the answer of a payload's check, in place of an earlier one.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn keep_check(&self, key: &str, answer: Vec<u8>) -> Result<()> {
        let path = self.beside(key, ANSWER);
        let answer = Bytes::from(answer);
        let put = || self.store.put(&path, PutPayload::from(answer.clone()));
        put.retry(reading::pauses()).await.map(drop)
    }

    /// The answer of a payload's check, if it is kept.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn check(&self, key: &str) -> Result<Option<Bytes>> {
        let found = self.small(&self.beside(key, ANSWER)).await?;
        Ok(found.map(|(answer, _)| answer))
    }

    /// What became of a checked payload, if anything yet; and when that was settled, by the store's own clock.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn end_of_check(&self, key: &str) -> Result<Option<(Ended, DateTime<Utc>)>> {
        let found = self.small(&self.beside(key, END)).await?;
        Ok(found.map(|(said, at)| {
            let id = str::from_utf8(&said).ok().and_then(|id| id.parse().ok());
            (id.map_or(Ended::Discarded, Ended::Imported), at)
        }))
    }

    /// Settles what becomes of a checked payload. Answers whether it was still open: the store lets one of all who ask
    /// have it.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn end_check(&self, key: &str, ended: Ended) -> Result<bool> {
        let said = match ended {
            Ended::Imported(id) => id.to_string(),
            Ended::Discarded => DISCARDED.to_owned(),
        };
        self.create(&self.beside(key, END), &said).await
    }

    /// Opens it again: what was to become of it did not.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn reopen_check(&self, key: &str) -> Result<()> {
        self.remove(&self.beside(key, END)).await
    }

    /// Forgets the answer of a check.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn forget_check(&self, key: &str) -> Result<()> {
        self.remove(&self.beside(key, ANSWER)).await
    }

    /// Forgets all checks that were last written before an instant, by the store's own clock. Answers the payloads of the
    /// others, which may still be imported.
    ///
    /// # Errors
    /// When the store can't be read or written.
    pub async fn forget_checks(&self, before: DateTime<Utc>) -> Result<Vec<String>> {
        let mut objects = self.store.list(Some(&self.folder.clone().join(FOLDER)));
        let (mut old, mut kept) = (Vec::new(), Vec::new());
        while let Some(object) = objects.next().await {
            let object = object?;
            if object.last_modified < before {
                old.push(object.location);
            } else if let Some(key) = object
                .location
                .filename()
                .and_then(|name| name.strip_suffix(ANSWER))
            {
                kept.push(key.to_owned());
            }
        }
        for path in old {
            self.remove(&path).await?;
        }
        Ok(kept)
    }

    /// A small object, and when it was written.
    pub(super) async fn small(&self, path: &Path) -> Result<Option<(Bytes, DateTime<Utc>)>> {
        let read = || async {
            let found = self.store.get(path).await?;
            let at = found.meta.last_modified;
            Ok::<_, Error>((found.bytes().await?, at))
        };
        let read = read.retry(reading::pauses()).when(reading::is_passing);
        match read.await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
