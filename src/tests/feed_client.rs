//! The feed's client against real servers: which redirects it follows, and what it says of answers that are none.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    http::{HeaderMap, StatusCode, Uri, header::LOCATION},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hyper_util::client::proxy::matcher::Matcher;
use tokio_rustls::rustls;
use url::Url;

use super::fixtures::{Server, config, serve};
use crate::server::{
    clock::Clock,
    feed::client::{FeedClient, FeedError, FeedFault},
};

const NOW: &str = "2025-06-22T10:00:00Z";

/// A client with two further tries, as the tests' configuration says, and a clock that stands still.
pub fn client(url: &str, variables: &[(&str, &str)], proxies: &Matcher) -> FeedClient {
    let folder = std::env::temp_dir();
    let config = config(&folder, variables);
    let clock = Clock::from_fn(|| NOW.parse().unwrap());
    FeedClient::with_proxies(
        url.parse::<Url>().unwrap().into(),
        &config.feed,
        clock,
        proxies,
    )
    .unwrap()
}

pub fn no_proxy() -> Matcher {
    Matcher::builder().build()
}

/// What a client brings, within a time in which a pause of the feed's default length does not fit.
pub async fn day(client: &FeedClient) -> Result<Bytes, FeedError> {
    let date = "2025-06-20".parse().unwrap();
    tokio::time::timeout(Duration::from_secs(20), client.day(date, |_, _| ()))
        .await
        .expect("the client does not end")
}

/// Asks a feed for a day that it doesn't give.
pub async fn fault(url: &str) -> (FeedFault, String) {
    let client = client(url, &[("FEED_TIMEOUT_SECONDS", "5")], &no_proxy());
    let error = day(&client).await.unwrap_err();
    let message = error.to_string();
    assert!(!message.contains("secret"), "{message}");
    (error.sort(), message)
}

/// A feed that answers by a function of how often it was asked, and of what.
pub async fn feed(
    answer: impl Fn(usize, Uri, HeaderMap) -> Response + Clone + Send + Sync + 'static,
) -> (Server, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let server =
        serve(Router::new().fallback({
            let asked = asked.clone();
            move |uri, headers| async move {
                answer(asked.fetch_add(1, Ordering::SeqCst) + 1, uri, headers)
            }
        }))
        .await;
    (server, asked)
}

/// A server that answers each connection with these bytes and closes it; how often it did.
fn raw(answer: &'static [u8]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    // The thread ends with the tests.
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(answer);
        }
    });
    (address, asked)
}

fn redirect(to: &str) -> Response {
    (StatusCode::FOUND, [(LOCATION, to.to_owned())]).into_response()
}

pub fn count(asked: &AtomicUsize) -> usize {
    asked.load(Ordering::SeqCst)
}

// --- redirects ---

#[tokio::test]
async fn a_redirect_within_the_host_is_followed() {
    let (server, asked) = feed(|_, uri, _| match uri.path() {
        "/old" => redirect(&format!("/new?{}", uri.query().unwrap())),
        _ => uri.query().unwrap().to_owned().into_response(),
    })
    .await;
    let url = format!("{}/old?key=1", server.url);
    let answer = day(&client(&url, &[], &no_proxy())).await.unwrap();
    assert_eq!(answer, "key=1&dateCurrent=2025-06-19T17%3A00%3A00.000Z");
    assert_eq!(count(&asked), 2);
}

#[tokio::test]
async fn redirects_that_lead_nowhere_are_not_tried_again() {
    for (to, times, words) in [
        ("/b?key=secret", 2, "redirects in a circle (to 127.0.0.1:"),
        (
            "http://user:secret@elsewhere.invalid/?key=secret",
            1,
            "redirects to another host, elsewhere.invalid, where",
        ),
        (
            "ftp://files.invalid/secret",
            1,
            "neither http nor https (ftp://files.invalid)",
        ),
    ] {
        let (server, asked) = feed(move |_, _, _| redirect(to)).await;
        let (sort, message) = fault(&format!("{}/?key=secret", server.url)).await;
        assert!(message.contains(words), "{message}");
        assert_eq!((sort, count(&asked)), (FeedFault::Redirect, times), "{to}");
    }
}

#[tokio::test]
async fn the_sixth_redirect_in_a_row_is_not_followed() {
    let (server, asked) = feed(|n, _, _| redirect(&format!("/{n}"))).await;
    let (sort, message) = fault(&server.url).await;
    assert!(
        message.contains("redirects more than 5 times (the last time to 127.0.0.1:"),
        "{message}"
    );
    assert_eq!((sort, count(&asked)), (FeedFault::Redirect, 6));
}

#[tokio::test]
async fn a_redirect_without_a_target_is_not_tried_again() {
    let (server, asked) = feed(|_, _, _| StatusCode::FOUND.into_response()).await;
    let (sort, message) = fault(&server.url).await;
    assert!(
        message.contains("302 (Found) without saying where to"),
        "{message}"
    );
    assert_eq!((sort, count(&asked)), (FeedFault::Redirect, 1));
}

// --- answers that are none ---

#[tokio::test]
async fn what_is_not_http_is_not_tried_again() {
    for answer in [
        &b"220 mail.example ESMTP\r\n"[..],
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ] {
        let (address, asked) = raw(answer);
        let (sort, message) = fault(&format!("http://{address}/?key=secret")).await;
        assert!(
            message.contains("answered with something that is not HTTP"),
            "{message}"
        );
        assert_eq!((sort, count(&asked)), (FeedFault::NotHttp, 1));
    }
}

#[tokio::test]
async fn a_server_that_speaks_first_does_not_speak_http() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = connection.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
            let _ = connection.read_to_end(&mut Vec::new());
        }
    });
    for n in 1..=50 {
        let (sort, message) = fault(&url).await;
        assert_eq!((sort, count(&asked)), (FeedFault::NotHttp, n), "{message}");
    }
}

#[tokio::test]
async fn a_port_without_tls_is_not_tried_again() {
    for answer in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"220 hello\r\n"] {
        let (address, asked) = raw(answer);
        let (sort, message) = fault(&format!("https://user:secret@{address}")).await;
        assert!(message.contains("does not speak TLS"), "{message}");
        assert_eq!((sort, count(&asked)), (FeedFault::Tls, 1));
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_is_not_tried_again() {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certified.cert.der().clone()],
            certified.signing_key.into(),
        )
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    tokio::spawn(async move {
        loop {
            let (connection, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = acceptor.accept(connection).await;
        }
    });
    let (sort, message) = fault(&format!("https://localhost:{port}/?key=secret")).await;
    assert_eq!(
        message,
        "has a certificate that is not trusted (its issuer is not known here)"
    );
    assert_eq!((sort, count(&asked)), (FeedFault::Tls, 1));
}

#[tokio::test]
async fn a_name_without_an_address_is_not_tried_again() {
    // A further try would come after half a minute, and the test ends before.
    let variables = [("FEED_BACKOFF_SECONDS", "86400")];
    let url = "http://user:secret@nowhere.invalid/?key=secret";
    let error = day(&client(url, &variables, &no_proxy()))
        .await
        .unwrap_err();
    assert_eq!(error.sort(), FeedFault::Dns);
    assert_eq!(
        error.to_string(),
        "can't be reached: the name nowhere.invalid has no address"
    );
}

#[tokio::test]
async fn what_breaks_off_is_tried_again() {
    for (answer, words) in [
        (&b""[..], "closed the connection without an answer"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Le",
            "closed the connection without an answer",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"set\"",
            "broke off in the middle of its answer",
        ),
        // The first ten bytes of anything packed.
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\x03",
            "broke off in the middle of its answer",
        ),
    ] {
        let (address, asked) = raw(answer);
        let (sort, message) = fault(&format!("http://{address}/?key=secret")).await;
        assert_eq!(message, words);
        assert_eq!((sort, count(&asked)), (FeedFault::BrokeOff, 3), "{words}");
    }
}

#[tokio::test]
async fn a_feed_that_is_not_there_can_not_be_reached() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    assert_eq!(
        fault(&format!("http://{address}/?key=secret")).await,
        (
            FeedFault::Unreachable,
            "can't be reached (no connection)".into()
        )
    );
}
