//! `GET /metrics`: what Prometheus reads. Each process tells what it has counted itself, and what is true of all of them.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};

use super::problem::Problem;
use crate::server::{
    metrics::{self, Now, Pool},
    state::AppState,
};

/// All metrics. A database that is away is itself one of them.
#[utoipa::path(
    get, path = "/metrics", operation_id = "readMetrics", tag = "Server",
    summary = "What Prometheus reads",
    description = "What this process has counted, and what is true of the whole installation. `ops/README.md` lists all of it. With a database that is away it answers, too, and says so.",
    responses(
        (status = 200, description = "Metrics, in the newer format for whoever takes it.", content((String = "text/plain"), (String = "application/openmetrics-text"))),
    ),
    extensions(("x-action" = json!("see"))),
)]
pub async fn show(State(state): State<AppState>, headers: HeaderMap) -> Response {
    // Before the question below takes a connection of its own.
    let pool = Pool {
        idle: state.pool.num_idle(),
        all: state.pool.size(),
        most: state.pool.options().get_max_connections(),
    };
    let now = Now {
        pool,
        database: state.monitoring.of_installation().await,
        silent: state.supervisor.silent().len(),
    };
    let Ok(text) = state.metrics.text(&now) else {
        return Problem::fault().into_response();
    };
    let (kind, text) = if takes_open_metrics(&headers) {
        (metrics::OPEN_METRICS, text)
    } else {
        (metrics::PLAIN, metrics::plain(&text))
    };
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// Whether the reader knows the newer format: Prometheus does.
fn takes_open_metrics(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT).iter();
    let mut lines = lines.filter_map(|line| line.to_str().ok());
    lines.any(|line| line.contains("application/openmetrics-text"))
}
