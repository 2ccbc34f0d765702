//! Alerts: what NumWatch tells a webhook by itself. What happens writes them, in its own transaction and whichever process it is
//! (migration `alerts`); any process that has the webhook sends what is due. This tells of them, and sends a test.

mod message;
mod pauses;
mod share;
mod signature;
mod text;
mod webhook;

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use sqlx::PgPool;
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

use self::{
    message::Message,
    share::{MOST, Share, WITHIN, share},
    webhook::Webhook,
};
use super::ServiceError;
use crate::{
    error::ErrorKind,
    model::{
        access::Action,
        alert::{self, Alert, AlertState},
        audit::Detail,
    },
    server::{
        actor::Actor,
        clock::Clock,
        config,
        db::{
            alert_sending::{self, Missed},
            alerts::{self, Stored},
            audit, schedule,
        },
    },
};

/// So many messages are on their way at a time.
const AT_ONCE: i64 = 4;
/// Who doesn't say so long after its time limit how an attempt went has stopped.
const GRACE: Duration = Duration::from_secs(20);
/// A process that has just started gives the schedule so long before it calls a success overdue.
const WARMING_UP: Duration = Duration::from_mins(10);
/// Whoever sends a test waits so long to hear how it went.
const PATIENCE: Duration = Duration::from_secs(5);

/// What to do to have alerts.
const NO_WEBHOOK: &str =
    "Nobody is told: no process has a webhook. Set ALERT_WEBHOOK_URL, and start NumWatch again.";

/// The alerts.
#[derive(Clone, Debug)]
pub struct Alerts(Arc<Telling>);

/// Who is told, and what is needed for it.
#[derive(Debug)]
struct Telling {
    pool: PgPool,
    webhook: Option<Webhook>,
    timeout: Duration,
    overdue_hours: i64,
    home: Option<Url>,
    installation: Uuid,
    since: Instant,
}

impl Alerts {
    /// The alerts of the database that has this id.
    ///
    /// # Errors
    /// When no TLS can be set up on this machine, or a proxy's address is none.
    pub fn new(
        pool: PgPool,
        clock: Clock,
        installation: Uuid,
        config: &config::Config,
    ) -> reqwest::Result<Self> {
        let alerts = &config.alerts;
        Ok(Self(Arc::new(Telling {
            pool,
            webhook: Webhook::new(alerts, clock)?,
            timeout: alerts.timeout,
            overdue_hours: alerts.overdue_hours,
            home: alerts.public_url.clone(),
            installation,
            since: Instant::now(),
        })))
    }

    /// Whether this process sends any.
    #[must_use]
    pub fn has_webhook(&self) -> bool {
        self.0.webhook.is_some()
    }

    /// The newest, up to so many, and where they go.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn latest(&self, limit: i64) -> Result<alert::Alerts, ServiceError> {
        Ok(alert::Alerts {
            now: schedule::now(&self.0.pool).await?,
            receivers: alerts::receivers(&self.0.pool).await?,
            overdue_hours: self.0.overdue_hours,
            alerts: alerts::latest(&self.0.pool, limit)
                .await?
                .into_iter()
                .map(told)
                .collect(),
        })
    }

    /// One of them, by its id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn get(&self, id: &str) -> Result<Option<Alert>, ServiceError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        Ok(alerts::get(&self.0.pool, id).await?.map(told))
    }

    /// Sends a test, and waits a little to hear whether it arrived.
    ///
    /// # Errors
    /// When they may not, nobody sends alerts, or the database refuses.
    pub async fn test(&self, by: &Actor) -> Result<Alert, ServiceError> {
        let permit = by.permit(Action::TestAlerts)?;
        let mut tx = self.0.pool.begin().await?;
        if !self.has_webhook() && alerts::receivers(&mut *tx).await?.is_empty() {
            return Err(ServiceError::told(ErrorKind::Conflict, NO_WEBHOOK));
        }
        let id = alerts::add_test(&mut *tx).await?;
        audit::note(&mut *tx, &permit, None, Detail::default()).await?;
        tx.commit().await?;
        let begun = Instant::now();
        loop {
            let test = alerts::get(&self.0.pool, id).await?;
            let test = test.ok_or(sqlx::Error::RowNotFound)?;
            let is_known = test.state != AlertState::Waiting || test.trouble.is_some();
            if is_known || begun.elapsed() > PATIENCE {
                return Ok(told(test));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Says that this process sends alerts, so that what happens is written down for it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn be_sender(&self) -> sqlx::Result<()> {
        match &self.0.webhook {
            Some(webhook) => alerts::be_sender(&self.0.pool, &webhook.shown()).await,
            None => Ok(()),
        }
    }

    /// Sends what is due, or some of it. Several processes may do so at the same time. One that stops in the middle of it is
    /// followed by another one, with the same message.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn send(&self) -> sqlx::Result<()> {
        let Some(webhook) = &self.0.webhook else {
            return Ok(());
        };
        self.be_sender().await?;
        let due = self.choose().await?;
        let attempts = due.iter().map(|alert| self.attempt(webhook, alert));
        join_all(attempts).await.into_iter().collect()
    }

    /// Chooses what is sent now. The choice is one process's at a time, or several would choose up to the limit each.
    async fn choose(&self) -> sqlx::Result<Vec<Stored>> {
        let mut tx = self.0.pool.begin().await?;
        if !alert_sending::take_turn(&mut *tx).await? {
            return Ok(Vec::new());
        }
        let room = MOST - alert_sending::begun_within(&mut *tx, WITHIN).await?;
        let room = room.max(0);
        // One more tells whether there are more.
        let mut fresh = alert_sending::fresh(&mut *tx, room + 1).await?;
        match share(fresh.len(), usize::try_from(room).unwrap_or_default()) {
            Share::Alone => {}
            Share::First(alone) => {
                fresh.truncate(alone);
                alert_sending::sum_up(&mut tx, &fresh).await?;
            }
            Share::Later => fresh.clear(),
        }
        let lease = self.0.timeout + GRACE;
        let due = alert_sending::take(&mut *tx, &fresh, AT_ONCE, lease).await?;
        let due = alerts::these(&mut *tx, &due).await?;
        tx.commit().await?;
        Ok(due)
    }

    async fn attempt(&self, webhook: &Webhook, alert: &Stored) -> sqlx::Result<()> {
        let message = Message::of(alert, self.0.installation, self.0.home.as_ref());
        let body = serde_json::to_string(&message).unwrap_or_default();
        let host = webhook.shown().host;
        let (id, attempt) = (alert.id, alert.attempts);
        let Err(error) = webhook.send(id, body).await else {
            return alert_sending::delivered(&self.0.pool, id, attempt, &host).await;
        };
        let pause = pauses::after_failure(attempt, &error);
        tracing::warn!(alert = %id, event = %alert.event, host, attempt, ?pause, %error, "an alert was not taken");
        let missed = Missed {
            host: &host,
            trouble: &format!("{host} {error}."),
            pause,
        };
        alert_sending::missed(&self.0.pool, id, attempt, missed).await
    }

    /// Looks whether a scheduled success is overdue, and forgets what is long over. Several processes may look at the same time.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn watch(&self) -> sqlx::Result<()> {
        if self.0.since.elapsed() >= WARMING_UP {
            self.look().await?;
        }
        alerts::forget(&self.0.pool).await
    }

    /// Writes an alert if a scheduled success is overdue: once, until there is one. Answers whether it did.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn look(&self) -> sqlx::Result<bool> {
        if !self.has_webhook() || self.0.overdue_hours == 0 {
            return Ok(false);
        }
        alerts::add_overdue(&self.0.pool, self.0.overdue_hours).await
    }
}

/// An alert as it is told of.
fn told(alert: Stored) -> Alert {
    let waits = alert.state == AlertState::Waiting;
    Alert {
        text: text::of(&alert),
        id: alert.id.to_string(),
        event: alert.event,
        import_id: alert.import_id,
        created_at: alert.created_at,
        state: alert.state,
        attempts: alert.attempts,
        next_attempt_at: waits.then_some(alert.due_at),
        ended_at: alert.ended_at,
        host: alert.host,
        trouble: alert.trouble,
        summary_id: alert.summary_id.map(|id| id.to_string()),
    }
}
