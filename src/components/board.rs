//! What the Scheduler page shows, for the parts of it.

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;

use super::{
    live::Live,
    polled::{Dated, Polled},
    reactive::memo,
};
use crate::model::scheduler::SchedulerPage;

impl Dated for SchedulerPage {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }
}

/// The latest good answer, and all that lives.
#[derive(Clone, Copy)]
pub struct Board {
    pub live: Live,
    pub shown: Memo<SchedulerPage>,
    page: Polled<SchedulerPage>,
}

impl Board {
    /// Begins with `first`.
    #[must_use]
    pub fn new(
        page: Polled<SchedulerPage>,
        latest: Memo<Option<SchedulerPage>>,
        first: SchedulerPage,
    ) -> Self {
        let live = page.live;
        live.clock.set(first.now);
        let shown = memo(move || latest.get().unwrap_or_else(|| first.clone()));
        Effect::new(move || shown.with(|page| live.notices.follow(&page.logs)));
        Self { live, shown, page }
    }

    /// A part of what is shown; it changes only when the part does.
    #[must_use]
    pub fn part<T: PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&SchedulerPage) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        memo(move || self.shown.with(&part))
    }

    /// When the page was last answered, by the browser's clock; `None` on the server and until hydrated.
    #[must_use]
    pub fn read_at(self) -> Option<DateTime<Utc>> {
        self.page.read_at()
    }

    /// The server's clock.
    #[must_use]
    pub fn now(self) -> DateTime<Utc> {
        self.live.clock.now()
    }

    /// Whether the reader's zone is known: only in a browser, once hydrated.
    #[must_use]
    pub fn hydrated(self) -> bool {
        self.live.clock.hydrated()
    }

    /// Today, for days of draws.
    #[must_use]
    pub fn today(self) -> NaiveDate {
        self.shown.with(|page| page.today)
    }
}
