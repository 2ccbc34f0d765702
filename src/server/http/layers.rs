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
    trace::TraceLayer,
};
use tracing::{Span, field};

use super::{guard, headers, identity, limits, methods::AskedFirst, problem::Problem, watched};
use crate::server::{
    request_id::{self, RequestId},
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
                .expose_headers([
                    header::ETAG,
                    header::LINK,
                    header::LOCATION,
                    request_id::HEADER,
                ]),
        ))
        // Of what is made for each request: gzip at its quickest. Brotli would take megabytes and milliseconds of each; the
        // files of the browser's half are compressed with it once, when they are built.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TraceLayer::new_for_http().make_span_with(of_request))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            limits::of_head,
        ))
        .layer(middleware::from_fn(watched::named))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            watched::counted,
        ))
        .layer(middleware::from_fn(headers::add))
}

/// Puts the layers around a router that answers only those who watch.
pub fn around_watchers(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TraceLayer::new_for_http().make_span_with(of_request))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            limits::of_head,
        ))
        .layer(middleware::from_fn(watched::named))
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

/// What each line of the log says that is written for a request. Who sends it is found out later.
fn of_request(request: &Request) -> Span {
    let id = request.extensions().get::<RequestId>();
    let id = id.map(RequestId::as_str);
    let (method, path) = (request.method(), request.uri().path());
    tracing::info_span!("request", id, %method, path, who = field::Empty)
}

fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text = panic.downcast::<String>().map(|text| *text);
    let text = text.or_else(|panic| panic.downcast::<&str>().map(|text| (*text).to_owned()));
    // The panic has written where it was; this line says for which request.
    tracing::error!(panic = text.unwrap_or_default(), "a request panicked");
    Problem::fault().into_response()
}
