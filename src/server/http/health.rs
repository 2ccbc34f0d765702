//! Whether this process lives, and whether it can do what it is there for: for whoever keeps it running, and whoever sends
//! requests to it. Open to everybody, so none of it tells more than that.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use crate::{
    error::{AppError, ErrorKind},
    server::{
        db,
        services::{ServiceError, readiness::Check},
        state::AppState,
    },
};

/// Where each is asked.
pub const PROBES: [&str; 3] = ["/health", "/health/live", "/health/ready"];

/// That all is well.
#[derive(Serialize, ToSchema)]
pub struct Health {
    status: &'static str,
}

/// `GET /health`: this process answers, its database too, and what runs in its background does.
#[utoipa::path(
    get, path = "/health", operation_id = "checkHealth", tag = "Server",
    summary = "Whether NumWatch is well",
    description = "This process answers, its database too, and what runs in its background does; otherwise the answer is a 503. Open to everybody.",
    responses(
        (status = 200, description = "All is well.", body = Health),
    ),
)]
pub async fn health(State(state): State<AppState>) -> Result<Json<Health>, Problem> {
    db::ping(&state.pool).await.map_err(ServiceError::from)?;
    let silent = state.supervisor.silent();
    if !silent.is_empty() {
        let which = silent.join(", ");
        let sentence = format!(
            "Of this process's background tasks some have not been heard of for too long: {which}. It tries again by itself; its log has the cause."
        );
        return Err(Problem::from(AppError::new(
            ErrorKind::Unavailable,
            sentence,
        )));
    }
    Ok(Json(Health { status: "healthy" }))
}

/// `GET /health/live`: this process answers. Whoever hears nothing may start it anew; nothing else that is wrong is mended
/// by that.
#[utoipa::path(
    get, path = "/health/live", operation_id = "checkLiveness", tag = "Server",
    summary = "Whether this process lives",
    description = "This process answers. Whoever hears nothing may start it anew. Open to everybody.",
    responses(
        (status = 200, description = "It lives.", body = Health, example = json!({ "status": "alive" })),
    ),
)]
pub async fn live() -> Json<Health> {
    Json(Health { status: "alive" })
}

/// What is answered of each check.
#[derive(Serialize, ToSchema)]
pub struct Told {
    /// `ok` or `failed`.
    status: &'static str,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Whether requests and imports can be sent to a process.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    /// `ready` or `not ready`.
    status: &'static str,
    /// By what was looked at: `database`, `migrations`, `store`, `queue`.
    checks: BTreeMap<&'static str, Told>,
}

/// `GET /health/ready`: requests and imports can be sent to this process.
#[utoipa::path(
    get, path = "/health/ready", operation_id = "checkReadiness", tag = "Server",
    summary = "Whether requests and imports can be sent to this process",
    description = "Looks at the database, its migrations and the store of uploads, each for two seconds at most and all of them at most once a second, and at the background tasks that take imports from the queue. Open to everybody.",
    responses(
        (status = 200, description = "It is ready.", body = Readiness),
        (status = 503, description = "It is not, and `checks` says what is wrong.", body = Readiness),
    ),
)]
pub async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Readiness>) {
    let checks = state.readiness.checks(&state.supervisor.silent()).await;
    let is_ready = checks.iter().all(|check| check.trouble.is_none());
    let told = checks.into_iter().map(|Check { name, trouble }| {
        let status = if trouble.is_none() { "ok" } else { "failed" };
        let detail = trouble;
        (name, Told { status, detail })
    });
    let checks = told.collect();
    let (code, status) = if is_ready {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    };
    (code, Json(Readiness { status, checks }))
}
