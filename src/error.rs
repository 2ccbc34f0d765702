//! What a user may be told: one sentence, and the HTTP status it stands for.
//!
//! This is the only error that crosses the wire. Causes (SQL, sockets, paths) stay in the server's log.

use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};
use serde::{Deserialize, Serialize};

/// The kinds of failure a caller can tell apart, each with its HTTP status (RFC 9110 §15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// 400: the request can't be read.
    Malformed,
    /// 401: nobody is signed in, or not any more.
    SignedOut,
    /// 403: whoever asks may not.
    Forbidden,
    /// 404: there is no such thing.
    NotFound,
    /// 408: what was sent did not arrive in time.
    TooSlow,
    /// 409: it can't be done in the present state.
    Conflict,
    /// 413: the upload is larger than allowed.
    TooLarge,
    /// 415: the upload is of a kind that no import reads.
    UnsupportedType,
    /// 422: readable, but its content can't be used.
    Unprocessable,
    /// 429 (RFC 6585 §4): too much of it in too short a time.
    TooMany,
    /// 500: our fault; the log has the cause.
    Internal,
    /// 507 (RFC 4918 §11.5): the disk is full.
    DiskFull,
    /// 503: something we depend on is missing or down; trying later may help.
    Unavailable,
    /// 504: no answer came at all. Who waits for it in vain says so itself.
    NoAnswer,
    /// 426: another edition of NumWatch answers than the one that asks, which has to be loaded anew.
    Outdated,
}

impl ErrorKind {
    /// The HTTP status code.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::SignedOut => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::TooSlow => 408,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::UnsupportedType => 415,
            Self::Unprocessable => 422,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::DiskFull => 507,
            Self::Unavailable => 503,
            Self::NoAnswer => 504,
            Self::Outdated => 426,
        }
    }

    /// The kind that has this status; what has none is our fault.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        [
            Self::Malformed,
            Self::SignedOut,
            Self::Forbidden,
            Self::NotFound,
            Self::TooSlow,
            Self::Conflict,
            Self::TooLarge,
            Self::UnsupportedType,
            Self::Unprocessable,
            Self::TooMany,
            Self::DiskFull,
            Self::Unavailable,
        ]
        .into_iter()
        .find(|kind| kind.status() == status)
        .unwrap_or(Self::Internal)
    }
}

/// An error as a person or a client sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct AppError {
    pub kind: ErrorKind,
    /// What happened, where, and what to do: a sentence.
    pub message: String,
}

impl AppError {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// Nobody is signed in, or not any more.
    #[must_use]
    pub fn signed_out() -> Self {
        Self::new(
            ErrorKind::SignedOut,
            "Nobody is signed in, or not any more. Sign in, and try again.",
        )
    }

    /// No answer came at all.
    #[must_use]
    pub fn unreachable() -> Self {
        Self::new(
            ErrorKind::NoAnswer,
            "The server can't be reached. Check the connection and try again.",
        )
    }

    /// No answer came in time, and nobody waits for it any longer.
    #[must_use]
    pub fn no_answer() -> Self {
        Self::new(
            ErrorKind::NoAnswer,
            "The server did not answer in time. The table shows whether it was done; if not, try again.",
        )
    }

    /// An answer with this HTTP status that isn't NumWatch's own: something before it answers in its place.
    #[must_use]
    pub fn of_status(status: u16) -> Self {
        Self::new(
            ErrorKind::Unavailable,
            format!(
                "The server, or something before it, answered with status {status}. Try again in a moment."
            ),
        )
    }

    /// Whether no answer came at all: then it isn't the server that says so.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        self.kind == ErrorKind::NoAnswer
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::unreachable(),
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => Self::new(
                ErrorKind::Malformed,
                "The request can't be read: a value is missing in it, or is of another kind than it must be. Reload the page and try again.",
            ),
            _ => Self::new(
                ErrorKind::Internal,
                "The answer can't be read. Reload the page and try again.",
            ),
        }
    }
}
