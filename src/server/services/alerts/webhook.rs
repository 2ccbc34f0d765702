//! Whoever is told: an address over HTTP, and the key that they know a message of ours by.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use super::signature;
use crate::{
    model::alert::Receiver,
    server::{
        clock::Clock,
        config,
        outgoing::{AskError, Limits, Outgoing, Settings},
        secret::SecretUrl,
    },
};

const ADDRESS: &str = "ALERT_WEBHOOK_URL";
/// Of an answer nothing is kept but the first words of a refusal.
const SETTINGS: Settings = Settings {
    address: ADDRESS,
    size: ADDRESS,
};
const ANSWER: usize = 1_024;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Whoever is told.
#[derive(Clone, Debug)]
pub struct Webhook {
    outgoing: Outgoing,
    url: SecretUrl,
    key: Option<config::Key>,
    clock: Clock,
}

impl Webhook {
    /// The webhook of a configuration, if it has one.
    ///
    /// # Errors
    /// When no TLS can be set up on this machine, or a proxy's address is none.
    pub fn new(config: &config::Alerts, clock: Clock) -> reqwest::Result<Option<Self>> {
        let Some(url) = config.webhook.clone() else {
            return Ok(None);
        };
        let limits = Limits {
            timeout: config.timeout,
            size: ANSWER,
        };
        let proxies = Matcher::from_env();
        Ok(Some(Self {
            outgoing: Outgoing::new(&url, limits, SETTINGS, clock.clone(), &proxies)?,
            url,
            key: config.key.clone(),
            clock,
        }))
    }

    /// What may be shown of it: a path can be as secret as a password.
    #[must_use]
    pub fn shown(&self) -> Receiver {
        let url = self.url.expose();
        let host = url.host_str().unwrap_or_default();
        Receiver {
            host: url
                .port()
                .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
            signed: self.key.is_some(),
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// When it isn't taken.
    pub async fn send(&self, id: Uuid, body: String) -> Result<(), AskError> {
        let (id, second) = (id.to_string(), self.clock.now().timestamp());
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(TIMESTAMP, second.into());
        let signature = self.key.as_ref();
        let signature = signature.and_then(|key| signature::of(key, &id, second, &body));
        for (name, text) in [(ID, Some(id)), (SIGNATURE, signature)] {
            if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
                headers.insert(name, value);
            }
        }
        self.outgoing
            .post(self.url.expose().clone(), headers, body)
            .await
    }
}
