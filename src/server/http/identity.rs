//! Who asks. One layer around all routes finds it out, lets nobody pass who isn't signed in but to where one signs in, and
//! hands on the [`Actor`] whom services ask for.

use std::time::Duration;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::provide_context;
use tokio::time::timeout;

use super::{
    cookies, described,
    document::{Reader, Template},
    forwarded, guard,
    health::PROBES,
    problem::{Problem, with_request},
    watched,
};
use crate::{
    app,
    error::{AppError, ErrorKind},
    model::{access::SignedIn, import_log::Requester},
    server::{
        actor::{Actor, Who},
        services::{
            ServiceError,
            access::{Credential, Use},
            in_time,
        },
        state::AppState,
    },
};

/// Where whoever isn't signed in may go, besides the probes: to sign in, and to whatever a page needs that asks for it.
const OPEN: [&str; 3] = ["/sign-in", "/auth/login", "/favicon.svg"];
const OPEN_FOLDER: &str = "/pkg/";

/// The parameter of the sign-in page that says where to go afterwards.
pub const NEXT: &str = "next";

/// How a request was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub headers: HeaderMap,
    /// To this machine, under a name that leads nowhere else: no network lies between.
    pub is_local: bool,
    /// From where, as far as there is an address.
    pub address: Option<String>,
    /// What the browser or client calls itself.
    pub agent: Option<String>,
    /// What showed who sent it.
    pub credential: Option<Credential>,
}

/// What is found out about each request.
#[derive(Clone, Debug)]
struct Found {
    is_local: bool,
    address: Option<String>,
    credential: Option<Credential>,
}

/// What showed who sent a request.
pub fn presented(request: &Request) -> Option<Credential> {
    request.extensions().get::<Found>()?.credential.clone()
}

impl<S: Send + Sync> FromRequestParts<S> for Sent {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let found = parts.extensions.get::<Found>();
        let agent = parts.headers.get(header::USER_AGENT);
        Ok(Self {
            is_local: found.is_some_and(|found| found.is_local),
            address: found.and_then(|found| found.address.clone()),
            agent: agent.map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned()),
            credential: found.and_then(|found| found.credential.clone()),
            headers: parts.headers.clone(),
        })
    }
}

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
    let is_local = guard::asks_loopback(&request);
    let found = Found {
        is_local,
        address: forwarded::sender(&request, &state.config),
        credential: credential(request.headers(), is_local),
    };
    request.extensions_mut().insert(found.clone());
    let path = request.uri().path();
    if OPEN.contains(&path) || PROBES.contains(&path) || path.starts_with(OPEN_FOLDER) {
        return next.run(request).await;
    }
    let used = if by_a_person(&request) {
        Use::ByPerson
    } else {
        Use::ByItself
    };
    let only_looks = request.method().is_safe() && found.credential.is_none();
    let told_as = if is_of_function(&request) {
        ToldAs::Function
    } else if wants_page(&request) {
        ToldAs::Page
    } else {
        ToldAs::Problem
    };
    match who(&state, only_looks, &found, used).await {
        Ok(Some(Who::Anyone)) if forwarded::is_forwarded(request.headers()) => {
            let sentence = "NumWatch has no account yet and is open to its own machine alone, and this came through a proxy. Add an account with `numwatch user add NAME --role admin`.";
            Problem::from(AppError::new(ErrorKind::Forbidden, sentence)).into_response()
        }
        Ok(Some(who)) => {
            let actor = Actor::new(Requester::Api, who, found.address);
            let actor = watched::asked_by(actor);
            request.extensions_mut().insert(reader(&actor));
            request.extensions_mut().insert(actor.clone());
            let mut answer = next.run(request).await;
            if let Some((action, door)) = actor.refused() {
                let asked = actor.through(door);
                state.access.note_refusal(&asked, action).await;
                // Whatever page tells of it. A form without scripts is led back to its own.
                if !answer.status().is_redirection() {
                    *answer.status_mut() = StatusCode::FORBIDDEN;
                }
            }
            answer
        }
        Ok(None) => refuse(&request),
        Err(error) => unknown(state, told_as, error).await,
    }
}

/// How whoever asks reads an error.
#[derive(Clone, Copy)]
enum ToldAs {
    /// A page that asks one of its functions.
    Function,
    /// A person who opens a page.
    Page,
    /// A program.
    Problem,
}

/// Who sends a request. Where nobody has an account, whoever only looks is told by the page itself that the database is silent.
async fn who(
    state: &AppState,
    only_looks: bool,
    found: &Found,
    used: Use,
) -> Result<Option<Who>, ServiceError> {
    /// Long enough for a database that answers.
    const SOON: Duration = Duration::from_secs(1);
    let asked = in_time(state.access.identify(found.credential.as_ref(), used));
    if only_looks && state.access.was_open() {
        return match timeout(SOON, asked).await {
            Ok(Ok(who)) => Ok(who),
            _ => Ok(Some(Who::Anyone)),
        };
    }
    asked.await
}

/// Tells, in the way of whoever asks, that nobody can tell who that is.
async fn unknown(state: AppState, told_as: ToldAs, error: ServiceError) -> Response {
    let problem = Problem::from(error);
    let told = AppError::new(ErrorKind::Unavailable, problem.sentence());
    let mut answer = match told_as {
        ToldAs::Problem => return problem.into_response(),
        ToldAs::Function => axum::Json(told).into_response(),
        ToldAs::Page => {
            let told = with_request(told);
            let given = move || provide_context(told.clone());
            match Template::render(state, given, Request::default(), app::unavailable).await {
                Some(page) => page.fill(&Reader::default()),
                None => return problem.into_response(),
            }
        }
    };
    problem.mark(&mut answer);
    answer
}

/// What a document says of them.
fn reader(actor: &Actor) -> Reader {
    match &actor.who {
        Who::Account { name, role, .. } | Who::Token { name, role, .. } => {
            Reader::SignedIn(SignedIn {
                name: name.clone(),
                role: *role,
            })
        }
        Who::Anyone | Who::Terminal { .. } | Who::Scheduler => Reader::Anyone,
    }
}

/// What a request brings to show who sends it: a token stands before a cookie.
fn credential(headers: &HeaderMap, is_local: bool) -> Option<Credential> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| Credential::bearer(token.trim()));
    bearer.or_else(|| cookies::session(headers, is_local).map(|it| Credential::session(&it)))
}

/// Whether a person does something, rather than an open page by itself: a session that only its page still uses ends.
fn by_a_person(request: &Request) -> bool {
    let mode = request.headers().get("sec-fetch-mode");
    !request.method().is_safe() || mode.is_none_or(|mode| mode == "navigate")
}

/// Leads a person to where one signs in, and back afterwards; tells a program.
fn refuse(request: &Request) -> Response {
    if wants_page(request) {
        return Redirect::to(&sign_in_for(request)).into_response();
    }
    // As of all problems `detail` is for programs; pages read the same error as their functions give it.
    let error = AppError::signed_out();
    let mut answer = if is_of_function(request) {
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

/// Whether a person opens a page.
fn wants_page(request: &Request) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD) && guard::wants_page(request.headers())
}

/// Whether a page asks one of its functions, whose errors it reads.
fn is_of_function(request: &Request) -> bool {
    let path = request.uri().path();
    path.starts_with("/api/") && !described::ADDRESSES.contains(&path)
}

/// The address where one signs in, with where this request wanted to go.
fn sign_in_for(request: &Request) -> String {
    let wanted = request.uri().path_and_query().map_or("/", |it| it.as_str());
    if wanted == "/" {
        return "/sign-in".into();
    }
    let wanted = percent_encoding::utf8_percent_encode(wanted, percent_encoding::NON_ALPHANUMERIC);
    format!("/sign-in?{NEXT}={wanted}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_one_wanted_to_go_is_kept() {
        let request = |uri: &str| {
            let mut request = Request::new(axum::body::Body::empty());
            *request.uri_mut() = uri.parse().unwrap();
            request
        };
        assert_eq!(sign_in_for(&request("/")), "/sign-in");
        let kept = sign_in_for(&request("/imports?q=a&x=1"));
        assert_eq!(kept, "/sign-in?next=%2Fimports%3Fq%3Da%26x%3D1");
    }
}
