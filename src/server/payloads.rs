//! Where uploads are kept for as long as an import may need them: an object store, by default a local folder.

mod arriving;
pub mod checks;
mod opening;
mod reading;

use std::{io, path::PathBuf, sync::Arc};

use backon::Retryable as _;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{StreamExt as _, stream::BoxStream};
use object_store::{
    ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, WriteMultipart, path::Path,
};
use url::Url;
use uuid::Uuid;

use self::arriving::KeepsParts;
use super::{config::StoreOptions, cryptography};

/// What holds the name of a store.
const STORE_ID: &str = "store-id";

/// The bytes of a payload.
pub type PayloadStream = BoxStream<'static, object_store::Result<Bytes>>;

/// A store of uploads.
#[derive(Clone, Debug)]
pub struct Payloads {
    store: Arc<dyn ObjectStore>,
    folder: Path,
    /// The same store, if it keeps parts of what is being written until it is told to drop them.
    keeps_parts: Option<KeepsParts>,
    /// Where the store is on this machine, if it is.
    local: Option<PathBuf>,
}

impl Payloads {
    /// Opens the store at a URL; a `file:` folder is created when it isn't there.
    ///
    /// # Errors
    /// When the URL is of no known kind, its client can't be made of these options, or the folder can't be created.
    pub fn open(url: &Url, options: &StoreOptions) -> object_store::Result<Self> {
        let local = if url.scheme() == "file" {
            url.to_file_path().ok()
        } else {
            None
        };
        if let Some(root) = &local {
            std::fs::create_dir_all(root).map_err(unusable)?;
        }
        cryptography::use_ring();
        let opened = opening::open(url, options)?;
        Ok(Self {
            store: opened.store,
            folder: opened.folder,
            keeps_parts: opened.keeps_parts.map(KeepsParts),
            local,
        })
    }

    /// The name that the store gives itself, wherever it is mounted and by whichever URL it is opened: who reads the same
    /// name has the same store. The first one to ask makes it up.
    ///
    /// # Errors
    /// When the store can't be read or written, or lets the second one who creates an object have it too.
    pub async fn name(&self) -> object_store::Result<String> {
        let path = self.path(STORE_ID);
        let mut name = self.read_name(&path).await?;
        if name.is_none() {
            self.create(&path, &Uuid::new_v4().to_string()).await?;
            name = self.read_name(&path).await?;
        }
        let name = name.ok_or_else(|| unusable("what is written to it can't be read back"))?;
        // The same once more, so that a store which takes it has lost nothing.
        if self.create(&path, &name).await? {
            return Err(unusable(
                "it writes over what is there although it is asked not to (PUT with If-None-Match), so one checked file could be imported twice: use a store that heeds this",
            ));
        }
        Ok(name)
    }

    async fn read_name(&self, path: &Path) -> object_store::Result<Option<String>> {
        match self.store.get(path).await {
            Ok(found) => {
                let bytes = found.bytes().await?;
                Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned()))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a small object unless there is one. Answers whether it did.
    async fn create(&self, path: &Path, text: &str) -> object_store::Result<bool> {
        let text = PutPayload::from(text.to_owned());
        let create = PutMode::Create.into();
        match self.store.put_opts(path, text, create).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether the store can be read and still gives itself this name.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn has_name(&self, name: &str) -> object_store::Result<bool> {
        let found = match self.store.get(&self.path(STORE_ID)).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(false),
            found => found?.bytes().await?,
        };
        Ok(found.trim_ascii() == name.as_bytes())
    }

    /// A folder of a store that the caller has opened.
    #[must_use]
    pub fn with_store(store: Arc<dyn ObjectStore>, folder: Path) -> Self {
        Self {
            store,
            folder,
            keeps_parts: None,
            local: None,
        }
    }

    /// The part of the store that belongs to one installation: what stands beside it is none of its business.
    #[must_use]
    pub fn of_installation(self, id: Uuid) -> Self {
        Self {
            folder: self.folder.join(id.to_string()),
            local: self.local.map(|root| root.join(id.to_string())),
            ..self
        }
    }

    /// A key for a new upload.
    #[must_use]
    pub fn new_key() -> String {
        Uuid::now_v7().to_string()
    }

    fn path(&self, key: &str) -> Path {
        self.folder.clone().join(key)
    }

    /// Begins to write a payload. It appears in the store when it is finished, whole. A store that fails is asked again
    /// for a few seconds.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn write(&self, key: &str) -> object_store::Result<WriteMultipart> {
        /// What a part holds in memory until it is written; object stores want at least 5 MiB.
        const LOCAL_PART: usize = 1 << 20;
        const REMOTE_PART: usize = 5 << 20;
        let part = if self.local.is_some() {
            LOCAL_PART
        } else {
            REMOTE_PART
        };
        let path = self.path(key);
        let begin = async || match &self.keeps_parts {
            Some(parts) => self.begin_in_parts(key, parts).await,
            None => self.store.put_multipart(&path).await,
        };
        let upload = begin
            .retry(reading::pauses())
            .notify(|error, _| tracing::warn!(%path, %error, "the payload can't be begun"))
            .await?;
        Ok(WriteMultipart::new_with_chunk_size(upload, part))
    }

    /// Reads a payload from its beginning. A store that fails is asked again for a few seconds, in the middle too.
    ///
    /// # Errors
    /// When it isn't there or the store can't be read.
    pub async fn read(&self, key: &str) -> object_store::Result<PayloadStream> {
        reading::read(self.store.clone(), self.path(key)).await
    }

    /// Deletes a payload. That it is gone already is no error.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn delete(&self, key: &str) -> object_store::Result<()> {
        self.remove(&self.path(key)).await
    }

    async fn remove(&self, path: &Path) -> object_store::Result<()> {
        match self.store.delete(path).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            other => other,
        }
    }

    /// The keys of all payloads. How old one is the store doesn't say: to some it is as old as the beginning of its upload.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn keys(&self) -> object_store::Result<Vec<String>> {
        let mut objects = self.store.list(Some(&self.folder));
        let mut keys = Vec::new();
        while let Some(object) = objects.next().await {
            let object = object?;
            // What stands in a folder of its own is none.
            let mut parts = object
                .location
                .prefix_match(&self.folder)
                .into_iter()
                .flatten();
            if let (Some(name), None) = (parts.next(), parts.next()) {
                keys.push(name.as_ref().to_owned());
            }
        }
        Ok(keys)
    }

    /// Since when a payload is there whole, where the store can tell: a folder shows it at the end of its upload.
    #[must_use]
    pub fn whole_since(&self, key: &str) -> Option<DateTime<Utc>> {
        let path = self.local.as_ref()?.join(key);
        let written = std::fs::metadata(path).and_then(|it| it.modified());
        written.ok().map(DateTime::from)
    }

    /// Removes what uploads left behind whose process was killed: a local store shows a payload only when it is
    /// whole, and until then keeps it in a file that its listing passes over.
    ///
    /// # Errors
    /// When the folder can't be read or written.
    pub fn remove_partial(&self, before: DateTime<Utc>) -> io::Result<()> {
        let Some(folder) = &self.local else {
            return Ok(());
        };
        let folders = [folder.clone(), folder.join(checks::FOLDER)];
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                let partial = entry.file_name().to_string_lossy().contains('#');
                if partial && DateTime::<Utc>::from(entry.metadata()?.modified()?) < before {
                    std::fs::remove_file(entry.path())?;
                }
            }
        }
        Ok(())
    }
}

fn unusable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> object_store::Error {
    object_store::Error::Generic {
        store: "payloads",
        source: source.into(),
    }
}
