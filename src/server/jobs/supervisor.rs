//! Keeps the background tasks of a process going, and knows when each was last heard of.
//!
//! A task is made of rounds. Each has a time limit, whatever it waits for; one that fails, panics or takes too long is
//! followed by another. So none can stop without a word: what hasn't ended a round well for long is silent, and said to be.

use std::{
    collections::BTreeMap,
    fmt::Display,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::FutureExt as _;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

/// The pause after a round that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How a task goes about its rounds.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// What it does, for people: "the queue".
    pub name: &'static str,
    /// The pause between two rounds.
    pub every: Duration,
    /// For one round.
    pub limit: Duration,
}

/// The background tasks of a process. Clones are the same tasks.
#[derive(Clone, Debug, Default)]
pub struct Supervisor {
    heard: Arc<Mutex<BTreeMap<&'static str, Heard>>>,
}

#[derive(Clone, Copy, Debug)]
struct Heard {
    at: Instant,
    /// Silence of so long is none yet.
    patience: Duration,
}

impl Supervisor {
    /// Begins a task, which ends when the answer is dropped.
    pub fn spawn<F, E>(
        &self,
        pattern: Pattern,
        mut round: impl FnMut() -> F + Send + 'static,
    ) -> AbortOnDropHandle<()>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send,
    {
        let Pattern { name, every, limit } = pattern;
        let supervisor = self.clone();
        // Two rounds may go wrong before it is worth a word.
        supervisor.hear(name, (every + limit + AFTER_FAILURE) * 2);
        AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                let done = timeout(limit, AssertUnwindSafe(round()).catch_unwind()).await;
                match done {
                    Ok(Ok(Ok(()))) => {
                        supervisor.hear(name, (every + limit + AFTER_FAILURE) * 2);
                        sleep(every).await;
                        continue;
                    }
                    Ok(Ok(Err(error))) => tracing::warn!(task = name, %error, "a round failed"),
                    Ok(Err(_)) => tracing::error!(task = name, "a round panicked"),
                    Err(_) => tracing::warn!(task = name, ?limit, "a round took too long"),
                }
                sleep(AFTER_FAILURE).await;
            }
        }))
    }

    fn hear(&self, name: &'static str, patience: Duration) {
        let heard = Heard {
            at: Instant::now(),
            patience,
        };
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, heard);
    }

    /// The tasks that have not been heard of for longer than two rounds take.
    #[must_use]
    pub fn silent(&self) -> Vec<&'static str> {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .filter(|(_, heard)| heard.at.elapsed() > heard.patience)
            .map(|(name, _)| *name)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::atomic::{AtomicU32, Ordering},
    };

    use tokio::sync::Notify;

    use super::*;

    const PATTERN: Pattern = Pattern {
        name: "the task",
        every: Duration::from_millis(1),
        limit: Duration::from_millis(20),
    };

    #[tokio::test]
    async fn a_round_that_hangs_fails_or_panics_is_followed_by_another() {
        let rounds = Arc::new(AtomicU32::new(0));
        let well = Arc::new(Notify::new());
        let supervisor = Supervisor::default();
        let (counted, ended_well) = (rounds.clone(), well.clone());
        let task = supervisor.spawn(PATTERN, move || {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            let well = ended_well.clone();
            async move {
                match number {
                    0 => pending().await,
                    1 => panic!("this round panics, as it is meant to"),
                    2 => Err("a failure"),
                    _ => {
                        well.notify_one();
                        Ok(())
                    }
                }
            }
        });
        let patience = Duration::from_mins(1);
        timeout(patience, well.notified()).await.unwrap();
        assert_eq!(supervisor.silent(), Vec::<&str>::new());
        drop(task);
    }

    #[tokio::test]
    async fn a_task_of_which_no_round_ends_well_is_silent() {
        let supervisor = Supervisor::default();
        let _task = supervisor.spawn(PATTERN, pending::<Result<(), String>>);
        assert_eq!(supervisor.silent(), Vec::<&str>::new());
        let begun = Instant::now();
        while supervisor.silent().is_empty() {
            assert!(
                begun.elapsed() < Duration::from_mins(1),
                "it is never missed"
            );
            sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(supervisor.silent(), ["the task"]);
    }
}
