//! Tags of answers (RFC 9110 §8.8.3): whoever asks again with the tag of what they have learns that it is still the same (304),
//! and is sent nothing. Browsers keep none of it (`no-store`): it is for programs that hold what they were answered.

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use sha2::{Digest as _, Sha256};

use super::problem::Problem;

/// Answers above that are sent as they are. Bytes.
const MOST: u64 = 4 * 1024 * 1024;

/// Tags what is answered, as far as it is there whole.
pub async fn tagged(request: Request, next: Next) -> Response {
    let only_reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let asked = request.headers().get_all(header::IF_NONE_MATCH);
    let known: Vec<HeaderValue> = asked.iter().cloned().collect();
    let response = next.run(request).await;
    let size = response.body().size_hint().exact();
    if !only_reads || response.status() != StatusCode::OK || size.is_none_or(|it| it > MOST) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Problem::fault().into_response();
    };
    let Some(tag) = of(Sha256::new().chain_update(&bytes)) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    let is_known = any(known.iter(), &tag);
    parts.headers.insert(header::ETAG, tag);
    if !is_known {
        return Response::from_parts(parts, Body::from(bytes));
    }
    parts.status = StatusCode::NOT_MODIFIED;
    for of_body in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        parts.headers.remove(of_body);
    }
    Response::from_parts(parts, Body::empty())
}

/// The tag of what was summed up. Weak: what is sent may be packed.
pub fn of(sum: Sha256) -> Option<HeaderValue> {
    let sum = sum.finalize();
    let sum = u128::from_be_bytes(std::array::from_fn(|nth| sum[nth]));
    HeaderValue::try_from(format!("W/\"{sum:032x}\"")).ok()
}

/// Whether the reader has what goes by this tag (RFC 9110 §13.1.2).
pub fn knows(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    any(headers.get_all(header::IF_NONE_MATCH).iter(), tag)
}

fn any<'a>(known: impl Iterator<Item = &'a HeaderValue>, tag: &HeaderValue) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let tag = opaque(tag.to_str().unwrap_or_default());
    known
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|known| known.trim() == "*" || opaque(known) == tag)
}
