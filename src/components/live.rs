//! What the Scheduler page shows, kept fresh.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;

use super::{
    notices::{News, Notices},
    reactive::memo,
};
use crate::{
    browser,
    error::{AppError, read},
    model::{asked::Asked, scheduler::SchedulerPage},
    server_fns::{Answer, scheduler::read_scheduler_page},
};

/// The seed's rhythm.
const REFRESH: Duration = Duration::from_secs(10);
/// While an import runs or a file is sent, and of the clock that the page shows.
pub const SECOND: Duration = Duration::from_secs(1);

/// The page's data and the browser's clock.
#[derive(Clone, Copy)]
pub struct Live {
    page: Resource<Answer>,
    tick: RwSignal<Option<DateTime<Utc>>>,
    read_at: RwSignal<Option<DateTime<Utc>>>,
    pub notices: Notices,
}

impl Live {
    /// Reads the page's data, then again every 10 seconds while the page is there and somebody looks.
    #[must_use]
    pub fn start(notices: Notices) -> Self {
        let tick = RwSignal::new(None);
        let read_at = RwSignal::new(None);
        let all_failures = use_context::<Asked>().is_some_and(|asked| asked.all_failures);
        let page = Resource::new(
            || (),
            move |()| async move {
                let answer = read_scheduler_page(all_failures).await;
                if answer.is_ok()
                    && let Some(now) = browser::now()
                {
                    read_at.try_set(Some(now));
                    tick.try_set(Some(now));
                }
                answer
            },
        );
        // The browser's clock begins once the page is hydrated: until then it must look as the server rendered it.
        Effect::new(move || {
            tick.set(browser::now());
            read_at.set(browser::now());
        });
        browser::every(SECOND, move || tick.set(browser::now()));
        browser::every(REFRESH, move || page.refetch());
        Self {
            page,
            tick,
            read_at,
            notices,
        }
    }

    /// Reads the data again, now.
    pub fn refetch(self) {
        self.page.refetch();
    }

    /// Announces what an action came to.
    pub fn tell(self, news: impl Into<News>) {
        self.notices.tell(news.into());
    }

    fn answer(self) -> Option<Result<SchedulerPage, AppError>> {
        Some(self.page.get()?.and_then(|text| read(&text)))
    }

    /// The latest good answer. To be called inside a `Transition`, since it reads the resource.
    #[must_use]
    pub fn latest(self) -> Memo<Option<SchedulerPage>> {
        Memo::new(
            move |before: Option<&Option<SchedulerPage>>| match self.answer() {
                Some(Ok(page)) => Some(page),
                _ => before.cloned().flatten(),
            },
        )
    }

    /// Why the latest answer is none. To be called inside a `Transition`, since it reads the resource.
    #[must_use]
    pub fn trouble(self) -> Memo<Option<AppError>> {
        memo(move || self.answer().and_then(Result::err))
    }

    /// When the latest good answer came, by the browser's clock; `None` on the server and until hydrated.
    #[must_use]
    pub fn read_at(self) -> Option<DateTime<Utc>> {
        self.read_at.get()
    }

    /// How long ago that was; `None` on the server and until hydrated.
    #[must_use]
    pub fn age(self) -> Option<chrono::Duration> {
        Some(self.tick.get()? - self.read_at.get()?)
    }
}

/// What is shown of an answer, for the components below the page.
#[derive(Clone, Copy)]
pub struct Board {
    pub live: Live,
    /// The latest good answer.
    pub shown: Memo<SchedulerPage>,
}

impl Board {
    /// Begins with `first`. Refetches every second while an import runs, and until the end is known of one that was
    /// started here, so that its log is never seconds behind.
    #[must_use]
    pub fn new(live: Live, latest: Memo<Option<SchedulerPage>>, first: SchedulerPage) -> Self {
        let shown = memo(move || latest.get().unwrap_or_else(|| first.clone()));
        let busy = memo(move || shown.with(|page| page.running_logs > 0));
        browser::every(SECOND, move || {
            if busy.get_untracked() || live.notices.follows() {
                live.refetch();
            }
        });
        Effect::new(move || shown.with(|page| live.notices.follow(&page.logs)));
        Self { live, shown }
    }

    /// A part of what is shown; it changes only when the part does.
    #[must_use]
    pub fn part<T: PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&SchedulerPage) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        memo(move || self.shown.with(&part))
    }

    /// The server's clock, running on by the browser's: a browser whose clock is wrong shows right spans.
    #[must_use]
    pub fn now(self) -> DateTime<Utc> {
        self.shown.with(|page| page.now) + self.live.age().unwrap_or_default()
    }

    /// Whether the reader's zone is known: only in a browser, once hydrated.
    #[must_use]
    pub fn hydrated(self) -> bool {
        self.live.read_at.with(Option::is_some)
    }

    /// Today, for days of draws.
    #[must_use]
    pub fn today(self) -> NaiveDate {
        self.shown.with(|page| page.today)
    }
}
