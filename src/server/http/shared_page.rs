//! The Scheduler page of those who ask for nothing of their own: they see the same, and share the work.
//!
//! It is rendered from nobody's request, so that nothing of one reader can get to another; and not again while it shows the
//! same, but for its clock. What differs from one reader to the next comes into it when it is sent.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::document::Template;
use crate::{
    model::scheduler::SchedulerPage,
    server::{
        clock::Clock,
        services::{coalesce::Coalesced, overview::Overview},
    },
};

/// The page's clock may be behind by so much.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// A rendered page and what it shows.
#[derive(Clone, Debug)]
struct Latest {
    shows: Arc<SchedulerPage>,
    at: Instant,
    page: Arc<Template>,
}

/// The readers, and the latest page.
#[derive(Clone, Debug, Default)]
pub struct SharedPage {
    readers: Coalesced<Option<Arc<Template>>>,
    latest: Arc<Mutex<Option<Latest>>>,
}

impl SharedPage {
    /// The page as it is now, which `render` renders from what it shows; `None` when that can't be read or rendered.
    pub async fn get<F>(
        &self,
        overview: Overview,
        clock: Clock,
        render: impl FnOnce(SchedulerPage) -> F + Send + 'static,
    ) -> Option<Arc<Template>>
    where
        F: Future<Output = Option<Template>> + Send + 'static,
    {
        let shared = self.clone();
        // In a task of its own: the reader who happened to begin it may go away in the middle.
        let read = || async move {
            let page = tokio::spawn(async move { shared.read(&overview, &clock, render).await });
            page.await.ok().flatten()
        };
        self.readers.read(read).await
    }

    async fn read<F>(
        &self,
        overview: &Overview,
        clock: &Clock,
        render: impl FnOnce(SchedulerPage) -> F,
    ) -> Option<Arc<Template>>
    where
        F: Future<Output = Option<Template>>,
    {
        let shows = overview.latest().await.ok()?;
        if let Some(page) = self.still_true(&shows) {
            return Some(page);
        }
        let at = Instant::now();
        let now = SchedulerPage {
            now: clock.now(),
            ..(*shows).clone()
        };
        let page = Arc::new(render(now).await?);
        let latest = Latest {
            shows,
            at,
            page: page.clone(),
        };
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(latest);
        Some(page)
    }

    /// The latest page, if it shows just this but for a moment of its clock.
    fn still_true(&self, shows: &Arc<SchedulerPage>) -> Option<Arc<Template>> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = latest.as_ref().filter(|it| it.at.elapsed() < GOOD_FOR)?;
        Arc::ptr_eq(&latest.shows, shows).then(|| latest.page.clone())
    }
}
