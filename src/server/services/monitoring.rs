//! What the logs add up to, and the folding of what changes in them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tokio::time::{Instant, timeout};

use super::{ServiceError, in_time};
use crate::{
    model::{
        import_log::ImportType,
        monitoring::{Slot, Sums, Took},
    },
    server::{
        db::{
            self,
            monitoring::{self, Durations},
            watching,
        },
        metrics::Answer,
    },
};

/// Whoever watches asks every few seconds, and is not kept waiting.
const SOON: Duration = Duration::from_secs(2);

/// Sums of logs.
#[derive(Clone, Debug)]
pub struct Monitoring {
    pool: PgPool,
}

impl Monitoring {
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// What the logs add up to that started in some slots, since `day_ago`, and ever.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sums(&self, slots: &[Slot], day_ago: DateTime<Utc>) -> Result<Sums, ServiceError> {
        let begins: Vec<_> = slots.iter().map(|slot| slot.begins_at).collect();
        let from = begins.first().copied().unwrap_or(day_ago);
        let until = slots.last().map_or(from, |slot| slot.ends_at);
        Box::pin(in_time(async {
            let mut db = db::begin_reading(&self.pool).await?;
            let forever = DateTime::<Utc>::MAX_UTC;
            let took = monitoring::took(&mut *db, from, until).await?;
            Ok::<_, ServiceError>(Sums {
                slots: monitoring::counted(&mut *db, &begins, until).await?,
                last_day: monitoring::counted(&mut *db, &[day_ago], forever).await?,
                ever: monitoring::ever(&mut *db).await?,
                took: took.iter().map(Took::from).collect(),
            })
        }))
        .await
    }

    /// What the database knows of the whole installation, as far as it answers soon.
    pub async fn of_installation(&self) -> Answer {
        let begun = Instant::now();
        let mut waited = None;
        let read = async {
            let mut db = self.pool.acquire().await?;
            waited = Some(begun.elapsed());
            watching::installation(&mut db).await
        };
        let installation = match timeout(SOON, read).await {
            Ok(Ok(installation)) => Some(installation),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the metrics lack what the database knows");
                None
            }
            Err(_) => {
                tracing::warn!("the metrics lack what the database knows: it takes too long");
                None
            }
        };
        let took = begun.elapsed();
        Answer {
            waited: waited.unwrap_or(took),
            took,
            installation,
        }
    }

    /// Folds what has changed in logs into their sums.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn fold(&self) -> sqlx::Result<()> {
        while monitoring::fold(&self.pool).await? {}
        Ok(())
    }
}

impl From<&(ImportType, Durations)> for Took {
    fn from((import_type, durations): &(ImportType, Durations)) -> Self {
        let logs = durations.values().sum();
        Self {
            import_type: *import_type,
            logs,
            median: reached_by(durations, logs, 50),
            p95: reached_by(durations, logs, 95),
        }
    }
}

/// The time that so many of a hundred took at most.
fn reached_by(durations: &Durations, logs: i64, of_hundred: i64) -> i64 {
    let mut counted = 0;
    let reached = durations.iter().find(|(_, logs_of_it)| {
        counted += **logs_of_it;
        counted * 100 >= logs * of_hundred
    });
    reached.map_or(0, |(millis, _)| *millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_imports_took_at_most_the_median() {
        let took = |times: &[(i64, i64)]| {
            Took::from(&(ImportType::Backup, times.iter().copied().collect()))
        };
        let one = took(&[(40, 1)]);
        assert_eq!((one.logs, one.median, one.p95), (1, 40, 40));
        let two = took(&[(40, 1), (90, 1)]);
        assert_eq!((two.median, two.p95), (40, 90));
        let many = took(&[(10, 50), (20, 45), (30, 5)]);
        assert_eq!((many.logs, many.median, many.p95), (100, 10, 20));
        let more = took(&[(10, 50), (20, 44), (30, 6)]);
        assert_eq!(more.p95, 30);
    }
}
