//! A store of uploads that fails as often as a test wants, around one that works.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures::{StreamExt as _, stream, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    Result, memory::InMemory, path::Path,
};

/// The bytes after which a reading that fails breaks off.
pub const BREAKS_AFTER: usize = 1_000;

/// A store in memory.
#[derive(Clone, Debug, Default)]
pub struct Flaky {
    inner: Arc<InMemory>,
    faults: Arc<Faults>,
}

/// What is still to go wrong.
#[derive(Debug, Default)]
struct Faults {
    opening: AtomicUsize,
    reading: AtomicUsize,
    asked: AtomicUsize,
    /// It writes over what it was only to create.
    writes_over: AtomicBool,
}

impl Flaky {
    /// The next so many openings fail, and then so many readings break off.
    pub fn fail(&self, openings: usize, readings: usize) {
        self.faults.opening.store(openings, Ordering::SeqCst);
        self.faults.reading.store(readings, Ordering::SeqCst);
        self.faults.asked.store(0, Ordering::SeqCst);
    }

    /// From now on it writes over what it is only to create.
    pub fn write_over(&self) {
        self.faults.writes_over.store(true, Ordering::SeqCst);
    }

    /// It does so no more.
    pub fn heed(&self) {
        self.faults.writes_over.store(false, Ordering::SeqCst);
    }

    /// How often a payload was opened since then.
    pub fn asked(&self) -> usize {
        self.faults.asked.load(Ordering::SeqCst)
    }
}

/// Takes one fault, if any is left.
fn take(faults: &AtomicUsize) -> bool {
    let left = |left: usize| left.checked_sub(1);
    faults
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
        .is_ok()
}

fn fault() -> Error {
    Error::Generic {
        store: "flaky",
        source: "the connection was reset".into(),
    }
}

impl fmt::Display for Flaky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("flaky")
    }
}

#[async_trait]
impl ObjectStore for Flaky {
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.faults.asked.fetch_add(1, Ordering::SeqCst);
        if take(&self.faults.opening) {
            return Err(fault());
        }
        let mut result = self.inner.get_opts(location, options).await?;
        if take(&self.faults.reading) {
            let (meta, range) = (result.meta.clone(), result.range.clone());
            let attributes = result.attributes.clone();
            let extensions = result.extensions.clone();
            let whole = result.bytes().await?;
            let part = whole.slice(..whole.len().min(BREAKS_AFTER));
            let broken = stream::iter([Ok(part), Err(fault())]).boxed();
            result = GetResult {
                payload: GetResultPayload::Stream(broken),
                meta,
                range,
                attributes,
                extensions,
            };
        }
        Ok(result)
    }

    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        mut options: PutOptions,
    ) -> Result<PutResult> {
        if self.faults.writes_over.load(Ordering::SeqCst) {
            options.mode = PutMode::Overwrite;
        }
        self.inner.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}
