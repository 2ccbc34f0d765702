//! Many readers of the same thing at the same time share one reading of it.
//!
//! No reader is given anything that was read before it asked: one that comes while a reading is under way waits
//! for the next, together with all others that come until then. Under load the database answers one query after
//! the other, however many clients poll.

use std::sync::{Arc, Mutex, PoisonError};

use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use tokio::sync::Semaphore;

/// A reading that others may join until it begins.
type Waiting<T> = Shared<BoxFuture<'static, T>>;

/// Readers of one thing.
pub struct Coalesced<T: Clone> {
    waiting: Arc<Mutex<Option<Waiting<T>>>>,
    /// One reading at a time.
    turn: Arc<Semaphore>,
}

impl<T: Clone> Clone for Coalesced<T> {
    fn clone(&self) -> Self {
        Self {
            waiting: self.waiting.clone(),
            turn: self.turn.clone(),
        }
    }
}

impl<T: Clone> Default for Coalesced<T> {
    fn default() -> Self {
        Self {
            waiting: Arc::default(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl<T: Clone> std::fmt::Debug for Coalesced<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Coalesced")
    }
}

impl<T: Clone + Send + Sync + 'static> Coalesced<T> {
    /// Reads, or joins a reading that hasn't begun yet.
    pub async fn read<F>(&self, read: impl FnOnce() -> F + Send + 'static) -> T
    where
        F: Future<Output = T> + Send + 'static,
    {
        let joined = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting
                .get_or_insert_with(|| {
                    let slot = self.waiting.clone();
                    let turn = self.turn.clone();
                    async move {
                        // The semaphore is never closed.
                        let _turn = turn.acquire().await;
                        // From here on it is too late to join.
                        slot.lock().unwrap_or_else(PoisonError::into_inner).take();
                        read().await
                    }
                    .boxed()
                    .shared()
                })
                .clone()
        };
        joined.await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::join_all;
    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn readers_share_a_reading_that_began_after_they_asked() {
        let readings = Arc::new(AtomicU32::new(0));
        let (began, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let coalesced = Coalesced::default();
        let read = || {
            let (readings, began, go_on) = (readings.clone(), began.clone(), go_on.clone());
            let coalesced = coalesced.clone();
            async move {
                coalesced
                    .read(move || async move {
                        let number = readings.fetch_add(1, Ordering::SeqCst) + 1;
                        if number == 1 {
                            began.notify_one();
                            go_on.notified().await;
                        }
                        number
                    })
                    .await
            }
        };
        let first = tokio::spawn(read());
        began.notified().await;
        // These come while the first reading is under way: they must not be given it.
        let later: Vec<_> = (0..10).map(|_| tokio::spawn(read())).collect();
        tokio::task::yield_now().await;
        go_on.notify_one();
        assert_eq!(first.await.unwrap(), 1);
        for number in join_all(later).await {
            assert_eq!(number.unwrap(), 2);
        }
        assert_eq!(readings.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_reader_that_goes_away_does_not_stop_the_others() {
        let coalesced: Coalesced<u32> = Coalesced::default();
        let gone = coalesced.read(std::future::pending::<u32>).now_or_never();
        assert_eq!(gone, None);
        assert_eq!(coalesced.read(|| async { 1 }).await, 1);
    }
}
