//! Requests of the API, and its answers.

use axum::{
    body::Bytes,
    http::{HeaderMap, Request, StatusCode, header},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::wire;

/// `POST /import-backup`, still without its body.
pub fn upload() -> axum::http::request::Builder {
    Request::post("/import-backup").header(header::CONTENT_TYPE, "application/json")
}

/// An answer of the router, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Asserts that a page holds each of these texts, and loads no scripts.
    #[track_caller]
    pub fn shows(&self, texts: &[&str]) {
        let html = self.text();
        for text in texts {
            assert!(html.contains(text), "no {text}");
        }
        assert!(
            !html.contains(".wasm") && !html.contains(".js\""),
            "it needs no scripts"
        );
    }

    /// What a page reads of it.
    #[track_caller]
    pub fn unpacked<T: DeserializeOwned>(&self) -> T {
        assert!(self.status.is_success(), "{}", self.text());
        wire::unpack(&self.body).unwrap()
    }

    pub fn id(&self, member: &str) -> i32 {
        let json = self.json();
        i32::try_from(
            json[member]
                .as_i64()
                .unwrap_or_else(|| panic!("no {member}: {json}")),
        )
        .unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts a problem document (RFC 9457) with this status, and answers its sentence.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let json = self.json();
        assert_eq!(json["status"], status);
        assert!(
            json["title"].is_string() && json["type"].is_string(),
            "{json}"
        );
        let detail = json["detail"].as_str().unwrap().to_owned();
        assert!(
            detail.ends_with('.') && detail.len() > 15,
            "no sentence: {detail}"
        );
        detail
    }
}
