//! Whether a process can do what it is there for: what it depends on, each by itself and each within a time of its own.

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use crate::server::{db, payloads::Payloads};

/// For each check.
const IN_TIME: Duration = Duration::from_secs(2);

/// Anybody may ask, as often as they like: what was seen is told for so long.
const FRESH_FOR: Duration = Duration::from_secs(1);

/// What a process depends on.
#[derive(Clone, Debug)]
pub struct Readiness {
    pool: PgPool,
    /// The store of uploads as it was opened, and the name that it gave itself then.
    store: Payloads,
    store_name: String,
    /// What was seen last. Who comes meanwhile waits for it.
    latest: Arc<Mutex<Option<Seen>>>,
}

/// What was seen, and when.
type Seen = (Instant, Vec<Check>);

/// One thing, and what is wrong with it: a sentence that gives nothing away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub name: &'static str,
    pub trouble: Option<String>,
}

impl Readiness {
    #[must_use]
    pub fn new(pool: PgPool, store: Payloads, store_name: String) -> Self {
        Self {
            pool,
            store,
            store_name,
            latest: Arc::default(),
        }
    }

    /// What everything was like within the last second. `silent` are the background tasks that have not been heard of for
    /// too long.
    pub async fn checks(&self, silent: &[&str]) -> Vec<Check> {
        let mut latest = self.latest.lock().await;
        let seen = match latest.take() {
            Some(fresh) if fresh.0.elapsed() < FRESH_FOR => fresh,
            _ => {
                let checks = self.look().await;
                (Instant::now(), checks)
            }
        };
        let mut checks = seen.1.clone();
        *latest = Some(seen);
        checks.push(queue(silent));
        checks
    }

    async fn look(&self) -> Vec<Check> {
        let (database, migrations, store) = tokio::join!(
            check("database", IN_TIME, self.database()),
            check("migrations", IN_TIME, self.migrations()),
            check("store", IN_TIME, self.store()),
        );
        vec![database, migrations, store]
    }

    async fn database(&self) -> Result<(), String> {
        db::ping(&self.pool)
            .await
            .map_err(|error| unanswered(&error))
    }

    async fn migrations(&self) -> Result<(), String> {
        let schema = async { db::schema(&mut *self.pool.acquire().await?).await };
        match schema.await.map_err(|error| unanswered(&error))?.lacks {
            0 => Ok(()),
            lacking => Err(format!(
                "The database's schema lacks {lacking} of this program's migrations. Run `numwatch migrate`."
            )),
        }
    }

    async fn store(&self) -> Result<(), String> {
        match self.store.has_name(&self.store_name).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(
                "The store of uploads is another one than when this process began. Check NUMWATCH_PAYLOADS, and start it again."
                    .to_owned(),
            ),
            Err(error) => {
                tracing::warn!(%error, "the store of uploads can't be read");
                Err("The store of uploads (NUMWATCH_PAYLOADS) can't be read. The server's log has the cause.".to_owned())
            }
        }
    }
}

/// That this process takes what comes in line. An import that no process can take says nothing of this one: it ends by
/// itself (`jobs::recovery`).
fn queue(silent: &[&str]) -> Check {
    let which = silent.join(", ");
    let trouble = (!silent.is_empty()).then(|| {
        format!(
            "Of this process's background tasks some have not been heard of for too long: {which}. Its log has the cause."
        )
    });
    Check {
        name: "queue",
        trouble,
    }
}

fn unanswered(error: &sqlx::Error) -> String {
    tracing::warn!(%error, "the database gave no answer");
    "The database can't be reached, or refuses. The server's log has the cause.".to_owned()
}

/// Waits for one of them, but not for long.
async fn check(
    name: &'static str,
    limit: Duration,
    looked: impl Future<Output = Result<(), String>>,
) -> Check {
    let looked = timeout(limit, looked).await;
    let late = || Err(format!("No answer within {} s.", limit.as_secs_f64()));
    Check {
        name,
        trouble: looked.unwrap_or_else(|_| late()).err(),
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn what_does_not_answer_is_said_to_after_its_time() {
        let checked = check("store", Duration::from_millis(10), pending()).await;
        let said = checked.trouble.as_deref();
        assert_eq!(said, Some("No answer within 0.01 s."));
    }
}
