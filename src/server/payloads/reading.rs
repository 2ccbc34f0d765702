//! Reads a payload from a store that may fail now and then: it is asked again, and goes on where it stopped.

use std::{sync::Arc, time::Duration};

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder, Retryable as _};
use bytes::Bytes;
use futures::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use object_store::{Error, GetOptions, GetRange, GetResult, ObjectStore, Result, path::Path};

/// The first pause; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Pauses in a row without a byte between them: three seconds in all.
const PAUSES: usize = 5;

/// Opens a payload and streams it.
pub async fn read(
    store: Arc<dyn ObjectStore>,
    path: Path,
) -> Result<BoxStream<'static, Result<Bytes>>> {
    let opened = open(&store, &path, 0).await?;
    let reading = Reading {
        store,
        path,
        at: 0,
        size: opened.meta.size,
        rest: opened.into_stream(),
        pauses: pauses().build(),
    };
    Ok(stream::try_unfold(reading, Reading::next).boxed())
}

/// The pauses before a store that fails is asked again.
pub fn pauses() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_factor(2.0)
        .with_max_times(PAUSES)
}

/// A payload from this byte on.
async fn open(store: &Arc<dyn ObjectStore>, path: &Path, at: u64) -> Result<GetResult> {
    let open = || {
        let range = (at > 0).then_some(GetRange::Offset(at));
        store.get_opts(path, GetOptions::new().with_range(range))
    };
    open.retry(pauses())
        .when(is_passing)
        .notify(|error, _| tracing::warn!(%path, at, %error, "the payload can't be opened"))
        .await
}

/// Whether asking again may help.
pub fn is_passing(error: &Error) -> bool {
    !matches!(error, Error::NotFound { .. })
}

/// A payload that is being read.
struct Reading {
    store: Arc<dyn ObjectStore>,
    path: Path,
    /// Bytes that have been read, of so many.
    at: u64,
    size: u64,
    rest: BoxStream<'static, Result<Bytes>>,
    /// Those that are left until a byte comes.
    pauses: ExponentialBackoff,
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>> {
        while self.at < self.size {
            let error = match self.rest.next().await {
                Some(Ok(chunk)) => {
                    self.at += chunk.len() as u64;
                    self.pauses = pauses().build();
                    return Ok(Some((chunk, self)));
                }
                Some(Err(error)) => error,
                None => ended_early(),
            };
            let pause = is_passing(&error).then(|| self.pauses.next()).flatten();
            let Some(pause) = pause else {
                return Err(error);
            };
            tracing::warn!(path = %self.path, at = self.at, %error, "reading the payload broke off");
            tokio::time::sleep(pause).await;
            let opened = open(&self.store, &self.path, self.at).await?;
            self.rest = opened.into_stream();
        }
        Ok(None)
    }
}

fn ended_early() -> Error {
    Error::Generic {
        store: "payloads",
        source: "it gave fewer bytes than it had announced".into(),
    }
}
