//! How the feed's client asks: after the pauses that the feed wants, through the right proxy, for packed answers.

use std::{
    io::Write as _,
    sync::Mutex,
    time::{Duration, Instant},
};

use axum::{
    http::{
        StatusCode,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING, HOST, RETRY_AFTER},
    },
    response::IntoResponse as _,
};
use chrono::{DateTime, Utc};
use hyper_util::client::proxy::matcher::Matcher;

use super::feed_client::{client, count, day, fault, feed, no_proxy};
use crate::server::feed::client::FeedFault;

// --- pauses ---

/// Asks a feed that wants a pause once; the day, what was told of the pause, and how long all took.
async fn with_pause(
    status: StatusCode,
    retry_after: &'static str,
) -> (Vec<(String, Option<DateTime<Utc>>)>, Duration) {
    let (server, asked) = feed(move |n, _, _| match n {
        1 => (status, [(RETRY_AFTER, retry_after)]).into_response(),
        _ => "{}".into_response(),
    })
    .await;
    let told = Mutex::new(Vec::new());
    let began = Instant::now();
    let client = client(&server.url, &[], &no_proxy());
    let date = "2025-06-20".parse().unwrap();
    let answer = client
        .day(date, |trouble, until| {
            told.lock().unwrap().push((trouble.to_owned(), until));
        })
        .await;
    assert_eq!((answer.unwrap(), count(&asked)), ("{}".into(), 2));
    (told.into_inner().unwrap(), began.elapsed())
}

#[tokio::test]
async fn a_pause_that_the_feed_asks_for_is_made_and_told() {
    let until: DateTime<Utc> = "2025-06-22T10:00:01Z".parse().unwrap();
    for (status, retry_after) in [
        (StatusCode::TOO_MANY_REQUESTS, "1"),
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "Sun, 22 Jun 2025 10:00:01 GMT",
        ),
    ] {
        let (told, took) = with_pause(status, retry_after).await;
        let [(why, waits), (same, asks)] = &told[..] else {
            panic!("{told:?}");
        };
        assert_eq!(
            (*waits, *asks, same),
            (Some(until), None, why),
            "{retry_after}"
        );
        assert!(
            why.starts_with("2025-06-20: the feed answered ") && why.ends_with(". Try 2 of 3."),
            "{why}"
        );
        assert!(took >= Duration::from_secs(1), "{retry_after}: {took:?}");
    }
}

#[tokio::test]
async fn without_a_pause_of_the_feeds_ours_is_made_and_told() {
    let long: DateTime<Utc> = "2025-06-22T10:00:20Z".parse().unwrap();
    for (status, retry_after) in [
        (
            StatusCode::TOO_MANY_REQUESTS,
            "Sun, 22 Jun 2025 09:00:00 GMT",
        ),
        (StatusCode::SERVICE_UNAVAILABLE, "soon"),
        (StatusCode::BAD_GATEWAY, "30"),
    ] {
        let (told, took) = with_pause(status, retry_after).await;
        assert!(told[0].1.is_some_and(|until| until < long), "{told:?}");
        assert_eq!((told.len(), told[1].1), (2, None), "{retry_after}");
        assert!(took < Duration::from_secs(20), "{retry_after}: {took:?}");
    }
}

#[tokio::test]
async fn after_the_last_try_there_is_no_pause() {
    let (server, asked) =
        feed(|_, _, _| (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "300")]).into_response())
            .await;
    let client = client(&server.url, &[("FEED_RETRIES", "0")], &no_proxy());
    let error = day(&client).await.unwrap_err();
    assert_eq!((error.sort(), count(&asked)), (FeedFault::Status(429), 1));
    assert_eq!(error.to_string(), "answered 429 (Too Many Requests)");
}

// --- proxies ---

#[tokio::test]
async fn a_feed_on_this_machine_is_asked_past_a_dead_proxy() {
    let (server, _) = feed(|_, _, _| "{}".into_response()).await;
    let dead = Matcher::builder().all("http://127.0.0.1:1").build();
    let client = client(&server.url, &[], &dead);
    assert_eq!(day(&client).await.unwrap(), "{}");
}

#[tokio::test]
async fn an_error_names_the_proxy_that_was_in_between() {
    let (server, asked) = feed(|_, uri, headers| {
        assert_eq!(uri.host(), Some("feed.invalid"));
        assert_eq!(headers[HOST], "feed.invalid");
        assert_eq!(headers["proxy-authorization"], "Basic dXNlcjpzZWNyZXQ=");
        StatusCode::BAD_GATEWAY.into_response()
    })
    .await;
    let address = server.url.strip_prefix("http://").unwrap();
    let proxies = Matcher::builder()
        .http(format!("http://user:secret@{address}"))
        .https("http://user:secret@127.0.0.1:1")
        .build();
    let plain = client("http://feed.invalid/?key=secret", &[], &proxies);
    assert_eq!(
        day(&plain).await.unwrap_err().to_string(),
        format!("answered 502 (Bad Gateway) (asked through the proxy {address})")
    );
    assert_eq!(count(&asked), 3);
    let secure = client("https://feed.invalid/?key=secret", &[], &proxies);
    assert_eq!(
        day(&secure).await.unwrap_err().to_string(),
        "can't be reached (no connection) (asked through the proxy 127.0.0.1:1)"
    );
}

// --- packed answers ---

#[tokio::test]
async fn a_deflated_answer_is_read() {
    /// `{"set":{"lists":[]}}`
    const PACKED: [u8; 28] = [
        120, 218, 171, 86, 42, 78, 45, 81, 178, 170, 86, 202, 201, 44, 46, 41, 86, 178, 138, 142,
        173, 173, 5, 0, 72, 184, 7, 32,
    ];
    let (server, _) = feed(|_, _, headers| {
        let accepted = headers[ACCEPT_ENCODING].to_str().unwrap();
        assert!(
            accepted.contains("gzip") && accepted.contains("deflate"),
            "{accepted}"
        );
        ([(CONTENT_ENCODING, "deflate")], PACKED).into_response()
    })
    .await;
    let answer = day(&client(&server.url, &[], &no_proxy())).await.unwrap();
    assert_eq!(answer, r#"{"set":{"lists":[]}}"#);
}

#[tokio::test]
async fn an_answer_is_as_large_as_allowed_and_no_larger() {
    for (length, taken) in [(2_000, true), (2_001, false)] {
        let (server, asked) = feed(move |_, _, _| "x".repeat(length).into_response()).await;
        let client = client(&server.url, &[("FEED_MAX_BYTES", "2000")], &no_proxy());
        let answer = day(&client).await.map_err(|error| error.sort());
        let expected = if taken {
            Ok("x".repeat(length).into())
        } else {
            Err(FeedFault::TooLarge)
        };
        assert_eq!((answer, count(&asked)), (expected, 1));
    }
}

#[tokio::test]
async fn an_answer_that_grows_when_it_is_unpacked_ends_at_the_limit() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![b' '; 200 << 20]).unwrap();
    let packed = packed.finish().unwrap();
    assert!(packed.len() < 1 << 20, "{}", packed.len());
    let (server, asked) =
        feed(move |_, _, _| ([(CONTENT_ENCODING, "gzip")], packed.clone()).into_response()).await;
    let (sort, message) = fault(&server.url).await;
    assert_eq!(
        message,
        "answered with more than 16777216 bytes, which is where FEED_MAX_BYTES ends it"
    );
    assert_eq!((sort, count(&asked)), (FeedFault::TooLarge, 1));
}

#[tokio::test]
async fn an_answer_that_can_not_be_unpacked_is_not_tried_again() {
    for encoding in ["deflate", "gzip"] {
        let (server, asked) =
            feed(move |_, _, _| ([(CONTENT_ENCODING, encoding)], "{\"set\": {}}").into_response())
                .await;
        let (sort, message) = fault(&server.url).await;
        assert_eq!(message, "answered with a body that can't be unpacked");
        assert_eq!(
            (sort, count(&asked)),
            (FeedFault::Encoding, 1),
            "{encoding}"
        );
    }
}
