//! The cookie of a session.
//!
//! Off this machine its name begins with `__Host-`, which browsers take only over TLS, for this host alone and all of its
//! paths (RFC 6265bis §4.1.3.2). On loopback there is no TLS, and no network.

use axum::http::{HeaderMap, HeaderValue, header, uri::Authority};
use std::net::IpAddr;

const NAME: &str = "numwatch";
const HOST_NAME: &str = "__Host-numwatch";

/// The session that a request names, if it names one.
#[must_use]
pub fn session(headers: &HeaderMap) -> Option<String> {
    let wanted = if is_local(headers) { NAME } else { HOST_NAME };
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == wanted && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// Has the browser keep a session until it ends or the browser is closed for good.
///
/// # Errors
/// Never for what sessions are called.
pub fn set(
    headers: &HeaderMap,
    session: &str,
) -> Result<HeaderValue, axum::http::header::InvalidHeaderValue> {
    HeaderValue::try_from(if is_local(headers) {
        format!("{NAME}={session}; Path=/; HttpOnly; SameSite=Lax")
    } else {
        format!("{HOST_NAME}={session}; Path=/; HttpOnly; SameSite=Lax; Secure")
    })
}

/// Has the browser forget it.
#[must_use]
pub fn clear(headers: &HeaderMap) -> HeaderValue {
    HeaderValue::from_static(if is_local(headers) {
        "numwatch=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
    } else {
        "__Host-numwatch=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
    })
}

/// Whether a request was sent to this machine itself, under a name that leads nowhere else.
#[must_use]
pub fn is_local(headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let Some(host) = host.and_then(|host| host.parse::<Authority>().ok()) else {
        return false;
    };
    let name = host.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &'static str, cookie: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
        headers
    }

    #[test]
    fn each_place_has_its_own_name_and_takes_no_other() {
        let cookie = "a=b; numwatch=here;x; __Host-numwatch=away; numwatch=second";
        for (host, session_of) in [
            ("localhost:3000", "here"),
            ("127.0.0.1", "here"),
            ("[::1]:3000", "here"),
            ("numwatch.lan", "away"),
            ("localhost.evil.example", "away"),
        ] {
            let found = session(&headers(host, cookie));
            assert_eq!(found.as_deref(), Some(session_of), "{host}");
        }
        assert_eq!(session(&headers("numwatch.lan", "numwatch=planted")), None);
        assert_eq!(
            session(&headers("localhost", "__Host-numwatch=x; numwatch=")),
            None
        );
    }

    #[test]
    fn off_this_machine_it_goes_over_tls_only() {
        let away = set(&headers("numwatch.lan", "x=y"), "s").unwrap();
        assert_eq!(
            away,
            "__Host-numwatch=s; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        let here = set(&headers("localhost:3000", "x=y"), "s").unwrap();
        assert_eq!(here, "numwatch=s; Path=/; HttpOnly; SameSite=Lax");
    }
}
