//! The cookie of a session.
//!
//! Off this machine its name begins with `__Host-`, which browsers take only over TLS, for this host alone and all of its
//! paths (RFC 6265bis §4.1.3.2). On loopback there is no TLS, and no network.

use axum::http::{HeaderMap, HeaderValue, header};

const NAME: &str = "numwatch";
const HOST_NAME: &str = "__Host-numwatch";

/// What it is called, here and off this machine.
pub const NAMES: [&str; 2] = [NAME, HOST_NAME];

/// The session that a request names, if it names one. `is_local`: it was sent to this machine under a name that leads nowhere
/// else.
#[must_use]
pub fn session(headers: &HeaderMap, is_local: bool) -> Option<String> {
    let wanted = if is_local { NAME } else { HOST_NAME };
    let lines = headers.get_all(header::COOKIE).iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, value)| *name == wanted && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

/// Has the browser keep a session until it is closed.
#[must_use]
pub fn set(is_local: bool, session: &str) -> String {
    if is_local {
        format!("{NAME}={session}; Path=/; HttpOnly; SameSite=Lax")
    } else {
        format!("{HOST_NAME}={session}; Path=/; HttpOnly; SameSite=Lax; Secure")
    }
}

/// Has the browser forget it.
#[must_use]
pub fn clear(is_local: bool) -> HeaderValue {
    HeaderValue::from_static(if is_local {
        "numwatch=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
    } else {
        "__Host-numwatch=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session_of(is_local: bool, cookie: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
        session(&headers, is_local)
    }

    #[test]
    fn each_place_has_its_own_name_and_takes_no_other() {
        let cookie = "a=b; numwatch=here;x; __Host-numwatch=away; numwatch=second";
        assert_eq!(session_of(true, cookie).as_deref(), Some("here"));
        assert_eq!(session_of(false, cookie).as_deref(), Some("away"));
        assert_eq!(session_of(false, "numwatch=planted"), None);
        assert_eq!(session_of(true, "__Host-numwatch=x; numwatch="), None);
    }

    #[test]
    fn off_this_machine_it_goes_over_tls_only() {
        let away = "__Host-numwatch=s; Path=/; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(set(false, "s"), away);
        assert_eq!(set(true, "s"), "numwatch=s; Path=/; HttpOnly; SameSite=Lax");
    }
}
