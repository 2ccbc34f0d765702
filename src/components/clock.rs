//! The server's clock, as a page goes on with it: a browser whose clock is wrong shows right spans.

use chrono::{DateTime, Duration, Utc};
use leptos::prelude::*;

use crate::browser;

/// How often it moves.
pub const SECOND: std::time::Duration = std::time::Duration::from_secs(1);
/// The server's answers say their time to the second: what is less off than that is right.
const RIGHT: Duration = Duration::seconds(1);

/// Until the page is hydrated it stands still, so that the page looks as the server has rendered it.
#[derive(Clone, Copy)]
pub struct Clock {
    /// The browser's clock; none until hydrated.
    tick: RwSignal<Option<DateTime<Utc>>>,
    /// How far the server's clock is ahead of it.
    ahead: RwSignal<Option<Duration>>,
    /// The server's time when it rendered the page, or was first read.
    first: RwSignal<Option<DateTime<Utc>>>,
}

impl Clock {
    /// It moves while somebody looks.
    #[must_use]
    pub fn start() -> Self {
        let clock = Self {
            tick: RwSignal::new(None),
            ahead: RwSignal::new(None),
            first: RwSignal::new(None),
        };
        Effect::new(move || clock.go());
        browser::every(SECOND, move || clock.go());
        clock
    }

    fn go(self) {
        let tick = browser::now();
        let before = self.ahead.get_untracked();
        let ahead = browser::server_ahead()
            .or(before)
            .or_else(|| Some(self.first.get_untracked()? - tick?));
        let off = |(now, before): (Duration, Duration)| (now - before).abs() > RIGHT;
        if ahead.zip(before).is_none_or(off) {
            self.ahead.set(ahead);
        }
        self.tick.set(tick);
    }

    /// Begins with the server's time `at`.
    pub fn set(self, at: DateTime<Utc>) {
        if self.first.with_untracked(Option::is_none) {
            self.first.set(Some(at));
        }
    }

    /// The server's time.
    #[must_use]
    pub fn now(self) -> DateTime<Utc> {
        match self.tick.get().zip(self.ahead.get()) {
            Some((tick, ahead)) => tick + ahead,
            None => self.first.get().unwrap_or_default(),
        }
    }

    /// The browser's time; `None` on the server and until hydrated.
    #[must_use]
    pub fn tick(self) -> Option<DateTime<Utc>> {
        self.tick.get()
    }

    /// Whether the reader's zone is known: only in a browser, once hydrated.
    #[must_use]
    pub fn hydrated(self) -> bool {
        self.tick.with(Option::is_some)
    }
}
