//! What happened to an import between its start and its end.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{import_log::Phase, words::words};

words!(
    /// What can happen to an import.
    EventKind {
        /// Its upload had arrived whole.
        Received = "received",
        /// A worker began it.
        Begun = "begun",
        /// An attempt entered a phase.
        Phase = "phase",
        /// An attempt ended without success, and it went back in line.
        HandedBack = "handed_back",
        /// Somebody asked for it to stop.
        CancelAsked = "cancel_asked",
        /// Somebody settled its failure, which nobody will retry.
        Dismissed = "dismissed",
        /// It was run again as another import.
        Retried = "retried",
        /// What it had brought was taken back.
        Undone = "undone",
        /// Another import brought what it lacks.
        Resolved = "resolved",
    } or Unknown
);

/// One thing that happened to an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ImportEvent {
    pub at: DateTime<Utc>,
    pub kind: EventKind,
    /// The attempt that it happened to; 0 before the first, and after the last.
    pub attempt: i32,
    /// The phase that was entered.
    pub phase: Option<Phase>,
    /// Why, in a sentence; or who asked.
    pub detail: Option<String>,
    /// Who asked, where that is known.
    pub by: Option<String>,
    /// The other import that it tells of.
    pub other: Option<i32>,
}
