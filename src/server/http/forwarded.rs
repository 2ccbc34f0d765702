//! From where a request comes, also through proxies.

use std::net::IpAddr;

use axum::{extract::Request, http::HeaderMap};

use super::listen;
use crate::server::config::Config;

/// What proxies say of their sender.
const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED: [&str; 4] = ["forwarded", FORWARDED_FOR, "x-forwarded-host", "x-real-ip"];

/// From where a request comes: the other end of its connection, or, of a proxy that is ours, what that says of it.
pub fn sender(request: &Request, config: &Config) -> Option<String> {
    let listen::Peer(peer) = request.extensions().get::<listen::Peer>()?;
    let is_proxy = |address: &IpAddr| config.proxies.contains(address);
    if !is_proxy(peer) {
        return Some(peer.to_string());
    }
    let lines = request.headers().get_all(FORWARDED_FOR).iter();
    let told: Vec<_> = lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(|one| std::str::from_utf8(one).ok()?.trim().parse::<IpAddr>().ok())
        .collect();
    // Each proxy adds its sender at the end. What stands before the first that isn't ours, or before what is no address, may be
    // anybody's invention.
    let mut sender = *peer;
    for address in told.into_iter().rev() {
        let Some(address) = address else { break };
        sender = address.to_canonical();
        if !is_proxy(&sender) {
            break;
        }
    }
    Some(sender.to_string())
}

/// Whether a proxy has handed a request on: then it may come from anywhere.
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDED.iter().any(|name| headers.contains_key(*name))
}
