//! What surrounds a request so that it can be watched: its name, and how it was answered, counted by its route.

use std::{borrow::Cow, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tracing::Span;

use crate::server::{
    actor::Actor,
    request_id::{HEADER, RequestId},
    state::AppState,
};

/// Where the built files are, of which each build has others.
const FILES: &str = "/pkg/";

/// Gives a request its name, which the answer bears too.
pub async fn named(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(HEADER).map(HeaderValue::as_bytes);
    let id = RequestId::given_or_new(given);
    request.extensions_mut().insert(id.clone());
    let header = HeaderValue::from_str(id.as_str());
    let mut answer = id.answer(next.run(request)).await;
    if let Ok(header) = header {
        answer.headers_mut().insert(HEADER, header);
    }
    answer
}

/// Counts and times it.
pub async fn counted(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let open = state.metrics.http.begin();
    let (method, route) = (method(request.method()), route(&request));
    let answer = next.run(request).await;
    drop(open);
    let status = answer.status().as_u16();
    state
        .metrics
        .http
        .answered(method, route, status, begun.elapsed());
    answer
}

/// Who asks with the request that is being answered: its lines in the log say so, and what it begins says which it was.
pub fn asked_by(actor: Actor) -> Actor {
    let name = actor.name();
    Span::current().record("who", name.as_deref().unwrap_or("anyone"));
    actor.asks_as(RequestId::current())
}

/// A method, as far as HTTP itself names it.
fn method(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    const NAMES: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let known = KNOWN.iter().position(|it| it == method);
    known.map_or("other", |nth| NAMES[nth])
}

/// The route as it is declared, with gaps for what differs.
fn route(request: &Request) -> Cow<'static, str> {
    match request.extensions().get::<MatchedPath>() {
        Some(route) => route.as_str().to_owned().into(),
        None if request.uri().path().starts_with(FILES) => "/pkg/*".into(),
        None => "other".into(),
    }
}
