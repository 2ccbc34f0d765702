//! Hears what PostgreSQL tells of imports, whichever process did it: that one has ended, for those who wait for it; that
//! one waits in line, for workers; and that something is no longer as it was shown, for those who look at it. The one
//! connection of a process that listens.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{
    Executor as _, PgPool,
    postgres::{PgListener, PgNotification},
};
use tokio::{
    sync::{Mutex, broadcast, watch},
    time::{Instant, timeout},
};

/// The channels that triggers notify.
const ENDED: &str = "import_ended";
const QUEUED: &str = "import_queued";
const CHANGED: &str = "changed";
const PROGRESSED: &str = "progressed";

/// After so long a silence the connection is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(5);
/// And has so long to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// It is asked so often even if there always is something to hear.
const ROUND: Duration = Duration::from_secs(20);
/// Whoever is behind by so many changes is told that anything may have changed.
const BEHIND: usize = 1024;

/// Something that is shown is no longer as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// These imports' logs and runs.
    Imports(Vec<i32>),
    /// An import is further than it was.
    Progress(i32),
    /// Something else, or too much to name.
    Anything,
}

/// What has just happened to imports.
#[derive(Clone, Debug)]
pub struct Listener {
    pool: PgPool,
    ended: broadcast::Sender<i32>,
    queued: watch::Sender<()>,
    changed: broadcast::Sender<Changed>,
    hears: Arc<AtomicBool>,
    connection: Arc<Mutex<Option<Connection>>>,
}

/// A connection that listens. For as long as it is there, nothing is missed.
#[derive(Debug)]
struct Connection {
    listener: PgListener,
    hears: Arc<AtomicBool>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.hears.store(false, Ordering::SeqCst);
    }
}

impl Listener {
    /// Listens on a connection of this pool, which must have a session of its own.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            ended: broadcast::channel(256).0,
            queued: watch::Sender::new(()),
            changed: broadcast::channel(BEHIND).0,
            hears: Arc::default(),
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

    /// What changes from now on.
    #[must_use]
    pub fn changed(&self) -> broadcast::Receiver<Changed> {
        self.changed.subscribe()
    }

    /// Whether all that changes is heard of at the moment, as far as anybody can know.
    #[must_use]
    pub fn hears(&self) -> bool {
        self.hears.load(Ordering::SeqCst)
    }

    /// Listens for a while, and makes sure that the connection is still there when nothing comes.
    ///
    /// # Errors
    /// When the connection breaks off or hangs; the next call makes a new one.
    pub async fn listen(&self) -> sqlx::Result<()> {
        let mut kept = self.connection.lock().await;
        // Taken out, so that a call that is given up leaves none behind.
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let begun = Instant::now();
        while begun.elapsed() < ROUND {
            match timeout(SILENCE, connection.listener.try_recv()).await {
                Ok(Ok(Some(notification))) => self.hear(&notification),
                Ok(Ok(None)) => return Err(sqlx::Error::WorkerCrashed),
                Ok(Err(error)) => return Err(error),
                Err(_) => break,
            }
        }
        match timeout(PATIENCE, connection.listener.execute("SELECT 1")).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(error),
            Err(_) => return Err(sqlx::Error::PoolTimedOut),
        }
        *kept = Some(connection);
        Ok(())
    }

    /// Hands on what was told. Nobody may be waiting for it, which is no error.
    fn hear(&self, told: &PgNotification) {
        let said = told.payload();
        match told.channel() {
            ENDED => {
                if let Ok(id) = said.parse() {
                    let _ = self.ended.send(id);
                }
            }
            QUEUED => {
                self.queued.send_replace(());
            }
            PROGRESSED => {
                let _ = self
                    .changed
                    .send(said.parse().map_or(Changed::Anything, Changed::Progress));
            }
            _ => {
                let ids: Result<Vec<i32>, _> = said.split(',').map(str::parse).collect();
                let _ = self
                    .changed
                    .send(ids.map_or(Changed::Anything, Changed::Imports));
            }
        }
    }

    async fn connect(&self) -> sqlx::Result<Connection> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener
            .listen_all([ENDED, QUEUED, CHANGED, PROGRESSED])
            .await?;
        self.hears.store(true, Ordering::SeqCst);
        // What came while nobody listened was missed.
        self.queued.send_replace(());
        let _ = self.changed.send(Changed::Anything);
        let hears = self.hears.clone();
        Ok(Connection { listener, hears })
    }
}
