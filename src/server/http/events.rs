//! `GET /events`: tells open pages what changes, as server-sent events (HTML standard, "Server-sent events").
//!
//! - `hello`, at once: which version of the browser's half this server has.
//! - `change`: the imports that have changed; none are named when it was something else, or too much to name.
//!
//! Whoever is too slow for all news is told that anything may have changed, and nothing is kept for it.

use std::{convert::Infallible, fmt::Write as _, sync::Arc, time::Duration};

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use serde_json::json;
use tokio::{
    sync::{
        OwnedSemaphorePermit, Semaphore,
        broadcast::{Receiver, error::RecvError},
    },
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use super::{listen::Stopping, problem::Problem};
use crate::{
    error::{AppError, ErrorKind},
    server::{metrics::Counted, open_files, services::changes::News, state::AppState},
};

/// A connection on which nothing was said for so long is told that it is still there.
const QUIET: Duration = Duration::from_secs(15);
/// How long a browser waits before it comes again, milliseconds; and whoever finds no place, seconds.
const COME_AGAIN: u32 = 3000;
const COME_LATER: &str = "30";

/// Whoever is told for so long comes again, and shows once more who they are.
const AT_MOST: Duration = Duration::from_mins(5);

/// No more pages than these are told of what changes; the others ask by themselves.
const MOST: u64 = 5000;

/// The places of those who are told.
#[derive(Clone, Debug)]
pub struct Places(Arc<Semaphore>);

impl Places {
    /// As many as there may be: each is an open file for as long, and half of those are for all the rest.
    #[must_use]
    pub fn of_this_process() -> Self {
        let files = open_files::most().unwrap_or(u64::MAX);
        let places = usize::try_from(MOST.min(files / 2)).unwrap_or(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(places)))
    }
}

/// An event, by the names of its fields.
#[derive(ToSchema)]
#[expect(dead_code, reason = "events are written as text")]
pub struct StreamEvent {
    /// `hello` or `change`.
    #[schema(rename = "event")]
    name: String,
    /// JSON: of `hello` the `version` of the pages, of `change` the numbers of the `imports`.
    data: String,
    /// After so many milliseconds whoever was cut off comes again.
    retry: Option<i64>,
}

/// Tells of what changes, until the reader goes or the server stops.
#[utoipa::path(
    get, path = "/events", operation_id = "followChanges", tag = "Server",
    summary = "What changes, as it does",
    description = "Server-sent events: `hello` at once, with the version of the pages; then `change` with the imports that have changed, or none where it was something else. It ends after 5 minutes: come again.",
    responses(
        (status = 200, description = "Events.", body = StreamEvent, content_type = "text/event-stream"),
    ),
    extensions(("x-action" = json!("see"))),
)]
pub async fn tell(
    State(state): State<AppState>,
    Extension(places): Extension<Places>,
    stopping: Option<Extension<Stopping>>,
) -> Response {
    let Ok(place) = places.0.try_acquire_owned() else {
        let sentence = "This server tells as many pages of what changes as it can. The page asks by itself every few seconds.";
        let problem = Problem::from(AppError::new(ErrorKind::Unavailable, sentence));
        return ([(header::RETRY_AFTER, COME_LATER)], problem).into_response();
    };
    let version = state.leptos.site_pkg_dir.trim_start_matches("pkg/");
    let hello = json!({ "version": version });
    let telling = Telling {
        hello: Some(format!("retry: {COME_AGAIN}\nevent: hello\ndata: {hello}\n\n").into()),
        news: state.changes.news(),
        stopping: stopping.map_or_else(CancellationToken::new, |Extension(Stopping(token))| token),
        until: Instant::now() + AT_MOST,
        _place: place,
        _counted: Counted::begin(&state.metrics.open_pages),
    };
    let pieces = stream::unfold(telling, |mut telling| async move {
        let piece = telling.next().await?;
        Some((Ok::<_, Infallible>(piece), telling))
    });
    let headers = [
        (header::CONTENT_TYPE.as_str(), "text/event-stream"),
        (header::CACHE_CONTROL.as_str(), "no-store"),
        // A proxy hands on each piece at once.
        ("x-accel-buffering", "no"),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}

/// What one page is told.
struct Telling {
    hello: Option<Bytes>,
    news: Receiver<News>,
    stopping: CancellationToken,
    until: Instant,
    _place: OwnedSemaphorePermit,
    _counted: Counted,
}

impl Telling {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(hello) = self.hello.take() {
            return Some(hello);
        }
        tokio::select! {
            biased;
            () = self.stopping.cancelled() => None,
            () = sleep_until(self.until) => None,
            news = self.news.recv() => match news {
                Ok(imports) => Some(change(&imports)),
                Err(RecvError::Lagged(_)) => {
                    self.news = self.news.resubscribe();
                    Some(change(&[]))
                }
                Err(RecvError::Closed) => None,
            },
            () = sleep(QUIET) => Some(Bytes::from_static(b":\n\n")),
        }
    }
}

fn change(imports: &[i32]) -> Bytes {
    let mut event = "event: change\ndata: {\"imports\":[".to_owned();
    for (nth, id) in imports.iter().enumerate() {
        let comma = if nth > 0 { "," } else { "" };
        // Writing to a string can't fail.
        let _ = write!(event, "{comma}{id}");
    }
    event.push_str("]}\n\n");
    event.into()
}

#[cfg(test)]
mod tests {
    use prometheus_client::metrics::gauge::Gauge;
    use tokio::sync::broadcast;

    use super::*;

    #[tokio::test]
    async fn who_is_too_slow_is_told_that_anything_may_have_changed() {
        let (news, heard) = broadcast::channel::<News>(2);
        let mut telling = Telling {
            hello: None,
            news: heard,
            stopping: CancellationToken::new(),
            until: Instant::now() + AT_MOST,
            _place: Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap(),
            _counted: Counted::begin(&Gauge::default()),
        };
        for id in 1..=3 {
            news.send([id].into()).unwrap();
        }
        assert_eq!(telling.next().await, Some(change(&[])));
        news.send([4, 5].into()).unwrap();
        let told = telling.next().await.unwrap();
        assert_eq!(told, "event: change\ndata: {\"imports\":[4,5]}\n\n");
        telling.stopping.cancel();
        news.send([6].into()).unwrap();
        assert_eq!(telling.next().await, None);
    }
}
