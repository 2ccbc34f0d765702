//! Who asks. One layer around all routes finds it out, lets nobody pass who isn't signed in but to where one signs in, and
//! hands on the [`Actor`] whom services ask for.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use super::{cookies, listen, problem::Problem};
use crate::{
    error::AppError,
    model::import_log::Requester,
    server::{
        actor::Actor,
        config::Config,
        services::{
            access::{Credential, Use},
            in_time,
        },
        state::AppState,
    },
};

/// Where whoever isn't signed in may go: to sign in, to whatever a page needs that asks for it, and to ask whether this
/// process lives.
const OPEN: [&str; 4] = ["/health", "/sign-in", "/auth/login", "/favicon.svg"];
const OPEN_FOLDER: &str = "/pkg/";

/// Who asks through the API.
pub struct ByApi(pub Actor);

/// Who asks from a page.
pub struct ByPage(pub Actor);

impl<S: Send + Sync> FromRequestParts<S> for ByApi {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let actor = parts.extensions.get::<Actor>().cloned();
        actor.map(Self).ok_or_else(|| AppError::signed_out().into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ByPage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let ByApi(actor) = ByApi::from_request_parts(parts, state).await?;
        Ok(Self(actor.through(Requester::Page)))
    }
}

/// Finds out who asks, and refuses who isn't known.
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if OPEN.contains(&path) || path.starts_with(OPEN_FOLDER) {
        return next.run(request).await;
    }
    let credential = credential(request.headers());
    let use_of = if by_a_person(&request) {
        Use::ByPerson
    } else {
        Use::ByItself
    };
    match in_time(state.access.identify(credential.as_ref(), use_of)).await {
        Ok(Some(who)) => {
            let actor = Actor {
                door: Requester::Api,
                who,
                address: address(&request, &state.config),
            };
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Ok(None) => refuse(&request),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// What a request brings to show who sends it: a token stands before a cookie.
#[must_use]
pub fn credential(headers: &HeaderMap) -> Option<Credential> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| Credential::bearer(token.trim()));
    bearer.or_else(|| cookies::session(headers).map(|cookie| Credential::session(&cookie)))
}

/// Whether a person does something, rather than an open page by itself: a session that only its page still uses ends.
fn by_a_person(request: &Request) -> bool {
    let mode = request.headers().get("sec-fetch-mode");
    !request.method().is_safe() || mode.is_none_or(|mode| mode == "navigate")
}

/// Leads a person to where one signs in, and back afterwards; tells a program.
fn refuse(request: &Request) -> Response {
    let headers = request.headers();
    let wants_page = request.method() == Method::GET
        && headers
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"));
    if wants_page {
        return Redirect::to(&sign_in_for(request)).into_response();
    }
    // As of all problems `detail` is for programs; pages read the same error as their functions give it.
    let error = AppError::signed_out();
    let mut answer = if request.uri().path().starts_with("/api/") {
        (StatusCode::UNAUTHORIZED, axum::Json(error)).into_response()
    } else {
        Problem::from(error).into_response()
    };
    // RFC 9110 §11.6.1, RFC 6750 §3.
    let bearer = HeaderValue::from_static("Bearer realm=\"NumWatch\"");
    answer
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, bearer);
    answer
}

/// The address where one signs in, with where this request wanted to go.
fn sign_in_for(request: &Request) -> String {
    let wanted = request.uri().path_and_query().map_or("/", |it| it.as_str());
    if wanted == "/" {
        return "/sign-in".into();
    }
    let wanted = percent_encoding::utf8_percent_encode(wanted, percent_encoding::NON_ALPHANUMERIC);
    format!("/sign-in?next={wanted}")
}

/// From where a request comes: the other end of its connection, or, of a proxy that is ours, what that says of it.
pub fn address(request: &Request, config: &Config) -> Option<String> {
    let listen::Peer(peer) = request.extensions().get::<listen::Peer>()?;
    let is_proxy = |address| config.proxies.contains(address);
    if !is_proxy(peer) {
        return Some(peer.to_string());
    }
    let lines = request.headers().get_all("x-forwarded-for").iter();
    let told: Vec<_> = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map_while(|address| address.trim().parse().ok())
        .collect();
    // Each proxy adds its sender at the end; what stands before the first that isn't ours may be anybody's invention.
    let sender = told.iter().rev().find(|address| !is_proxy(address));
    Some(sender.unwrap_or(peer).to_string())
}
