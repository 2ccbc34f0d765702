//! Which redirects are followed: a few, on the same host, never from https to http.

use reqwest::{StatusCode, header::HeaderValue};
use url::Url;

use super::error::{AskError, Fault, named};

/// More than these in a row lead nowhere.
const MOST: usize = 5;

/// The addresses of one request, in the order in which they were asked.
pub struct Trail {
    asked: Vec<Url>,
    now: Url,
    /// The variable that holds the first address.
    setting: &'static str,
}

impl Trail {
    pub fn new(start: Url, setting: &'static str) -> Self {
        Self {
            asked: Vec::new(),
            now: start,
            setting,
        }
    }

    /// The address to ask now.
    pub fn now(&self) -> &Url {
        &self.now
    }

    /// Goes on to where an answer redirects.
    ///
    /// # Errors
    /// When that is nowhere or where nobody is followed.
    pub fn follow(
        &mut self,
        status: StatusCode,
        location: Option<&HeaderValue>,
    ) -> Result<(), AskError> {
        let refused = |message: String| Err(AskError::new(Fault::Redirect, message));
        let Some(location) = location else {
            return refused(format!(
                "answered {} without saying where to (there is no Location)",
                named(status)
            ));
        };
        let target = std::str::from_utf8(location.as_bytes())
            .ok()
            .and_then(|location| self.now.join(location).ok());
        let Some(mut target) = target else {
            return refused(format!(
                "answered {} with a Location that is no address",
                named(status)
            ));
        };
        target.set_fragment(None);
        if !matches!(target.scheme(), "http" | "https") {
            let host = target.host_str().map(|host| format!("//{host}"));
            return refused(format!(
                "redirects to an address that is neither http nor https ({}:{})",
                target.scheme(),
                host.unwrap_or_default()
            ));
        }
        let host = host(&target);
        if target.host() != self.now.host() {
            return refused(format!(
                "redirects to another host, {host}, where it is not followed; if it has moved there, set {}",
                self.setting
            ));
        }
        if self.now.scheme() == "https" && target.scheme() == "http" {
            return refused(format!(
                "redirects from https to http at {host}, where it is not followed"
            ));
        }
        carry_login(&self.now, &mut target);
        self.asked.push(std::mem::replace(&mut self.now, target));
        if self.asked.contains(&self.now) {
            return refused(format!("redirects in a circle (to {host} again)"));
        }
        if self.asked.len() > MOST {
            return refused(format!(
                "redirects more than {MOST} times (the last time to {host})"
            ));
        }
        Ok(())
    }
}

/// Whether an answer of this status only says where to ask.
pub fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// A login goes on to the same server and to its https half. Another port may be another server.
fn carry_login(from: &Url, target: &mut Url) {
    let same_server = from.port_or_known_default() == target.port_or_known_default()
        || from.scheme() != target.scheme();
    if same_server && target.username().is_empty() && target.password().is_none() {
        // Only addresses without a host can't have a login.
        let _ = target.set_username(from.username());
        let _ = target.set_password(from.password());
    }
}

/// The host of an address as people write it: with its port when that is not the usual one.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a chain of redirects from this address ends, or the words for why it doesn't.
    fn end(start: &str, locations: &[&str]) -> Result<String, String> {
        let mut trail = Trail::new(start.parse().unwrap(), "ADDRESS");
        for location in locations {
            let location = HeaderValue::from_bytes(location.as_bytes()).unwrap();
            trail
                .follow(StatusCode::FOUND, Some(&location))
                .map_err(|error| error.to_string())?;
        }
        Ok(trail.now().to_string())
    }

    #[test]
    fn redirects_within_the_host_are_followed() {
        for (start, location, to) in [
            ("http://feed.example/a?b=1", "/c", "http://feed.example/c"),
            (
                "http://feed.example/a",
                "https://feed.example/a#top",
                "https://feed.example/a",
            ),
            (
                "http://FEED.example/a",
                "//feed.EXAMPLE:8080/a",
                "http://feed.example:8080/a",
            ),
            (
                "http://u:p@feed.example/a",
                "https://feed.example/a",
                "https://u:p@feed.example/a",
            ),
            (
                "http://u:p@feed.example/a",
                "http://feed.example:81/a",
                "http://feed.example:81/a",
            ),
        ] {
            assert_eq!(end(start, &[location]).as_deref(), Ok(to), "{start}");
        }
        assert!(end("http://feed.example/", &["/1", "/2", "/3", "/4", "/5"]).is_ok());
    }

    #[test]
    fn other_redirects_are_called_what_they_are() {
        let secret = "https://user:secret@feed.example/a?key=secret";
        for (locations, words) in [
            (
                &["https://user:secret@other.example:8443/a?key=secret"][..],
                "redirects to another host, other.example:8443, where it is not followed; if it has moved there, set ADDRESS",
            ),
            (
                &["http://feed.example/a?key=secret"],
                "redirects from https to http at feed.example, where",
            ),
            (
                &["/b", "/a?key=secret"],
                "redirects in a circle (to feed.example again)",
            ),
            (
                &["?key=secret"],
                "redirects in a circle (to feed.example again)",
            ),
            (
                &["/1", "/2", "/3", "/4", "/5", "/6?key=secret"],
                "redirects more than 5 times (the last time to feed.example)",
            ),
            (
                &["ftp://user:secret@files.example/secret"],
                "neither http nor https (ftp://files.example)",
            ),
            (&["mailto:secret"], "neither http nor https (mailto:)"),
            (
                &["https://secret:port/"],
                "answered 302 (Found) with a Location that is no address",
            ),
        ] {
            let message = end(secret, locations).unwrap_err();
            assert!(message.contains(words), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }

    #[test]
    fn a_redirect_without_a_target_says_so() {
        let mut trail = Trail::new("http://feed.example".parse().unwrap(), "ADDRESS");
        let error = trail
            .follow(StatusCode::MOVED_PERMANENTLY, None)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "answered 301 (Moved Permanently) without saying where to (there is no Location)"
        );
    }
}
