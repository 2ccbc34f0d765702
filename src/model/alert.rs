//! Alerts: what NumWatch tells a webhook by itself, and what became of each.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    history::Zone,
    import_log::{FailureKind, ImportStatus, ImportType, Requester},
    moment,
    words::words,
};

words!(
    /// What is told.
    Event {
        ImportFailed = "import_failed",
        /// What a failed import lacked has come, or a success that was overdue.
        ImportRecovered = "import_recovered",
        /// A day brought far fewer draws than usual, or far more.
        UnusualVolume = "unusual_volume",
        /// No scheduled import has succeeded for too long.
        SuccessOverdue = "success_overdue",
        /// So many at once that one message tells of them.
        Summary = "summary",
        /// Somebody tried whether alerts arrive.
        Test = "test",
    } or Unknown
);

words!(
    /// What became of an alert.
    AlertState {
        /// It is to be sent, for the first time or again.
        Waiting = "waiting",
        Delivered = "delivered",
        /// Nobody took it, and it is not tried again.
        GivenUp = "given_up",
        /// A summary tells of it, and of others.
        SummedUp = "summed_up",
    } or Unknown
);

/// The import that an alert is about, as it was then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertedImport {
    pub id: i32,
    pub import_type: ImportType,
    pub filename: Option<String>,
    pub status: ImportStatus,
    pub failure_kind: Option<FailureKind>,
    pub error_message: Option<String>,
    #[serde(with = "moment")]
    pub started_at: DateTime<Utc>,
    #[serde(with = "moment")]
    pub completed_at: Option<DateTime<Utc>>,
    #[serde(with = "moment")]
    pub range_start: Option<NaiveDate>,
    #[serde(with = "moment")]
    pub range_end: Option<NaiveDate>,
    pub requested_by: Option<Requester>,
    pub retry_of: Option<i32>,
}

/// What more there is to say, by the kind of event. What it doesn't have is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AlertDetail {
    /// The day of unusual volume, and how many draws it has and usually has.
    pub date: Option<NaiveDate>,
    pub sentence: Option<String>,
    /// The id of the alert whose trouble is over, and the import that ended it.
    pub recovers: Option<String>,
    pub recovered_by: Option<i32>,
    /// Since when no scheduled import has succeeded, and after how many hours that is too long.
    pub since: Option<DateTime<Utc>>,
    pub hours: Option<i64>,
    /// How many alerts of each event a summary tells of.
    pub counts: Option<BTreeMap<String, i64>>,
}

/// An alert, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Alert {
    /// By which receivers know one that comes twice (`webhook-id`).
    pub id: String,
    pub event: Event,
    /// What it says to people.
    pub text: String,
    pub import_id: Option<i32>,
    #[serde(with = "moment")]
    pub created_at: DateTime<Utc>,
    pub state: AlertState,
    /// How often it was sent, or tried to be.
    pub attempts: i32,
    /// When it is tried again, while it waits.
    #[serde(with = "moment")]
    pub next_attempt_at: Option<DateTime<Utc>>,
    #[serde(with = "moment")]
    pub ended_at: Option<DateTime<Utc>>,
    /// To whom it went last.
    pub host: Option<String>,
    /// Why the last attempt was none: "hooks.example answered 500 (Internal Server Error)."
    pub trouble: Option<String>,
    /// The summary that tells of it.
    pub summary_id: Option<String>,
}

impl Alert {
    /// How a test went, in a sentence; `None` while nobody knows.
    #[must_use]
    pub fn went(&self) -> Option<String> {
        match (self.state, &self.trouble) {
            (AlertState::Delivered, _) => {
                let host = self.host.as_deref().unwrap_or("the webhook");
                Some(format!("The test was delivered to {host}."))
            }
            (_, Some(trouble)) => Some(format!("The test was not delivered: {trouble}")),
            (_, None) => None,
        }
    }
}

/// Where alerts go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Receiver {
    pub host: String,
    /// Each message has a signature.
    pub signed: bool,
}

/// The latest alerts, and where they go; with the moment by which their ages are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Alerts {
    #[serde(with = "moment")]
    pub now: DateTime<Utc>,
    /// None: no process sends any.
    pub receivers: Vec<Receiver>,
    /// After so many hours without a scheduled success one is overdue; 0: never.
    pub overdue_hours: i64,
    /// Newest first.
    pub alerts: Vec<Alert>,
}

/// What the page of alerts shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertsPage {
    pub zone: Zone,
    pub latest: Alerts,
    /// The test that was just sent.
    pub test: Option<Alert>,
    /// Why what was asked was not done.
    pub refused: Option<String>,
}

/// How many alerts there are of each fate, of those that are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlertCounts {
    pub delivered: i64,
    pub given_up: i64,
    pub waiting: i64,
    pub summed_up: i64,
}
