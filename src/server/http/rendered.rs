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
    error::AppError,
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
    /// The page as it is now, which `render` renders; also when it is an error that there is to show.
    pub async fn page<F>(
        &self,
        overview: &Overview,
        request: Parts,
        render: impl Fn(Result<SchedulerPage, AppError>, Request<Body>) -> F + Clone + Send + 'static,
    ) -> Response
    where
        F: Future<Output = Response> + Send + 'static,
    {
        let ask = |parts: &Parts| Request::from_parts(parts.clone(), Body::empty());
        let mut shows = match overview.page().await {
            Ok(shows) => shows,
            Err(error) => return render(Err(error.tell()), ask(&request)).await,
        };
        if let Some(kept) = self.kept().filter(|kept| kept.is_true_of(&mut shows)) {
            return kept.into_response();
        }
        let (slot, overview, shared) = (self.kept.clone(), overview.clone(), render.clone());
        let asked = ask(&request);
        // In a task of its own: the reader who happened to begin it may go away in the middle.
        let rendering = || async move {
            let rendering = tokio::spawn(async move {
                let at = Instant::now();
                // Again: who joined this rendering may have come after a change.
                let shows = overview.page().await.ok()?;
                let response = shared(Ok(shows.clone()), asked);
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
        match self.rendering.read(rendering).await {
            Some(kept) => kept.into_response(),
            None => render(Ok(shows), ask(&request)).await,
        }
    }

    fn kept(&self) -> Option<Kept> {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
