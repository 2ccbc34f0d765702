//! `OPTIONS`, which each address has: what else it has stands in `Allow` (RFC 9110 §9.3.7). Where a browser asks before it calls
//! from another site's page (CORS), that is answered instead.

use std::task::{Context, Poll};

use axum::{
    extract::Request,
    http::{Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures::future::Either;
use tower::{Layer, Service};
use tower_http::cors::{Cors, CorsLayer};

use super::problem::Problem;

/// A known path with a method that it doesn't have. Which it has says `Allow`, which is added to it.
pub async fn not_among(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    Problem::plain(
        StatusCode::METHOD_NOT_ALLOWED,
        "This path has no such method. The Allow header lists those that it has.",
    )
    .into_response()
}

/// Answers browsers that ask first; by itself `CorsLayer` would take each `OPTIONS` for that.
#[derive(Clone, Debug)]
pub struct AskedFirst(pub CorsLayer);

impl<S: Clone> Layer<S> for AskedFirst {
    type Service = Asking<S>;

    fn layer(&self, inner: S) -> Asking<S> {
        Asking {
            cors: self.0.layer(inner.clone()),
            plain: inner,
        }
    }
}

/// The service of [`AskedFirst`].
#[derive(Clone, Debug)]
pub struct Asking<S> {
    cors: Cors<S>,
    plain: S,
}

impl<S> Service<Request> for Asking<S>
where
    S: Service<Request, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Either<S::Future, <Cors<S> as Service<Request>>::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        match Service::<Request>::poll_ready(&mut self.cors, context) {
            Poll::Ready(Ok(())) => self.plain.poll_ready(context),
            other => other,
        }
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let asks_first = request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if request.method() == Method::OPTIONS && !asks_first {
            Either::Left(self.plain.call(request))
        } else {
            Either::Right(self.cors.call(request))
        }
    }
}
