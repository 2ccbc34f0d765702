//! What surrounds every request: tracing, compression, security headers, and who may call from where.

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, CompressionLevel},
    cors::{AllowOrigin, CorsLayer},
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
    trace::TraceLayer,
};

use super::problem::Problem;
use crate::server::{
    config::Config,
    services::{self, ServiceError},
    state::AppState,
};

/// Puts the layers around a router.
pub fn around(router: Router<AppState>, config: &Config) -> Router<AppState> {
    let fixed = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let origins: Vec<HeaderValue> = config
        .cors_origins
        .iter()
        .filter_map(|origin| origin.parse().ok())
        .collect();
    let allowed = origins.clone();
    router
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            let allowed = allowed.clone();
            async move { refuse_other_sites(&allowed, request, next).await }
        }))
        .layer(
            CorsLayer::new()
                .allow_origin(AllowOrigin::list(origins))
                .allow_methods([Method::GET, Method::POST, Method::DELETE])
                .allow_headers([
                    header::CONTENT_TYPE,
                    header::CONTENT_ENCODING,
                    HeaderName::from_static("prefer"),
                    HeaderName::from_static("x-filename"),
                ])
                .expose_headers([header::LOCATION]),
        )
        // Of what is made for each request: gzip at its quickest. Brotli would take megabytes and milliseconds of each; the
        // files of the browser's half are compressed with it once, when they are built.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed(header::X_FRAME_OPTIONS, "DENY"))
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_http())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// A page of another site must not start or clear anything with its visitor's browser
/// (Fetch Metadata: a browser says where a request comes from).
async fn refuse_other_sites(allowed: &[HeaderValue], request: Request, next: Next) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let foreign = request
        .headers()
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site");
    let welcome = request
        .headers()
        .get(header::ORIGIN)
        .is_some_and(|origin| allowed.contains(origin));
    if foreign && !reads && !welcome {
        return Problem::forbidden().into_response();
    }
    next.run(request).await
}

/// Ends a request that the database leaves without an answer.
pub async fn in_time(request: Request, next: Next) -> Response {
    let answered = async { Ok::<_, ServiceError>(next.run(request).await) };
    services::in_time(answered)
        .await
        .unwrap_or_else(|silent| Problem::from(silent).into_response())
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::fault().into_response()
}
