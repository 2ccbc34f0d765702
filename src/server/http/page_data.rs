//! `GET /api/scheduler_page`: what the Scheduler page shows, for pages that are open and ask again and again. While it
//! shows the same, the answer is that it does (304), and costs next to nothing.
//!
//! The tag leaves out the clock. Who gets a whole answer gets the present in it; who gets a 304 has the present in `Date`.

use std::{
    io::{self, Write as _},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Extension, Json,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::{Compression, write::GzEncoder};
use leptos::server_fn::ContentType as _;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::{guard::takes, tags};
use crate::{
    error::AppError,
    model::{asked::Shows, scheduler::SchedulerPage},
    server::state::AppState,
    server_fns::door,
    wire::{self, Packed},
};

/// The clock in a whole answer may be behind by so much.
const GOOD_FOR: Duration = Duration::from_secs(1);

/// What is asked for.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    all_failures: bool,
    all_runs: bool,
}

/// The latest answer for many.
#[derive(Clone, Debug, Default)]
pub struct PageData(Arc<Mutex<Option<Ready>>>);

/// An answer, and of which reading it is.
#[derive(Clone, Debug)]
struct Ready {
    of: Arc<SchedulerPage>,
    tag: HeaderValue,
    /// Not before somebody wants it whole.
    whole: Option<Whole>,
}

#[derive(Clone, Debug)]
struct Whole {
    at: Instant,
    plain: Bytes,
    packed: Bytes,
}

/// Answers with the page's data, or that it is still the same.
pub async fn read(
    State(state): State<AppState>,
    Extension(ready): Extension<PageData>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let shows = Shows {
        all_failures: asked.all_failures,
        all_runs: asked.all_runs,
    };
    let answered = if shows == Shows::default() {
        let page = state.overview.latest().await.map_err(|error| error.tell());
        page.and_then(|page| ready.answer(&state, page, &headers))
    } else {
        // Few ask for these: each is given a reading of its own.
        let page = state.overview.page(shows).await.map(Arc::new);
        page.map_err(|error| error.tell())
            .and_then(|page| PageData::default().answer(&state, page, &headers))
    };
    answered.unwrap_or_else(|error| {
        let status = StatusCode::from_u16(error.kind.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, [(header::CACHE_CONTROL, "no-store")], Json(error)).into_response()
    })
}

impl PageData {
    fn answer(
        &self,
        state: &AppState,
        page: Arc<SchedulerPage>,
        headers: &HeaderMap,
    ) -> Result<Response, AppError> {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = match &mut *latest {
            Some(ready) if Arc::ptr_eq(&ready.of, &page) => ready,
            other => other.insert(Ready {
                tag: tag(&page, &state.leptos.site_pkg_dir)?,
                of: page,
                whole: None,
            }),
        };
        let kept = [
            (header::ETAG, ready.tag.clone()),
            (
                header::CACHE_CONTROL,
                HeaderValue::from_static("private, no-cache"),
            ),
            (
                header::VARY,
                HeaderValue::from_static(header::ACCEPT_ENCODING.as_str()),
            ),
        ];
        if tags::knows(headers, &ready.tag) {
            return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
        }
        let whole = match &mut ready.whole {
            Some(whole) if whole.at.elapsed() < GOOD_FOR => whole,
            other => other.insert(Whole::of(&ready.of, state.clock.now())?),
        };
        let kind = [(header::CONTENT_TYPE, Packed::CONTENT_TYPE)];
        Ok(if takes(headers, "gzip") {
            let packed = [(header::CONTENT_ENCODING, "gzip")];
            (kept, kind, packed, whole.packed.clone()).into_response()
        } else {
            (kept, kind, whole.plain.clone()).into_response()
        })
    }
}

impl Whole {
    fn of(page: &SchedulerPage, now: DateTime<Utc>) -> Result<Self, AppError> {
        let at = Instant::now();
        let shown = SchedulerPage {
            now,
            ..page.clone()
        };
        let plain = Bytes::from(wire::pack(&shown).map_err(door::unwritable)?);
        let packed = gzip(&plain).map_err(door::unwritable)?.into();
        Ok(Self { at, plain, packed })
    }
}

fn gzip(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut packing = GzEncoder::new(Vec::new(), Compression::fast());
    packing.write_all(plain)?;
    packing.finish()
}

/// The same as long as the page shows the same to the same browser's half. Weak: the clock isn't part of it.
fn tag(page: &SchedulerPage, version: &str) -> Result<HeaderValue, AppError> {
    let mut still = page.clone();
    still.now = DateTime::UNIX_EPOCH;
    for process in &mut still.scheduler.processes {
        if process.is_alive {
            process.seen_at = process.started_at;
        }
    }
    let sum = Sha256::new()
        .chain_update(version)
        .chain_update(wire::pack(&still).map_err(door::unwritable)?);
    tags::of(sum).ok_or_else(|| door::unwritable("its tag is no header"))
}
