//! Why who was asked gave no answer, told from the errors of the layers below: name, connection, TLS, HTTP, body.

use std::{error::Error, io, iter, time::Duration};

use reqwest::StatusCode;

use super::dns::NameError;

/// What hyper says of a server that speaks before it is asked, as mail servers do. No method of its error tells it.
const UNASKED: &str = "received unexpected message from connection";

/// No answer, or none that may be taken: a sentence without a subject, such as "answered 500 (Internal Server Error)".
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct AskError {
    fault: Fault,
    message: String,
    pause: Option<Duration>,
}

/// How it failed. Questions whose faults are equal failed alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It answered with this status instead.
    Status(u16),
    /// It did not answer in time.
    TimedOut,
    /// There was no connection.
    Unreachable,
    /// The connection ended before the answer did.
    BrokeOff,
    /// Its name has no address.
    Dns,
    /// Its certificate is not trusted, or it does not speak TLS.
    Tls,
    /// It answered with something that is not HTTP.
    NotHttp,
    /// It redirected to where it is not followed.
    Redirect,
    /// Its answer is too large.
    TooLarge,
    /// Its answer can't be unpacked.
    Encoding,
}

impl Fault {
    /// It in a word, for machines. Statuses are told apart by their class, so that there are few.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Status(429) => "status_429",
            Self::Status(400..=499) => "status_4xx",
            Self::Status(500..=599) => "status_5xx",
            Self::Status(_) => "status_other",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::BrokeOff => "broke_off",
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::NotHttp => "not_http",
            Self::Redirect => "redirect",
            Self::TooLarge => "too_large",
            Self::Encoding => "encoding",
        }
    }

    /// Whether the next try may go better without anybody doing anything.
    fn passes(self) -> bool {
        match self {
            Self::Status(status) => status == 429 || status >= 500,
            Self::TimedOut | Self::Unreachable | Self::BrokeOff => true,
            Self::Dns
            | Self::Tls
            | Self::NotHttp
            | Self::Redirect
            | Self::TooLarge
            | Self::Encoding => false,
        }
    }
}

impl AskError {
    pub(super) fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self {
            fault,
            message: message.into(),
            pause: None,
        }
    }

    pub(super) fn status(status: StatusCode) -> Self {
        Self::new(
            Fault::Status(status.as_u16()),
            format!("answered {}", named(status)),
        )
    }

    pub(super) fn timed_out(after: Duration) -> Self {
        Self::new(
            Fault::TimedOut,
            format!("did not answer within {} s", after.as_secs_f64()),
        )
    }

    /// Where something was to be taken, it was sent on. `setting` is the variable that holds the address.
    pub(super) fn sent_on(status: StatusCode, setting: &str) -> Self {
        let sentence = format!(
            "answered {}, and is not followed; if it has moved, set {setting}",
            named(status)
        );
        Self::new(Fault::Redirect, sentence)
    }

    /// The same, with the first words of the answer.
    pub(super) fn saying(mut self, said: Option<&str>) -> Self {
        if let Some(said) = said {
            self.message = format!("{}: {said}", self.message);
        }
        self
    }

    /// What `reqwest` says before there is an answer. `setting` is the variable that holds the address.
    pub(super) fn before_the_answer(error: reqwest::Error, setting: &str) -> Self {
        // Its address may hold secrets.
        let error = error.without_url();
        tracing::info!(?error, setting, "no answer");
        Self::told(&error, setting).unwrap_or_else(|| {
            if error.is_connect() {
                Self::new(Fault::Unreachable, "can't be reached (no connection)")
            } else {
                Self::new(Fault::BrokeOff, "closed the connection without an answer")
            }
        })
    }

    /// What `reqwest` says in the middle of an answer.
    pub(super) fn within_the_answer(error: reqwest::Error, setting: &str) -> Self {
        let error = error.without_url();
        tracing::info!(?error, setting, "an answer can't be read");
        let corrupt = find::<io::Error>(&error).is_some_and(|error| {
            matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other
            )
        });
        Self::told(&error, setting).unwrap_or_else(|| {
            if error.is_decode() && corrupt && find::<hyper::Error>(&error).is_none() {
                Self::new(
                    Fault::Encoding,
                    "answered with a body that can't be unpacked",
                )
            } else {
                Self::new(Fault::BrokeOff, "broke off in the middle of its answer")
            }
        })
    }

    /// The error of a layer that says by its type what is wrong.
    fn told(error: &reqwest::Error, setting: &str) -> Option<Self> {
        if let Some(NameError { name, .. }) = find(error) {
            return Some(Self::new(
                Fault::Dns,
                format!("can't be reached: the name {name} has no address"),
            ));
        }
        if let Some(error) = find::<rustls::Error>(error) {
            return Some(Self::new(Fault::Tls, tls(error, setting)));
        }
        let mut of_http = causes(error).filter_map(|error| error.downcast_ref::<hyper::Error>());
        of_http.find_map(|error| {
            if error.is_parse_too_large() {
                Some(Self::new(
                    Fault::TooLarge,
                    "answered with more headers than any answer needs",
                ))
            } else if error.is_parse() || error.to_string() == UNASKED {
                Some(Self::new(
                    Fault::NotHttp,
                    format!(
                        "answered with something that is not HTTP; check the address in {setting}"
                    ),
                ))
            } else {
                None
            }
        })
    }

    /// The same, with the pause that was asked for before the next try.
    pub(super) fn with_pause(mut self, pause: Option<Duration>) -> Self {
        self.pause = pause;
        self
    }

    /// The same, with the proxy that was in between.
    pub(super) fn through(mut self, proxy: Option<&str>) -> Self {
        if let Some(proxy) = proxy {
            self.message = format!("{} (asked through the proxy {proxy})", self.message);
        }
        self
    }

    /// How it failed.
    #[must_use]
    pub fn sort(&self) -> Fault {
        self.fault
    }

    /// Whether the next try may go better without anybody doing anything.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.fault.passes()
    }

    /// The pause that was asked for before the next try.
    #[must_use]
    pub fn pause(&self) -> Option<Duration> {
        self.pause
    }
}

/// A status as people know it: "404 (Not Found)".
pub(super) fn named(status: StatusCode) -> String {
    format!(
        "{} ({})",
        status.as_u16(),
        status.canonical_reason().unwrap_or("no known status")
    )
}

fn tls(error: &rustls::Error, setting: &str) -> String {
    use rustls::{CertificateError as Certificate, Error};
    match error {
        Error::InvalidCertificate(certificate) => {
            let reason = match certificate {
                Certificate::Expired | Certificate::ExpiredContext { .. } => {
                    "it has expired".to_owned()
                }
                Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                    "it is not valid yet".to_owned()
                }
                Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                    "it is for another name".to_owned()
                }
                Certificate::UnknownIssuer => "its issuer is not known here".to_owned(),
                other => other.to_string(),
            };
            format!("has a certificate that is not trusted ({reason})")
        }
        Error::InvalidMessage(_) => format!(
            "does not speak TLS at this port; check whether the address in {setting} begins with http://"
        ),
        Error::AlertReceived(alert) => format!("refused a TLS connection ({alert:?})"),
        other => format!("can't be reached over TLS ({other})"),
    }
}

/// The error of this type among the causes of one.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    causes(error).find_map(|error| error.downcast_ref())
}

/// An error and its causes, the nearest first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| {
        // An io::Error hides the error that it holds: as its source it gives that one's source.
        match error.downcast_ref().and_then(io::Error::get_ref) {
            Some(held) => Some(held),
            None => error.source(),
        }
    })
}
