//! A worker in a process of its own, as far as that goes within a test: a runtime that can be ended from one
//! moment to the next, with everything in it, as `kill -9` does.

use std::{sync::Arc, time::Duration};

use object_store::{
    ObjectStore,
    chunked::ChunkedStore,
    local::LocalFileSystem,
    path::Path,
    throttle::{ThrottleConfig, ThrottledStore},
};
use tokio::runtime::{Builder, Runtime};

use super::app::App;
use crate::server::{
    db::{self, listener::Listener},
    importer::Importer,
    jobs::worker::Worker,
    payloads::Payloads,
};

/// A running process.
pub struct Process {
    runtime: Option<Runtime>,
}

impl Process {
    /// Starts a worker that takes jobs.
    pub fn start(app: &App) -> Self {
        Self::with_payloads(app, app.importer.payloads.clone())
    }

    /// The same, with this pause before each 64 kB of a payload.
    pub fn reading_slowly(app: &App, pause: Duration) -> Self {
        const CHUNK: usize = 64 * 1024;
        let folder: Arc<dyn ObjectStore> =
            Arc::new(LocalFileSystem::new_with_prefix(app.folder.path()).unwrap());
        let slow = ThrottleConfig {
            wait_get_per_byte: pause / u32::try_from(CHUNK).unwrap(),
            ..ThrottleConfig::default()
        };
        let store = ThrottledStore::new(ChunkedStore::new(folder, CHUNK), slow);
        Self::with_payloads(app, Payloads::with_store(Arc::new(store), Path::default()))
    }

    fn with_payloads(app: &App, payloads: Payloads) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let inside = runtime.enter();
        let pool = db::pool_options()
            .max_connections(10)
            .connect_lazy_with((*app.pool.connect_options()).clone());
        let importer = Importer {
            pool: pool.clone(),
            payloads,
            ..app.importer.clone()
        };
        let listener = Listener::new(pool);
        let limits = app.state.config.attempts;
        let worker = Worker::new(importer, app.has.clone(), &listener, limits, 2);
        tokio::spawn(async move {
            loop {
                let _ = listener.listen().await;
            }
        });
        tokio::spawn(async move {
            loop {
                let _ = worker.round().await;
            }
        });
        drop(inside);
        Self {
            runtime: Some(runtime),
        }
    }

    /// Ends it at once. Its connections break off.
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
