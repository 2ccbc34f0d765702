//! The Scheduler page of those who ask for nothing of their own: they see the same, and share the work.
//!
//! What it shows is read anew for all who have come since the last reading began. It is rendered from nobody's request,
//! so that nothing of one reader can get to another; and not again while it shows the same, since that costs three times
//! what all the rest does.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Bytes, to_bytes},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use tokio::time::Instant;

use crate::{
    model::{asked::Shows, scheduler::SchedulerPage},
    server::services::{coalesce::Coalesced, overview::Overview},
};

/// The page's clock may be behind by so much.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// A page as it is sent.
pub type Sent = (StatusCode, HeaderMap, Bytes);

/// A rendered page and what it shows.
#[derive(Clone, Debug)]
struct Latest {
    shows: SchedulerPage,
    at: Instant,
    sent: Sent,
}

/// The readers, and the latest page.
#[derive(Clone, Debug, Default)]
pub struct SharedPage {
    readers: Coalesced<Option<Sent>>,
    latest: Arc<Mutex<Option<Latest>>>,
}

impl SharedPage {
    /// The page as it is now, which `render` renders from what it shows; `None` when that can't be read or rendered.
    pub async fn get<F>(
        &self,
        overview: Overview,
        render: impl FnOnce(SchedulerPage) -> F + Send + 'static,
    ) -> Option<Sent>
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let shared = self.clone();
        // In a task of its own: the reader who happened to begin it may go away in the middle.
        let read = || async move {
            let page = tokio::spawn(async move { shared.read(&overview, render).await });
            page.await.ok().flatten()
        };
        self.readers.read(read).await
    }

    async fn read<F>(
        &self,
        overview: &Overview,
        render: impl FnOnce(SchedulerPage) -> F,
    ) -> Option<Sent>
    where
        F: Future<Output = Response>,
    {
        let at = Instant::now();
        let shows = overview.page(Shows::default()).await.ok()?;
        if let Some(sent) = self.still_true(&shows) {
            return Some(sent);
        }
        let (parts, body) = render(shows.clone()).await.into_parts();
        let sent = (
            parts.status,
            parts.headers,
            to_bytes(body, usize::MAX).await.ok()?,
        );
        let latest = Latest {
            shows,
            at,
            sent: sent.clone(),
        };
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(latest);
        Some(sent)
    }

    /// The latest page, if it shows just this but for a moment of its clock.
    fn still_true(&self, page: &SchedulerPage) -> Option<Sent> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = latest.as_ref().filter(|it| it.at.elapsed() < GOOD_FOR)?;
        let same = SchedulerPage {
            now: latest.shows.now,
            ..page.clone()
        };
        (same == latest.shows).then(|| latest.sent.clone())
    }
}
