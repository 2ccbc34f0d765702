//! Whether this process lives, and whether it can do what it is there for: for whoever keeps it running, and whoever sends
//! requests to it. Open to everybody, so none of it tells more than that.

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::Serialize;
use serde_json::{Map, Value, json};

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

/// `GET /health`: this process answers, its database too, and what runs in its background does.
pub async fn health(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
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
    Ok(Json(json!({ "status": "healthy" })))
}

/// `GET /health/live`: this process answers. Whoever hears nothing may start it anew; nothing else that is wrong is mended
/// by that.
pub async fn live() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

/// What is answered of each check.
#[derive(Serialize)]
struct Told {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// `GET /health/ready`: requests and imports can be sent to this process.
pub async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    let checks = state.readiness.checks(&state.supervisor.silent()).await;
    let is_ready = checks.iter().all(|check| check.trouble.is_none());
    let told = checks.into_iter().map(|Check { name, trouble }| {
        let status = if trouble.is_none() { "ok" } else { "failed" };
        let told = Told {
            status,
            detail: trouble,
        };
        (name.to_owned(), json!(told))
    });
    let told: Map<String, Value> = told.collect();
    let (status, word) = if is_ready {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    };
    (status, Json(json!({ "status": word, "checks": told })))
}
