//! Where uploads are kept until their import has succeeded: an object store, by default a local folder.

use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt as _, stream::BoxStream};
use object_store::{ObjectStore, ObjectStoreExt as _, WriteMultipart, path::Path};
use url::Url;

/// The bytes of a payload.
pub type PayloadStream = BoxStream<'static, object_store::Result<Bytes>>;

/// A store of uploads.
#[derive(Clone, Debug)]
pub struct Payloads {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl Payloads {
    /// Opens the store at a URL; a `file:` folder is created when it isn't there.
    ///
    /// # Errors
    /// When the URL is of no known kind or the folder can't be created.
    pub fn open(url: &Url) -> object_store::Result<Self> {
        if url.scheme() == "file"
            && let Ok(folder) = url.to_file_path()
        {
            std::fs::create_dir_all(&folder).map_err(|source| object_store::Error::Generic {
                store: "payloads",
                source: source.into(),
            })?;
        }
        let (store, prefix) = object_store::parse_url(url)?;
        Ok(Self {
            store: store.into(),
            prefix,
        })
    }

    /// A key for a new upload.
    #[must_use]
    pub fn new_key() -> String {
        uuid::Uuid::now_v7().to_string()
    }

    fn path(&self, key: &str) -> Path {
        self.prefix.clone().join(key)
    }

    /// Begins to write a payload. It appears in the store when it is finished, whole.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn write(&self, key: &str) -> object_store::Result<WriteMultipart> {
        let upload = self.store.put_multipart(&self.path(key)).await?;
        Ok(WriteMultipart::new_with_chunk_size(upload, 5 << 20))
    }

    /// Reads a payload from its beginning.
    ///
    /// # Errors
    /// When it isn't there or the store can't be read.
    pub async fn read(&self, key: &str) -> object_store::Result<PayloadStream> {
        Ok(self.store.get(&self.path(key)).await?.into_stream())
    }

    /// Deletes a payload. That it is gone already is no error.
    ///
    /// # Errors
    /// When the store can't be written.
    pub async fn delete(&self, key: &str) -> object_store::Result<()> {
        match self.store.delete(&self.path(key)).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            other => other,
        }
    }

    /// The keys of all payloads that were last written before `age` ago, by the store's own clock.
    ///
    /// # Errors
    /// When the store can't be read.
    pub async fn keys_older_than(&self, before: chrono::DateTime<chrono::Utc>) -> object_store::Result<Vec<String>> {
        let mut objects = self.store.list(Some(&self.prefix));
        let mut keys = Vec::new();
        while let Some(object) = objects.next().await {
            let object = object?;
            if object.last_modified < before
                && let Some(name) = object.location.filename()
            {
                keys.push(name.to_owned());
            }
        }
        Ok(keys)
    }
}
