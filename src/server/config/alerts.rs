//! Where alerts go, and after how long a success is overdue.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::Url;

use super::{ConfigError, Reader, wrong};
use crate::server::secret::{ExposeSecret as _, SecretString, SecretUrl};

/// What is told to whom.
#[derive(Clone, Debug)]
pub struct Alerts {
    /// `None`: this process tells nobody.
    pub webhook: Option<SecretUrl>,
    /// Signs each message.
    pub key: Option<Key>,
    /// For one answer.
    pub timeout: Duration,
    /// After so many hours without a scheduled success one is overdue; 0: never.
    pub overdue_hours: i64,
    /// Where people find this NumWatch, for links; it ends with a slash.
    pub public_url: Option<Url>,
}

/// A secret that two share, as base64: the bytes that messages are signed with.
#[derive(Clone, Debug)]
pub struct Key(SecretString);

impl Key {
    /// Reads a secret: `whsec_` and base64, as the Standard Webhooks specification writes one, or any other text as it is.
    ///
    /// # Errors
    /// Why it is none: never with a part of it.
    pub fn read(secret: &SecretString) -> Result<Self, String> {
        const LEAST: usize = 24;
        let text = secret.expose_secret();
        let bytes = match text.strip_prefix("whsec_") {
            Some(packed) => STANDARD
                .decode(packed)
                .map_err(|_| "begins with whsec_, but what follows is no base64".to_owned())?,
            None => text.as_bytes().to_vec(),
        };
        if bytes.len() < LEAST {
            return Err(format!(
                "has {} bytes, and {LEAST} are the least that nobody guesses. Make one with: echo whsec_$(openssl rand -base64 32)",
                bytes.len()
            ));
        }
        Ok(Self(STANDARD.encode(bytes).into()))
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        STANDARD.decode(self.0.expose_secret()).unwrap_or_default()
    }
}

impl Reader<'_> {
    pub fn alerts(&self) -> Result<Alerts, ConfigError> {
        const SECRET: &str = "ALERT_WEBHOOK_SECRET";
        let secret = self.secret(SECRET)?;
        let key = secret.map(|secret| Key::read(&secret).map_err(|why| wrong(SECRET, why)));
        Ok(Alerts {
            webhook: self.outgoing("ALERT_WEBHOOK_URL", "ALERT_ALLOW_HTTP")?,
            key: key.transpose()?,
            timeout: self.seconds("ALERT_TIMEOUT_SECONDS", 10.0, 0.1)?,
            overdue_hours: self.number("ALERT_OVERDUE_HOURS", 24, 0..=8_760)?,
            public_url: self.public_url()?,
        })
    }

    fn public_url(&self) -> Result<Option<Url>, ConfigError> {
        const NAME: &str = "NUMWATCH_PUBLIC_URL";
        let Some(text) = self.text(NAME) else {
            return Ok(None);
        };
        let url = format!("{}/", text.trim_end_matches('/')).parse::<Url>();
        let url = url.ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        });
        url.map(Some).ok_or_else(|| {
            wrong(
                NAME,
                "is no address that people could open. Write it as https://numwatch.example, without a login and without what follows a ? or #",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Alerts, String> {
        let lookup = |name: &str| {
            let mut set = variables.iter().filter(|(key, _)| *key == name);
            set.next().map(|(_, value)| (*value).to_owned())
        };
        let read = Reader(&lookup).alerts();
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_is_told_unless_somebody_is_named() {
        let alerts = read(&[]).unwrap();
        assert!(alerts.webhook.is_none() && alerts.key.is_none());
        assert_eq!(alerts.overdue_hours, 24);
        let alerts = read(&[("ALERT_WEBHOOK_URL", "https://hooks.example/T0/B0/x")]).unwrap();
        assert_eq!(
            alerts.webhook.unwrap().expose().host_str(),
            Some("hooks.example")
        );
    }

    #[test]
    fn a_webhook_in_plain_text_must_be_allowed_or_be_here() {
        for (url, allowed, may) in [
            ("http://127.0.0.1:9000/hook", "", true),
            ("http://hooks.example/hook", "", false),
            ("http://hooks.example/hook", "true", true),
            ("ftp://hooks.example/hook", "true", false),
        ] {
            let read = read(&[("ALERT_WEBHOOK_URL", url), ("ALERT_ALLOW_HTTP", allowed)]);
            assert_eq!(read.is_ok(), may, "{url}");
            if let Err(error) = read {
                assert!(error.starts_with("ALERT_WEBHOOK_URL: "), "{error}");
                assert!(!error.contains("/hook"), "{error}");
            }
        }
    }

    #[test]
    fn a_key_is_base64_or_a_text_and_long_enough() {
        let plain = "a secret of 24 characters";
        for (secret, bytes) in [
            (
                "whsec_MfKQ9r8GKYqYTwjUPD8ILPZIo2LaLaSw",
                STANDARD.decode("MfKQ9r8GKYqYTwjUPD8ILPZIo2LaLaSw").unwrap(),
            ),
            (plain, plain.as_bytes().to_vec()),
        ] {
            let alerts = read(&[("ALERT_WEBHOOK_SECRET", secret)]).unwrap();
            assert_eq!(alerts.key.unwrap().bytes(), bytes);
        }
        for (secret, why) in [
            ("whsec_!", "no base64"),
            ("whsec_aHVudGVyMg==", "has 7 bytes"),
            ("hunter2", "has 7 bytes"),
        ] {
            let error = read(&[("ALERT_WEBHOOK_SECRET", secret)]).unwrap_err();
            assert!(error.starts_with("ALERT_WEBHOOK_SECRET: "), "{error}");
            assert!(error.contains(why) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn links_lead_to_an_address_that_people_can_open() {
        for (text, url) in [
            (
                "https://numwatch.example",
                Some("https://numwatch.example/"),
            ),
            (
                "https://tools.example/numwatch/",
                Some("https://tools.example/numwatch/"),
            ),
            ("numwatch.example", None),
            ("https://user:hunter2@numwatch.example", None),
            ("https://numwatch.example/?a=1", None),
            ("ftp://numwatch.example", None),
        ] {
            let read = read(&[("NUMWATCH_PUBLIC_URL", text)]);
            let read = read.map(|alerts| alerts.public_url.map(|url| url.to_string()));
            match (url, read) {
                (Some(url), read) => assert_eq!(read, Ok(Some(url.to_owned())), "{text}"),
                (None, Err(error)) => {
                    assert!(error.starts_with("NUMWATCH_PUBLIC_URL: "), "{error}");
                    assert!(!error.contains("hunter2"), "{error}");
                }
                (None, read) => panic!("{text}: {read:?}"),
            }
        }
    }
}
