//! What only those may read who use it. Neither type here can be printed, not even by `{:?}` of what holds it: the text is
//! had by `expose…` alone, which is easy to search for.

use std::fmt;

pub use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// An address that may hold a login or a key. `secrecy` has no type for one: it can't wipe what belongs to another crate.
#[derive(Clone)]
pub struct SecretUrl(Url);

impl SecretUrl {
    /// The address as it is, for whoever asks it.
    #[must_use]
    pub fn expose(&self) -> &Url {
        &self.0
    }

    /// The address without its login, its query and its fragment: what may be shown of it.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut url = self.0.clone();
        // A URL that has a host can do without both.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
        url.to_string()
    }
}

impl From<Url> for SecretUrl {
    fn from(url: Url) -> Self {
        Self(url)
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A key may stand in the path, too.
        f.write_str("SecretUrl([REDACTED])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_address_is_shown_without_what_is_secret() {
        let url: Url = "https://name:pass@feed.example:8443/a?key=pass#pass"
            .parse()
            .unwrap();
        let url = SecretUrl::from(url);
        assert_eq!(url.shown(), "https://feed.example:8443/a");
        assert_eq!(format!("{url:?} {url:#?}").matches("feed").count(), 0);
    }
}
