//! Which addresses NumWatch may be told to ask.

use std::net::IpAddr;

use url::{Host, Url};

/// Why an address is not asked; what can be done about it names the variable that allows it all the same.
///
/// # Errors
/// When it is neither http nor https, or when anybody on the way could read and change what is said.
pub fn check(url: &Url, plain_http_is_allowed: bool, allowed_by: &str) -> Result<(), String> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if plain_http_is_allowed || is_loopback(url) => Ok(()),
        "http" => Err(format!(
            "is http, and leads away from this machine: whoever is on the way can read and change what is said. Write it with https, or set {allowed_by}=true if the way is yours"
        )),
        _ => Err("is not an http or https URL".to_owned()),
    }
}

/// Whether an address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.') == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).to_canonical().is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(url: &str, allowed: bool) -> bool {
        check(&url.parse().unwrap(), allowed, "ALLOW").is_ok()
    }

    #[test]
    fn only_https_and_this_machine_are_asked_unless_allowed() {
        for url in [
            "https://feed.example/",
            "http://localhost",
            "http://LOCALHOST.:8/",
            "http://127.1.2.3:80",
            "http://[::1]/",
        ] {
            assert!(may(url, false), "{url}");
        }
        for url in [
            "http://feed.example/",
            "http://localhost.example",
            "http://127.0.0.1.example",
            "http://localhost@feed.example",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://[::2]",
        ] {
            assert!(!may(url, false) && may(url, true), "{url}");
        }
        for url in [
            "ftp://localhost/",
            "file:///etc/passwd",
            "data:text/plain,x",
            "unix:/run/x",
        ] {
            assert!(!may(url, false) && !may(url, true), "{url}");
        }
        let http = "http://feed.example".parse().unwrap();
        assert!(
            check(&http, false, "ALLOW")
                .unwrap_err()
                .contains("set ALLOW=true")
        );
    }
}
