//! What a request must be before anything is done for it: asked of this server, by somebody who may, for an answer that can
//! be given.

use std::net::IpAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

use super::{cookies, health::PROBES, problem::Problem};
use crate::server::{config::Config, state::AppState};

/// Refuses what must not or can't be answered.
pub async fn admit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (method, headers) = (request.method(), request.headers());
    let asked = host(&request);
    // Whether this process lives may be asked under any name: it tells little else.
    let is_probe = PROBES.contains(&request.uri().path());
    if !is_probe
        && !asked
            .as_ref()
            .is_none_or(|host| is_ours(host, &state.config))
    {
        return Problem::misdirected().into_response();
    }
    if !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        if !is_welcome(headers, asked.as_ref(), &state.config.cors_origins) {
            return Problem::forbidden().into_response();
        }
        if !can_be_answered(headers) {
            return Problem::not_acceptable().into_response();
        }
    }
    if let Some(path) = without_slash(request.uri()) {
        return Redirect::permanent(&path).into_response();
    }
    next.run(request).await
}

/// The host that a request was sent to, with its port.
fn host(request: &Request) -> Option<Authority> {
    let of_uri = request.uri().authority().cloned();
    of_uri.or_else(|| {
        let host = request.headers().get(header::HOST)?;
        host.to_str().ok()?.parse().ok()
    })
}

/// Whether a request was sent to this machine by one of its own names: then no network lies between.
pub fn asks_loopback(request: &Request) -> bool {
    host(request).is_none_or(|host| is_loopback(&host))
}

fn is_loopback(host: &Authority) -> bool {
    let name = name(host);
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// A host without its port, and without the brackets of an address.
fn name(host: &Authority) -> &str {
    host.host().trim_start_matches('[').trim_end_matches(']')
}

/// Whether a host is this server. A page of another site may have its own name lead here (DNS rebinding), and would then
/// count as this site's: so a name has to be known. An address can't be made to lead elsewhere.
fn is_ours(host: &Authority, config: &Config) -> bool {
    let name = name(host);
    if let Ok(address) = name.parse::<IpAddr>() {
        let bound = config.addr.ip();
        return address.is_loopback() || address == bound || bound.is_unspecified();
    }
    let is_named = |known: &String| known.eq_ignore_ascii_case(name);
    is_loopback(host) || config.hosts.iter().any(is_named)
}

/// Whether a request says by itself who sends it. No page of another site can have its visitor's browser send a token that
/// only its owner knows: not even the header, without being asked (CORS).
fn has_token_only(headers: &HeaderMap) -> bool {
    let token = headers.get(header::AUTHORIZATION);
    let token = token.is_some_and(|token| {
        let scheme = token.as_bytes().get(..7);
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
    });
    token && !has_session(headers)
}

/// Whether a request brings the cookie of somebody who is signed in.
fn has_session(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.any(|pair| {
        let name = pair.split(|byte| *byte == b'=').next();
        let name = name.unwrap_or_default().trim_ascii();
        cookies::NAMES.iter().any(|it| it.as_bytes() == name)
    })
}

/// Whether whoever sends this may change anything: a page of another site must not, with its visitor's browser. Browsers
/// say where a request comes from (Fetch Metadata), but not to plain http under a name; there its `Origin` tells.
fn is_welcome(headers: &HeaderMap, host: Option<&Authority>, allowed: &[String]) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let origin = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    if has_token_only(headers) {
        return true;
    }
    // Its own clients sign in with a token: whoever is signed in here has allowed it nothing.
    if origin.is_some_and(|origin| allowed.iter().any(|one| one.as_bytes() == origin))
        && !has_session(headers)
    {
        return true;
    }
    match (text("sec-fetch-site"), origin) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        // No browser sends neither with what changes something.
        (None, None) => true,
        (None, Some(origin)) => host.is_some_and(|host| is_of(origin, host)),
    }
}

/// Whether an origin is that of a page which this host has served.
fn is_of(origin: &[u8], host: &Authority) -> bool {
    let origin = std::str::from_utf8(origin).unwrap_or_default();
    let own = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    own.is_some_and(|own| own.eq_ignore_ascii_case(host.as_str()))
}

/// Whether a person asks, who reads pages, rather than a program.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Whether the browser says that a page of this very server asks.
pub fn is_from_page(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        // Where browsers don't say so; what is of another site has been refused.
        None => headers.contains_key(header::ORIGIN),
    }
}

/// Whether an answer can be given that the sender takes (RFC 9110 §12.5): JSON or a page, as it is or packed with gzip.
fn can_be_answered(headers: &HeaderMap) -> bool {
    const GIVEN: [&str; 6] = [
        "*/*",
        "application/*",
        "application/json",
        "application/problem+json",
        "text/*",
        "text/html",
    ];
    let accepts = quality(headers, header::ACCEPT.as_str());
    let packings = quality(headers, header::ACCEPT_ENCODING.as_str());
    let refused = |name: &str| packings.iter().any(|(it, wanted)| it == name && !wanted);
    let wanted = |name: &str| packings.iter().any(|(it, wanted)| it == name && *wanted);
    let plain = !refused("identity") && (wanted("identity") || !refused("*"));
    (accepts.is_empty()
        || accepts
            .iter()
            .any(|(it, wanted)| *wanted && GIVEN.contains(&it.as_str())))
        && (plain || wanted("gzip") || (wanted("*") && !refused("gzip")))
}

/// Whether the sender takes an answer that is packed so: `gzip`, or `br`.
pub fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let packings = quality(headers, header::ACCEPT_ENCODING.as_str());
    let wanted = packings.iter().find(|(it, _)| it == coding);
    wanted.is_some_and(|(_, wanted)| *wanted)
}

/// The members of a list with weights, each with whether it is wanted at all.
fn quality(headers: &HeaderMap, name: &str) -> Vec<(String, bool)> {
    let lines = headers.get_all(name).iter();
    let text: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    text.iter()
        .flat_map(|line| line.split(','))
        .filter(|member| !member.trim().is_empty())
        .map(|member| {
            let mut parts = member.split(';').map(str::trim);
            let what = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            let nothing = weight.is_some_and(|weight| weight.parse::<f32>() == Ok(0.0));
            (what, !nothing)
        })
        .collect()
}

/// The same address without the slash at its end, if it has one too many. One that begins with two would lead away from
/// here.
fn without_slash(uri: &Uri) -> Option<String> {
    let path = uri.path();
    let shorter = path.trim_end_matches('/');
    if shorter.is_empty()
        || shorter.len() == path.len()
        || path.starts_with("//")
        || path.contains('\\')
    {
        return None;
    }
    Some(match uri.query() {
        Some(query) => format!("{shorter}?{query}"),
        None => shorter.to_owned(),
    })
}
