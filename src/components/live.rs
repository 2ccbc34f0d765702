//! What every page that lives in a browser has: a clock, messages, and a way to read its data again.

use leptos::prelude::*;

use super::{
    clock::Clock,
    notices::{News, Notices},
};

/// The page's own, for all its parts: they find it in the context.
#[derive(Clone, Copy)]
pub struct Live {
    pub clock: Clock,
    pub notices: Notices,
    /// Counts how often the data was asked for.
    again: RwSignal<u32>,
}

impl Live {
    /// Starts the clock, and gives it all to the page's parts.
    #[must_use]
    pub fn start() -> Self {
        let live = Self {
            clock: Clock::start(),
            notices: Notices::start(),
            again: RwSignal::new(0),
        };
        provide_context(live);
        live
    }

    /// Reads the data again, now.
    pub fn refetch(self) {
        self.again.update(|times| *times += 1);
    }

    /// How often the data was asked for: what reads it when this changes is up to date.
    #[must_use]
    pub fn asked(self) -> u32 {
        self.again.get()
    }

    /// Announces what an action came to.
    pub fn tell(self, news: impl Into<News>) {
        self.notices.tell(news.into());
    }
}
