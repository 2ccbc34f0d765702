//! Hears what PostgreSQL tells of imports, whichever process did it: that one has ended, for those who wait for it; and
//! that one waits in line, for workers. The one connection of a process that listens.

use std::{sync::Arc, time::Duration};

use sqlx::{Executor as _, PgPool, postgres::PgListener};
use tokio::{
    sync::{Mutex, broadcast, watch},
    time::timeout,
};

/// The channels that triggers notify.
const ENDED: &str = "import_ended";
const QUEUED: &str = "import_queued";

/// After so long a silence the connection is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(5);
/// And has so long to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What has just happened to imports.
#[derive(Clone, Debug)]
pub struct Listener {
    pool: PgPool,
    ended: broadcast::Sender<i32>,
    queued: watch::Sender<()>,
    connection: Arc<Mutex<Option<PgListener>>>,
}

impl Listener {
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            ended: broadcast::channel(256).0,
            queued: watch::Sender::new(()),
            connection: Arc::default(),
        }
    }

    /// The ids of imports that end from now on. Whoever waits must look at the log after this, not before.
    #[must_use]
    pub fn ended(&self) -> broadcast::Receiver<i32> {
        self.ended.subscribe()
    }

    /// Changes whenever an import has come in line.
    #[must_use]
    pub fn queued(&self) -> watch::Receiver<()> {
        self.queued.subscribe()
    }

    /// Listens for a while, and makes sure that the connection is still there when nothing comes.
    ///
    /// # Errors
    /// When the connection breaks off or hangs; the next call makes a new one.
    pub async fn listen(&self) -> sqlx::Result<()> {
        let mut connection = self.connection.lock().await;
        // Taken out, so that a call that is given up leaves none behind.
        let mut listener = match connection.take() {
            Some(listener) => listener,
            None => self.connect().await?,
        };
        loop {
            match timeout(SILENCE, listener.try_recv()).await {
                Ok(Ok(Some(notification))) => match notification.channel() {
                    ENDED => {
                        if let Ok(id) = notification.payload().parse() {
                            // Nobody may be waiting, which is no error.
                            let _ = self.ended.send(id);
                        }
                    }
                    _ => self.queued.send_replace(()),
                },
                Ok(Ok(None)) => return Err(sqlx::Error::WorkerCrashed),
                Ok(Err(error)) => return Err(error),
                Err(_) => break,
            }
        }
        match timeout(PATIENCE, listener.execute("SELECT 1")).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(error),
            Err(_) => return Err(sqlx::Error::PoolTimedOut),
        }
        *connection = Some(listener);
        Ok(())
    }

    async fn connect(&self) -> sqlx::Result<PgListener> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen_all([ENDED, QUEUED]).await?;
        // What came while nobody listened was missed.
        self.queued.send_replace(());
        Ok(listener)
    }
}
