//! The pages, their server functions, and the files of the browser's half.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::provide_context;
use leptos_axum::{LeptosRoutes as _, generate_route_list};
use tower::{ServiceBuilder, ServiceExt as _};
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use super::problem::Problem;
use crate::{
    app::{App, shell},
    error::{AppError, ErrorKind},
    server::state::AppState,
};

/// Files under a name that holds their content's hash never change.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Adds the pages and files to the API.
pub fn add(api: Router<AppState>, state: &AppState) -> Router<AppState> {
    let context = {
        let state = state.clone();
        move || provide_context(state.clone())
    };
    let options = state.leptos.clone();
    let pkg = state.config.site_root.join("pkg");
    let packaged = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            FOR_EVER,
        ))
        .service(ServeDir::new(pkg).precompressed_br().precompressed_gzip());
    api.leptos_routes_with_context(state, generate_route_list(App), context, move || {
        shell(options.clone())
    })
    .nest_service("/pkg", packaged)
    .fallback(file_or_not_found)
}

/// A file of `public/`; else the page that says that there is nothing, or a problem document for programs.
async fn file_or_not_found(State(state): State<AppState>, request: Request) -> Response {
    let wants_page = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let (parts, body) = request.into_parts();
    let asked = Request::from_parts(parts.clone(), axum::body::Body::empty());
    let files = ServeDir::new(&state.config.site_root).append_index_html_on_directories(false);
    match files.oneshot(asked).await {
        Ok(file) if file.status() != StatusCode::NOT_FOUND => return file.into_response(),
        Ok(_) => {}
        Err(never) => match never {},
    }
    if !wants_page {
        let sentence = format!("There is nothing at {}.", parts.uri.path());
        return Problem::from(AppError::new(ErrorKind::NotFound, sentence)).into_response();
    }
    let options = state.leptos.clone();
    let page = leptos_axum::render_app_to_stream_with_context(
        move || provide_context(state.clone()),
        move || shell(options.clone()),
    );
    let mut response = page(Request::from_parts(parts, body)).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
