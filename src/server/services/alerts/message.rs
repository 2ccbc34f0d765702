//! The message that a webhook is sent: docs/alert.schema.json describes it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use url::Url;
use uuid::Uuid;

use super::text;
use crate::{
    model::alert::{AlertedImport, Event},
    server::db::alerts::Stored,
};

/// The edition of the schema. Members are added without another one, but none is taken away or means something else.
const VERSION: u8 = 1;

/// What is sent. Each member is always there: what there is nothing to say of is null.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    version: u8,
    id: String,
    event: Event,
    /// What chats show.
    text: String,
    occurred_at: DateTime<Utc>,
    /// Which NumWatch it is.
    installation: String,
    /// Where people read more.
    url: Option<String>,
    import: Option<Import>,
    /// The alert whose trouble is over, by its id, and the import that ended it.
    recovers: Option<String>,
    recovered_by: Option<i32>,
    /// The day of unusual volume.
    date: Option<NaiveDate>,
    overdue: Option<Overdue>,
    summary: Option<Summary>,
}

#[derive(Clone, Debug, Serialize)]
struct Import {
    #[serde(flatten)]
    import: AlertedImport,
    url: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Overdue {
    since: Option<DateTime<Utc>>,
    hours: Option<i64>,
}

#[derive(Clone, Debug, Serialize)]
struct Summary {
    alerts: i64,
    events: BTreeMap<String, i64>,
}

impl Message {
    /// What is said of an alert; `home` is where people find this NumWatch.
    #[must_use]
    pub fn of(alert: &Stored, installation: Uuid, home: Option<&Url>) -> Self {
        let at = |path: &str| home.and_then(|home| home.join(path).ok()).map(String::from);
        let detail = alert.detail.clone();
        let url = match (alert.event, alert.import_id) {
            (Event::ImportFailed | Event::ImportRecovered | Event::UnusualVolume, Some(id)) => {
                at(&format!("imports/{id}"))
            }
            (Event::SuccessOverdue, _) => at(""),
            _ => at("alerts"),
        };
        let said = text::of(alert);
        let text = match &url {
            Some(url) => format!("NumWatch: {said} {url}"),
            None => format!("NumWatch: {said}"),
        };
        Self {
            version: VERSION,
            id: alert.id.to_string(),
            event: alert.event,
            text,
            occurred_at: alert.created_at,
            installation: installation.to_string(),
            url,
            import: alert.import.clone().map(|import| Import {
                url: at(&format!("imports/{}", import.id)),
                import,
            }),
            recovers: detail.recovers,
            recovered_by: detail.recovered_by,
            date: detail.date,
            overdue: (alert.event == Event::SuccessOverdue).then_some(Overdue {
                since: detail.since,
                hours: detail.hours,
            }),
            summary: detail.counts.map(|events| Summary {
                alerts: events.values().sum(),
                events,
            }),
        }
    }
}
