//! What NumWatch asks of others over HTTP, whoever they are: at addresses that may be asked, through the right proxy, with
//! redirects within the host alone, and with limits to the size and the time of an answer.

pub mod address;
mod dns;
mod error;
mod excerpt;
mod proxy;
mod redirect;
mod retry_after;

use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{
    Response,
    header::{HeaderMap, LOCATION},
};
use url::Url;

use self::{
    proxy::Proxies,
    redirect::{Trail, is_redirect},
};
use super::{clock::Clock, cryptography, secret::SecretUrl};

pub use self::{
    error::{AskError, Fault},
    retry_after::MOST as LONGEST_PAUSE,
};

/// For so long a connection is kept for the next question. A server's farewell on an older one is no answer.
const KEPT: Duration = Duration::from_secs(5);

/// What an answer may be at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For one answer, whole, with the redirects on its way.
    pub timeout: Duration,
    /// Bytes, unpacked.
    pub size: usize,
}

/// The variables that say who is asked and how, for sentences of what to do.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub address: &'static str,
    pub size: &'static str,
}

/// A client of one host.
#[derive(Clone, Debug)]
pub struct Outgoing {
    http: reqwest::Client,
    proxies: Proxies,
    limits: Limits,
    settings: Settings,
    clock: Clock,
}

impl Outgoing {
    /// A client that asks the host of an address through the proxies that a matcher chooses.
    ///
    /// # Errors
    /// When no TLS can be set up on this machine, or a proxy's address is none.
    pub fn new(
        url: &SecretUrl,
        limits: Limits,
        settings: Settings,
        clock: Clock,
        proxies: &Matcher,
    ) -> reqwest::Result<Self> {
        let proxies = Proxies::to(url.expose(), proxies);
        cryptography::use_ring();
        // Redirects are followed here, so that each that isn't can be called what it is.
        let http = reqwest::Client::builder()
            .user_agent(concat!("numwatch/", env!("CARGO_PKG_VERSION")))
            .pool_idle_timeout(KEPT)
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(dns::Resolver);
        Ok(Self {
            http: proxies.set_up(http)?.build()?,
            proxies,
            limits,
            settings,
            clock,
        })
    }

    /// The answer to a GET of an address of this client's host.
    ///
    /// # Errors
    /// When there is none, or none that may be taken.
    pub async fn get(&self, url: Url) -> Result<Bytes, AskError> {
        let mut trail = Trail::new(url, self.settings.address);
        let timeout = self.limits.timeout;
        let answer = tokio::time::timeout(timeout, self.follow(&mut trail)).await;
        answer
            .unwrap_or_else(|_| Err(AskError::timed_out(timeout)))
            .map_err(|error| error.through(self.proxies.name(trail.now())))
    }

    /// Sends something to an address of this client's host, which says by a 2xx that it took it. Whoever sends this on is not
    /// followed: it would go where nobody said.
    ///
    /// # Errors
    /// When it doesn't; with the first words of why not, if there are any.
    pub async fn post(&self, url: Url, headers: HeaderMap, body: String) -> Result<(), AskError> {
        let timeout = self.limits.timeout;
        let answer = tokio::time::timeout(timeout, self.give(&url, headers, body)).await;
        answer
            .unwrap_or_else(|_| Err(AskError::timed_out(timeout)))
            .map_err(|error| error.through(self.proxies.name(&url)))
    }

    async fn give(&self, url: &Url, headers: HeaderMap, body: String) -> Result<(), AskError> {
        let request = self.http.post(url.clone()).headers(headers).body(body);
        let setting = self.settings.address;
        let answer = request.send().await;
        let answer = answer.map_err(|error| AskError::before_the_answer(error, setting))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        if is_redirect(status) {
            return Err(AskError::sent_on(status, setting));
        }
        let pause = retry_after::pause(status, answer.headers(), self.clock.now());
        let said = excerpt::of(answer.bytes_stream(), url).await;
        Err(AskError::status(status)
            .saying(said.as_deref())
            .with_pause(pause))
    }

    async fn follow(&self, trail: &mut Trail) -> Result<Bytes, AskError> {
        loop {
            let asked = self.http.get(trail.now().clone()).send().await;
            let answer =
                asked.map_err(|error| AskError::before_the_answer(error, self.settings.address))?;
            let status = answer.status();
            if is_redirect(status) {
                trail.follow(status, answer.headers().get(LOCATION))?;
            } else if status.is_success() {
                return self.read(answer).await;
            } else {
                let pause = retry_after::pause(status, answer.headers(), self.clock.now());
                return Err(AskError::status(status).with_pause(pause));
            }
        }
    }

    async fn read(&self, answer: Response) -> Result<Bytes, AskError> {
        let mut body = Vec::new();
        let mut pieces = answer.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece =
                piece.map_err(|error| AskError::within_the_answer(error, self.settings.address))?;
            if body.len() + piece.len() > self.limits.size {
                let Limits { size, .. } = self.limits;
                let Settings { size: setting, .. } = self.settings;
                return Err(AskError::new(
                    Fault::TooLarge,
                    format!(
                        "answered with more than {size} bytes, which is where {setting} ends it"
                    ),
                ));
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.into())
    }
}
