//! Why a day of a range failed.

use std::mem::{Discriminant, discriminant};

use super::decode::DecodeError;
use crate::{
    model::import_log::{FailureKind, ImportReject},
    server::feed::client::{FeedError, FeedFault},
};

/// What days that fail alike have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    NoFeed,
    /// The feed gave no answer.
    Feed(FeedFault),
    /// Its answer can't be read.
    Answer(Discriminant<DecodeError>),
    /// None of the records that it answered can be used.
    Unusable,
    /// The database took none of it.
    Refused,
}

/// A day that failed.
#[derive(Debug)]
pub struct DayFailure {
    pub kind: FailureKind,
    pub sort: Sort,
    pub sentence: String,
    /// The first records that were to blame, and how many there are.
    pub rejects: Vec<ImportReject>,
    pub rejected: i64,
}

impl DayFailure {
    fn new(kind: FailureKind, sort: Sort, sentence: String) -> Self {
        Self {
            kind,
            sort,
            sentence,
            rejects: Vec::new(),
            rejected: 0,
        }
    }

    pub fn no_feed() -> Self {
        Self::new(
            FailureKind::SourceUnavailable,
            Sort::NoFeed,
            "No feed is configured: set EXTERNAL_API_URL.".into(),
        )
    }

    pub fn of_feed(error: &FeedError) -> Self {
        Self::new(
            FailureKind::SourceUnavailable,
            Sort::Feed(error.sort()),
            format!("The feed {error}."),
        )
    }

    pub fn of_answer(error: &DecodeError) -> Self {
        let kind = if error.is_no_answer() {
            FailureKind::SourceUnavailable
        } else {
            FailureKind::InvalidInput
        };
        Self::new(kind, Sort::Answer(discriminant(error)), error.to_string())
    }

    pub fn refused() -> Self {
        Self::new(
            FailureKind::Internal,
            Sort::Refused,
            "The database refused this day's data, which is a fault of NumWatch. The server's log has the cause."
                .into(),
        )
    }
}
