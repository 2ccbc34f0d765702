//! Which proxy stands between here and who is asked: what the environment says, but none to this machine itself.

use axum::http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use reqwest::{ClientBuilder, Proxy};
use url::Url;

use super::address::is_loopback;

/// The proxies to one host, which are all that a client needs that stays on that host.
#[derive(Clone, Debug)]
pub struct Proxies {
    http: Option<Between>,
    https: Option<Between>,
}

#[derive(Clone, Debug)]
struct Between {
    proxy: Intercept,
    name: String,
}

impl Proxies {
    /// The proxies that a matcher chooses for the host of an address.
    pub fn to(url: &Url, matcher: &Matcher) -> Self {
        Self {
            http: choose(url, "http", matcher),
            https: choose(url, "https", matcher),
        }
    }

    /// The name of the proxy that an address is asked through, without its login.
    pub fn name(&self, url: &Url) -> Option<&str> {
        let between = if url.scheme() == "https" {
            &self.https
        } else {
            &self.http
        };
        between.as_ref().map(|between| between.name.as_str())
    }

    /// Lets a client use these proxies and no others.
    ///
    /// # Errors
    /// When a proxy's address is none.
    pub fn set_up(&self, client: ClientBuilder) -> reqwest::Result<ClientBuilder> {
        let mut client = client.no_proxy();
        if let Some(between) = &self.http {
            client = client.proxy(between.with_login(Proxy::http(between.address())?));
        }
        if let Some(between) = &self.https {
            client = client.proxy(between.with_login(Proxy::https(between.address())?));
        }
        Ok(client)
    }
}

impl Between {
    fn address(&self) -> String {
        self.proxy.uri().to_string()
    }

    fn with_login(&self, proxy: Proxy) -> Proxy {
        match self.proxy.basic_auth() {
            Some(login) => proxy.custom_http_auth(login.clone()),
            None => proxy,
        }
    }
}

fn choose(url: &Url, scheme: &str, matcher: &Matcher) -> Option<Between> {
    if is_loopback(url) {
        return None;
    }
    let uri: Uri = format!("{scheme}://{}/", url.host_str()?).parse().ok()?;
    let proxy = matcher.intercept(&uri)?;
    let name = proxy.uri().authority()?.to_string();
    Some(Between { proxy, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(url: &str, matcher: &Matcher) -> Option<String> {
        let url = url.parse().unwrap();
        Proxies::to(&url, matcher).name(&url).map(str::to_owned)
    }

    #[test]
    fn this_machine_is_asked_without_a_proxy() {
        let matcher = Matcher::builder().all("http://proxy.example:3128").build();
        for host in [
            "localhost",
            "LOCALHOST:4000",
            "localhost.",
            "127.0.0.1",
            "127.1.2.3:80",
            "[::1]:4000",
            "[::ffff:127.0.0.1]",
        ] {
            for scheme in ["http", "https"] {
                assert_eq!(named(&format!("{scheme}://{host}/"), &matcher), None);
            }
        }
        for host in ["feed.example", "localhost.example", "128.0.0.1", "[::2]"] {
            assert_eq!(
                named(&format!("http://{host}/"), &matcher).as_deref(),
                Some("proxy.example:3128"),
                "{host}"
            );
        }
    }

    #[test]
    fn each_scheme_has_its_proxy_named_without_its_login() {
        let matcher = Matcher::builder()
            .http("http://user:secret@one.example:3128")
            .https("two.example:8080")
            .no("direct.example")
            .build();
        assert_eq!(
            named("http://feed.example/?key=1", &matcher).as_deref(),
            Some("one.example:3128")
        );
        assert_eq!(
            named("https://a:b@feed.example:8443/", &matcher).as_deref(),
            Some("two.example:8080")
        );
        assert_eq!(named("http://direct.example", &matcher), None);
    }
}
