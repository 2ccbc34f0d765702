//! `/health`: whether this process is well.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use crate::{
    error::{AppError, ErrorKind},
    server::{db, services::ServiceError, state::AppState},
};

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
