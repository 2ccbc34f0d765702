//! Answers with a file of the browser's half, in the coding that its reader takes, or says that the reader has it already.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;

use super::{guard::takes, methods, problem, tags::knows};
use crate::server::site_files::{self, SiteFile, SiteFiles};

/// Under a name that holds its content's hash a file never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Whoever asks again learns whether it is still the same.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The answer, if there is a file at the address.
pub async fn answer(files: &SiteFiles, asked: &Parts) -> Option<Response> {
    let path = asked.uri.path().strip_prefix('/')?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let file = files.get(&path)?;
    if !matches!(asked.method, Method::GET | Method::HEAD) {
        let mut refused = methods::not_among(asked.method.clone()).await;
        let allowed = HeaderValue::from_static("GET,HEAD");
        refused.headers_mut().insert(header::ALLOW, allowed);
        return Some(refused);
    }
    let pkg = files.pkg();
    let is_named_by_hash = pkg != "pkg" && path.starts_with(&(pkg + "/"));
    let lasts = if is_named_by_hash {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    Some(with_headers(file, &asked.headers, &asked.method, lasts))
}

fn with_headers(
    file: &SiteFile,
    headers: &HeaderMap,
    method: &Method,
    lasts: HeaderValue,
) -> Response {
    let (coding, body) = coded(file, headers);
    let Ok(tag) = HeaderValue::from_str(body.tag()) else {
        return problem::Problem::fault().into_response();
    };
    let is_known = knows(headers, &tag);
    let kept = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, lasts),
        (
            header::VARY,
            HeaderValue::from_static(header::ACCEPT_ENCODING.as_str()),
        ),
    ];
    if is_known {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    let length = HeaderValue::from(body.bytes.len());
    let about: [(HeaderName, HeaderValue); 2] = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(file.content_type),
        ),
        (header::CONTENT_LENGTH, length),
    ];
    let sent = if method == Method::HEAD {
        Body::empty()
    } else {
        Body::from(body.bytes.clone())
    };
    let mut response = (kept, about, sent).into_response();
    if let Some(coding) = coding {
        let coding = HeaderValue::from_static(coding);
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, coding);
    }
    response
}

/// The smallest that the reader takes.
fn coded<'a>(
    file: &'a SiteFile,
    headers: &HeaderMap,
) -> (Option<&'static str>, &'a site_files::Body) {
    let packed = [("br", &file.brotli), ("gzip", &file.gzip)];
    packed
        .into_iter()
        .filter_map(|(coding, body)| Some((coding, body.as_ref()?)))
        .find(|(coding, _)| takes(headers, coding))
        .map_or((None, &file.plain), |(coding, body)| (Some(coding), body))
}

#[cfg(test)]
mod tests {
    use axum::{body::HttpBody as _, http::Request};

    use super::*;

    fn files() -> SiteFiles {
        SiteFiles::of(
            [
                ("favicon.svg", "<svg/>"),
                ("pkg/current", "0123456789ab"),
                ("pkg/0123456789ab/numwatch.css", "as it is"),
                ("pkg/0123456789ab/numwatch.css.br", "brotli"),
                ("pkg/0123456789ab/numwatch.css.gz", "gzipped"),
            ]
            .map(|(name, text)| (name.to_owned(), text.into())),
        )
    }

    /// What is answered to a request with these headers: the answer, and its body's length.
    async fn ask(
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Option<(Response, Option<u64>)> {
        let request = Request::builder().method(method).uri(path);
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let (parts, ()) = request.body(()).ok()?.into_parts();
        let answer = answer(&files(), &parts).await?;
        let length = answer.body().size_hint().exact();
        Some((answer, length))
    }

    fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
        let value = answer.headers().get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    const SHEET: &str = "/pkg/0123456789ab/numwatch.css";

    #[tokio::test]
    async fn a_reader_gets_the_smallest_coding_that_it_takes() {
        for (takes, coding, length) in [
            ("gzip, deflate, br", "br", 6),
            ("gzip, br;q=0", "gzip", 7),
            ("BR", "br", 6),
            ("deflate", "", 8),
            ("identity", "", 8),
            ("", "", 8),
        ] {
            let (answer, sent) = ask("GET", SHEET, &[("accept-encoding", takes)])
                .await
                .unwrap();
            assert_eq!(
                (answer.status(), header(&answer, "content-encoding"), sent),
                (StatusCode::OK, coding, Some(length)),
                "{takes}"
            );
            assert_eq!(header(&answer, "content-type"), "text/css");
            assert_eq!(header(&answer, "vary"), "accept-encoding");
            assert_eq!(header(&answer, "content-length"), length.to_string());
        }
    }

    #[tokio::test]
    async fn only_what_its_contents_name_is_kept_for_ever() {
        for (path, lasts) in [
            (SHEET, "public, max-age=31536000, immutable"),
            ("/favicon.svg", "no-cache"),
            ("/pkg/current", "no-cache"),
        ] {
            let (answer, _) = ask("GET", path, &[]).await.unwrap();
            assert_eq!(header(&answer, "cache-control"), lasts, "{path}");
        }
    }

    #[tokio::test]
    async fn whoever_has_a_file_is_not_sent_it_again() {
        let brotli = ("accept-encoding", "br");
        let (answer, _) = ask("GET", SHEET, &[brotli]).await.unwrap();
        let tag = header(&answer, "etag").to_owned();
        let weak = format!("\"other\", W/{tag}");
        for known in [&*tag, &weak, "*"] {
            let asked = [brotli, ("if-none-match", known)];
            let (again, length) = ask("GET", SHEET, &asked).await.unwrap();
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!((length, header(&again, "etag")), (Some(0), &*tag));
            assert!(header(&again, "cache-control").contains("immutable"));
        }
        // The same file in another coding is other bytes.
        let (plain, _) = ask("GET", SHEET, &[("if-none-match", &tag)]).await.unwrap();
        assert_eq!(plain.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_head_has_what_a_get_has_but_the_body() {
        let (got, sent) = ask("GET", SHEET, &[]).await.unwrap();
        let (head, nothing) = ask("HEAD", SHEET, &[]).await.unwrap();
        assert_eq!(got.headers(), head.headers());
        assert_eq!((sent, nothing), (Some(8), Some(0)));
        let (refused, _) = ask("POST", "/favicon.svg", &[]).await.unwrap();
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(header(&refused, "allow"), "GET,HEAD");
    }

    #[tokio::test]
    async fn no_address_leads_out_of_the_files() {
        assert!(ask("GET", "/%66avicon.svg", &[]).await.is_some());
        for path in [
            "/",
            "/pkg",
            "/pkg/",
            "/pkg/0123456789ab",
            "/pkg/../favicon.svg",
            "/pkg/%2e%2e/favicon.svg",
            "/../favicon.svg",
            "/./favicon.svg",
            "/..%2fCargo.toml",
            "//favicon.svg",
            "/%2ffavicon.svg",
            "/favicon.svg%00",
            "/%ff",
            "/pkg/0123456789ab/numwatch.css.br",
        ] {
            assert!(ask("GET", path, &[]).await.is_none(), "{path}");
        }
    }
}
