//! Any bytes as cookies, each line a header: no panic, and a session or a zone is only what one of them names, whole, under
//! the name that belongs where it was sent to.

use axum::{
    extract::FromRequestParts as _,
    http::{HeaderValue, Request, header::COOKIE},
};
use numwatch::server::{
    clock::Clock,
    http::inlet::{ReadersZone, session},
};

use super::run;

pub fn holds(data: &[u8]) {
    let mut request = Request::new(());
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            request.headers_mut().append(COOKIE, value);
        }
    }
    let text = String::from_utf8_lossy(data);
    for (is_local, name) in [(true, "numwatch"), (false, "__Host-numwatch")] {
        let Some(session) = session(request.headers(), is_local) else {
            continue;
        };
        assert!(
            !session.is_empty() && !session.contains([';', '\n']),
            "{session:?}"
        );
        let is_it = |pair: &str| pair.trim() == format!("{name}={session}");
        assert!(
            text.split([';', '\n']).any(is_it),
            "{session:?} from {text:?}"
        );
    }
    let (mut parts, ()) = request.into_parts();
    let zone = run(ReadersZone::from_request_parts(&mut parts, &())).ok();
    let zone = zone.expect("a zone is always had");
    if zone != ReadersZone::BANGKOK {
        let clock = Clock::from_fn(|| "2025-06-22T10:00:00Z".parse().unwrap());
        let named = format!("zone={}", zone.for_page(&clock).name);
        assert!(text.contains(&named), "{named} from {text:?}");
    }
}
