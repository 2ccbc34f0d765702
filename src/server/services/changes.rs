//! What changes, as those hear of it who look at it: gathered over a moment, so that many changes at once are one piece of
//! news for many pages.

use std::{
    collections::BTreeSet,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{
        Mutex,
        broadcast::{self, error::RecvError},
    },
    time::{Instant, sleep_until},
};

use crate::server::db::listener::{Changed, Listener};

/// What comes so soon after a change is told with it.
const GATHERED: Duration = Duration::from_millis(100);
/// There is so much time between two pieces of news: each makes every open page ask.
const APART: Duration = Duration::from_millis(500);
/// And so much before progress is told, which goes on all the time.
const PROGRESS_APART: Duration = Duration::from_secs(1);
/// More imports are not named.
const MOST_NAMED: usize = 100;
/// Whoever is behind by so much news has to look at everything.
const BEHIND: usize = 16;
/// A round lasts no longer, so that whoever watches over it knows that it goes on.
const ROUND: Duration = Duration::from_secs(5);

/// A piece of news: the imports that have changed. None are named when it was something else, or too much.
pub type News = Arc<[i32]>;

/// The number of changes up to some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment(u64);

/// What changes. Clones are the same.
#[derive(Clone, Debug)]
pub struct Changes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    listener: Listener,
    heard: Mutex<Heard>,
    number: AtomicU64,
    news: broadcast::Sender<News>,
}

#[derive(Debug)]
struct Heard {
    changed: broadcast::Receiver<Changed>,
    gathering: Gathering,
}

impl Changes {
    #[must_use]
    pub fn new(listener: &Listener) -> Self {
        let heard = Heard {
            changed: listener.changed(),
            gathering: Gathering::default(),
        };
        Self(Arc::new(Inner {
            listener: listener.clone(),
            heard: Mutex::new(heard),
            number: AtomicU64::new(0),
            news: broadcast::channel(BEHIND).0,
        }))
    }

    /// News from now on. Whoever looks must do so after this, not before.
    #[must_use]
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.0.news.subscribe()
    }

    /// This moment. What is read after it, while it lasts, is as it is now.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment(self.0.number.load(Ordering::SeqCst))
    }

    /// Whether what changes is heard of at the moment; else only time tells.
    #[must_use]
    pub fn are_heard(&self) -> bool {
        self.0.listener.hears()
    }

    /// Notes that this process has changed something: whoever did it sees it with the next reading, even if the database
    /// has not told of it yet.
    pub fn note(&self) {
        self.0.number.fetch_add(1, Ordering::SeqCst);
    }

    /// Gathers what is heard until there is news to tell, or for some time.
    ///
    /// # Errors
    /// None.
    pub async fn round(&self) -> Result<(), Infallible> {
        let mut heard = self.0.heard.lock().await;
        let Heard { changed, gathering } = &mut *heard;
        let end = Instant::now() + ROUND;
        loop {
            let due = gathering.due();
            tokio::select! {
                change = changed.recv() => {
                    let change = match change {
                        Ok(change) => change,
                        Err(RecvError::Lagged(_)) => Changed::Anything,
                        // The listener is gone, and with it all that could be told.
                        Err(RecvError::Closed) => return Ok(()),
                    };
                    self.note();
                    gathering.add(&change, Instant::now());
                }
                () = sleep_until(due.map_or(end, |due| due.min(end))) => {
                    let now = Instant::now();
                    if due.is_some_and(|due| due <= now) {
                        // Nobody may be looking, which is no error.
                        let _ = self.0.news.send(gathering.take(now));
                    }
                    return Ok(());
                }
            }
        }
    }
}

/// What has changed since the last news.
#[derive(Debug, Default)]
struct Gathering {
    imports: BTreeSet<i32>,
    anything: bool,
    /// When it is to be told; `None`: there is nothing.
    due: Option<Instant>,
    told: Option<Instant>,
}

impl Gathering {
    const fn due(&self) -> Option<Instant> {
        self.due
    }

    fn add(&mut self, change: &Changed, now: Instant) {
        let after = |pause| self.told.map_or(now, |told| (told + pause).max(now));
        let due = match change {
            Changed::Progress(_) => after(PROGRESS_APART),
            Changed::Imports(_) | Changed::Anything => after(APART).max(now + GATHERED),
        };
        self.due = Some(self.due.map_or(due, |before| before.min(due)));
        match change {
            Changed::Progress(id) => drop(self.imports.insert(*id)),
            Changed::Imports(ids) => self.imports.extend(ids),
            Changed::Anything => self.anything = true,
        }
        if self.imports.len() > MOST_NAMED {
            self.anything = true;
        }
        if self.anything {
            self.imports.clear();
        }
    }

    fn take(&mut self, now: Instant) -> News {
        let before = std::mem::take(self);
        self.told = Some(now);
        before.imports.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);

    #[test]
    fn the_first_change_is_told_soon_and_the_next_ones_together() {
        let mut gathering = Gathering::default();
        let began = Instant::now();
        gathering.add(&Changed::Imports(vec![7]), began);
        assert_eq!(gathering.due(), Some(began + GATHERED));
        gathering.add(&Changed::Imports(vec![5, 7]), began + MILLI);
        assert_eq!(gathering.due(), Some(began + GATHERED));
        let told = began + GATHERED;
        assert_eq!(*gathering.take(told), [5, 7]);
        assert_eq!(gathering.due(), None);
        gathering.add(&Changed::Imports(vec![8]), told + MILLI);
        assert_eq!(gathering.due(), Some(told + APART));
    }

    #[test]
    fn progress_is_told_once_a_second_or_with_what_is_told_anyway() {
        let mut gathering = Gathering::default();
        let told = Instant::now();
        gathering.take(told);
        gathering.add(&Changed::Progress(1), told + MILLI);
        assert_eq!(gathering.due(), Some(told + PROGRESS_APART));
        gathering.add(&Changed::Imports(vec![2]), told + MILLI);
        assert_eq!(gathering.due(), Some(told + APART));
        assert_eq!(*gathering.take(told + APART), [1, 2]);
    }

    #[test]
    fn too_many_imports_are_not_named() {
        let mut gathering = Gathering::default();
        let now = Instant::now();
        gathering.add(&Changed::Imports((1..=100).collect()), now);
        gathering.add(&Changed::Progress(100), now);
        assert_eq!(gathering.imports.len(), MOST_NAMED);
        gathering.add(&Changed::Progress(101), now);
        gathering.add(&Changed::Progress(102), now);
        assert!(gathering.take(now).is_empty());
        gathering.add(&Changed::Progress(1), now);
        gathering.add(&Changed::Anything, now);
        assert!(gathering.take(now).is_empty());
    }
}
