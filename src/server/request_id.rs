//! The name of the request that is being answered: it stands in the log's lines, in answers that tell of an error, and on the
//! imports that it began. Whatever a request does in its own task finds it here; what is handed to another task takes it along.

use std::sync::Arc;

use axum::http::HeaderName;
use uuid::Uuid;

/// What it is called in requests and answers.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// A name that a client brings is no longer than this.
const LONGEST: usize = 64;

tokio::task_local! {
    static ANSWERED: RequestId;
}

/// The name of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The one that a client has given, if it is one that can stand anywhere; else a new one.
    #[must_use]
    pub fn given_or_new(given: Option<&[u8]>) -> Self {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        given
            .filter(|it| (1..=LONGEST).contains(&it.len()) && it.iter().all(is_plain))
            .and_then(|it| std::str::from_utf8(it).ok())
            .map_or_else(
                || Self(Uuid::now_v7().to_string().into()),
                |it| Self(it.into()),
            )
    }

    /// That of the request which this task answers.
    #[must_use]
    pub fn current() -> Option<Self> {
        ANSWERED.try_with(Clone::clone).ok()
    }

    /// Does something for this request.
    pub async fn answer<T>(self, work: impl Future<Output = T>) -> T {
        ANSWERED.scope(self, work).await
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The sentence that leads from an error, whose cause is nobody's business but the operator's, to what the log says of it.
#[must_use]
pub fn the_log_has_the_cause() -> String {
    RequestId::current().map_or_else(
        || "The server's log has the cause.".to_owned(),
        |RequestId(id)| format!("The server's log has the cause, under the request {id}."),
    )
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_given_a_name_can_stand_in_a_header_a_page_and_a_line(
            given in vec(select(&b"aZ09._-aZ09._- <\"\x1b\n\xc3"[..]), 0..80),
        ) {
            let id = RequestId::given_or_new(Some(&given));
            let good = b"aZ09._-";
            let can_stand = (1..=64).contains(&given.len()) && given.iter().all(|it| good.contains(it));
            prop_assert_eq!(id.as_str().as_bytes() == given, can_stand);
            let plain = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
            prop_assert!(!id.as_str().is_empty() && id.as_str().len() <= 64 && id.as_str().chars().all(plain));
        }
    }

    #[test]
    fn a_name_is_taken_that_can_stand_anywhere_and_no_other() {
        let longest = "a".repeat(LONGEST);
        for good in ["id-of-mine", "0.A_z", "x", &longest] {
            let id = RequestId::given_or_new(Some(good.as_bytes()));
            assert_eq!(id.as_str(), good);
        }
        let too_long = "a".repeat(LONGEST + 1);
        for bad in ["", "a b", "<b>", "é", "\x1b[31m", "a\"", &too_long] {
            let id = RequestId::given_or_new(Some(bad.as_bytes()));
            assert_eq!(id.as_str().len(), 36, "{bad}");
        }
        let ids = [None, None].map(RequestId::given_or_new);
        assert_ne!(ids[0], ids[1]);
    }

    #[tokio::test]
    async fn the_log_is_named_with_the_request() {
        assert_eq!(the_log_has_the_cause(), "The server's log has the cause.");
        let said = RequestId::given_or_new(Some(b"7")).answer(async { the_log_has_the_cause() });
        assert_eq!(
            said.await,
            "The server's log has the cause, under the request 7."
        );
    }
}
