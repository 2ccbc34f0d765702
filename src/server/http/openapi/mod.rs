//! The API, described: at `/api/openapi.json` for programs (OpenAPI 3.1), at `/api/docs` for people. Both come from the
//! annotations of the handlers, and from the tables of roles and of errors.

mod completed;
mod examples;
mod listed;
mod problems;
mod shown;

use std::sync::LazyLock;

use axum::{
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::Value;
use utoipa::OpenApi as _;

use self::listed::Api;
use super::{params::Parameters, site};
use crate::{app, model::api_docs::ApiDocs, server::state::AppState};

/// The description. It is the same as long as the program is.
static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let api = serde_json::to_value(Api::openapi()).unwrap_or_default();
    completed::complete(api)
});

/// It as it is sent.
static TEXT: LazyLock<Bytes> = LazyLock::new(|| DESCRIPTION.to_string().into());

/// It as the page shows it.
static SHOWN: LazyLock<ApiDocs> = LazyLock::new(|| shown::show(&DESCRIPTION));

/// `GET /api/openapi.json`.
pub async fn json() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], TEXT.clone())
}

/// `GET /api/docs`: the page.
pub async fn page(
    State(state): State<AppState>,
    parameters: Parameters,
    request: Request,
) -> Response {
    let shown = parameters.only(&[]).map(|()| &*SHOWN);
    site::shown_page(state, shown, request, app::api_docs).await
}

/// The description, for tests.
#[cfg(test)]
pub fn description() -> &'static Value {
    &DESCRIPTION
}
