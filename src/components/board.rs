//! What the Scheduler page shows, for the parts of it.

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;

use super::{
    live::Live,
    polled::{Dated, Polled},
    reactive::memo,
};
use crate::{
    browser,
    model::{
        asked::{Asked, Shows},
        scheduler::SchedulerPage,
    },
};

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
    shows: Shows,
    /// The panel that was opened last, as the address has it.
    opened: StoredValue<Option<i32>>,
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
        let title = memo(move || shown.with(SchedulerPage::title));
        Effect::new(move || title.with(|title| browser::show_title(title)));
        let asked = use_context::<Asked>().unwrap_or_default();
        Self {
            live,
            shown,
            page,
            shows: asked.shows,
            opened: StoredValue::new(asked.details),
        }
    }

    /// The panel of this import, or a fold, was opened or closed: the address says so, for whoever gets it.
    pub fn opened(self, id: i32, open: bool) {
        let before = self.opened.get_value();
        let now = if open {
            Some(id)
        } else {
            before.filter(|opened| *opened != id)
        };
        if now != before {
            self.opened.set_value(now);
            browser::show_address(&self.shows.address(now));
        }
    }

    /// A part of what is shown; it changes only when the part does.
    #[must_use]
    pub fn part<T: PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&SchedulerPage) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        memo(move || self.shown.with(&part))
    }

    /// What a row shows, from `first` on. Between leaving the list and leaving the page it keeps what it showed.
    #[must_use]
    pub fn kept<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        first: T,
        part: impl Fn(&SchedulerPage) -> Option<T> + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |before: Option<&T>| {
            let found = self.shown.with(&part);
            found
                .or_else(|| before.cloned())
                .unwrap_or_else(|| first.clone())
        })
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
