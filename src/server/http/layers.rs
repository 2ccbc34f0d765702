//! What surrounds every request: tracing, compression, security headers, and who may call from where.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, CompressionLevel},
    cors::{AllowOrigin, CorsLayer},
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    trace::TraceLayer,
};
use tracing::Span;

use super::{guard, headers, identity, limits, methods::AskedFirst, problem::Problem};
use crate::server::{
    services::{self, ServiceError},
    state::AppState,
};

/// Puts the layers around a router.
pub fn around(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    let origins: Vec<HeaderValue> = state
        .config
        .cors_origins
        .iter()
        .filter_map(|origin| origin.parse().ok())
        .collect();
    router
        .layer(middleware::from_fn_with_state(state.clone(), noted))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            identity::identify,
        ))
        .layer(middleware::from_fn_with_state(state.clone(), guard::admit))
        .layer(AskedFirst(
            CorsLayer::new()
                .allow_origin(AllowOrigin::list(origins))
                .allow_methods([Method::GET, Method::POST, Method::DELETE])
                .allow_headers([
                    // Today's client sends one with each request.
                    header::AUTHORIZATION,
                    header::CONTENT_TYPE,
                    header::CONTENT_ENCODING,
                    header::IF_NONE_MATCH,
                    HeaderName::from_static("prefer"),
                    HeaderName::from_static("x-filename"),
                ])
                .expose_headers([header::ETAG, header::LINK, header::LOCATION]),
        ))
        // Of what is made for each request: gzip at its quickest. Brotli would take megabytes and milliseconds of each; the
        // files of the browser's half are compressed with it once, when they are built.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_http().make_span_with(of_request))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            limits::of_head,
        ))
        .layer(middleware::from_fn(headers::add))
}

/// Ends a request that the database leaves without an answer.
pub async fn in_time(request: Request, next: Next) -> Response {
    let answered = async { Ok::<_, ServiceError>(next.run(request).await) };
    services::in_time(answered)
        .await
        .unwrap_or_else(|silent| Problem::from(silent).into_response())
}

/// Whoever has changed something sees it with the next reading, before the database has told of it.
async fn noted(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let only_reads = request.method().is_safe();
    let answer = next.run(request).await;
    if !only_reads {
        state.changes.note();
    }
    answer
}

/// What each line of the log says that is written for a request.
fn of_request(request: &Request) -> Span {
    let id = request.headers().get("x-request-id");
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", id, method = %request.method(), path = request.uri().path())
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::fault().into_response()
}
