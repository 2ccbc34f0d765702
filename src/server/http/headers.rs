//! What each answer tells the browser to refuse: scripts and styles that aren't ours, frames, guesses, and copies.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use super::guard;

/// What is no document does nothing in a browser, whatever it holds.
const POLICY_OF_DATA: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// All that a page could ask of the browser, of which ours ask for nothing but to copy a link.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), clipboard-write=(self), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()";

/// With each answer that says nothing else under the same name.
const FIXED: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, POLICY_OF_DATA),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    // Asks nothing of those whom CORS allows.
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    // Logs, results, and who reads them are nobody else's.
    (header::CACHE_CONTROL, "no-store"),
];

/// A browser that was here over TLS comes back over TLS, for a year.
const TRANSPORT: &str = "max-age=31536000";

/// Adds what is missing to an answer.
pub async fn add(request: Request, next: Next) -> Response {
    let is_here = guard::asks_loopback(&request);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if !is_here {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(TRANSPORT),
        );
    }
    response
}

/// What a document may load and do: scripts with its nonce, what those load, and what this server has.
pub fn policy_of_document(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src 'self'{}; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
        reloading()
    )
}

/// Where cargo-leptos tells a page that it has been built anew, while it does.
fn reloading() -> &'static str {
    if std::env::var_os("LEPTOS_WATCH").is_some() {
        " ws:"
    } else {
        ""
    }
}
