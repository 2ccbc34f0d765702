//! Hears of imports that ended, in whichever process, for those who wait for one.

use std::time::Duration;

use sqlx::{PgPool, postgres::PgListener};
use tokio::sync::broadcast;

/// The channel that a trigger of `import_logs` notifies.
const CHANNEL: &str = "import_ended";

/// A source of the ids of imports that have just ended.
#[derive(Clone, Debug)]
pub struct Endings {
    ids: broadcast::Sender<i32>,
}

impl Default for Endings {
    fn default() -> Self {
        Self {
            ids: broadcast::channel(256).0,
        }
    }
}

impl Endings {
    /// Begins to listen. Whoever waits must look at the log after this, not before.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<i32> {
        self.ids.subscribe()
    }

    /// Listens to PostgreSQL until cancelled.
    pub async fn run(&self, pool: PgPool) {
        loop {
            if let Err(error) = self.listen(&pool).await {
                tracing::warn!(%error, "listening for the ends of imports broke off; trying again");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    async fn listen(&self, pool: &PgPool) -> sqlx::Result<()> {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        loop {
            let notification = listener.recv().await?;
            if let Ok(id) = notification.payload().parse() {
                // Nobody may be waiting, which is no error.
                let _ = self.ids.send(id);
            }
        }
    }
}
