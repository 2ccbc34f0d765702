//! The rendered page, kept for as long as it is true. What it shows is read anew for each request; only when more
//! than the clock has changed since, or a second has passed, is it rendered anew. Readers share a rendering.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use tokio::time::Instant;

use crate::{
    model::scheduler::SchedulerPage,
    server::services::{coalesce::Coalesced, overview::Overview},
};

/// The page's clock may be behind by so much.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// A rendered page and what it shows.
#[derive(Clone, Debug)]
struct Kept {
    shows: SchedulerPage,
    at: Instant,
    headers: HeaderMap,
    html: Bytes,
}

impl Kept {
    fn is_true_of(&self, page: &mut SchedulerPage) -> bool {
        let now = std::mem::replace(&mut page.now, self.shows.now);
        let same = self.at.elapsed() < GOOD_FOR && *page == self.shows;
        page.now = now;
        same
    }
}

impl IntoResponse for Kept {
    fn into_response(self) -> Response {
        (self.headers, self.html).into_response()
    }
}

/// The latest rendering.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    kept: Arc<Mutex<Option<Kept>>>,
    rendering: Coalesced<Option<Kept>>,
}

impl Rendered {
    /// The page as it is now. `render` renders it; `None` when there is nothing to show or it could not.
    pub async fn page<F>(
        &self,
        overview: &Overview,
        request: Parts,
        render: impl FnOnce(SchedulerPage, Request<Body>) -> F + Send + 'static,
    ) -> Option<Response>
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let mut shows = overview.page().await.ok()?;
        if let Some(kept) = self.kept().filter(|kept| kept.is_true_of(&mut shows)) {
            return Some(kept.into_response());
        }
        let (slot, overview) = (self.kept.clone(), overview.clone());
        // In a task of its own: the reader who happened to begin it may go away in the middle.
        let rendering = || async move {
            let rendering = tokio::spawn(async move {
                let at = Instant::now();
                // Again: who joined this rendering may have come after a change.
                let shows = overview.page().await.ok()?;
                let response = render(shows.clone(), Request::from_parts(request, Body::empty()));
                let (parts, body) = response.await.into_parts();
                if parts.status != StatusCode::OK {
                    return None;
                }
                let kept = Kept {
                    shows,
                    at,
                    headers: parts.headers,
                    html: to_bytes(body, usize::MAX).await.ok()?,
                };
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept.clone());
                Some(kept)
            });
            rendering.await.ok().flatten()
        };
        Some(self.rendering.read(rendering).await?.into_response())
    }

    fn kept(&self) -> Option<Kept> {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
