//! `numwatch alert`: what is told to a webhook.

use clap::Subcommand;

use super::{
    connect::{Failure, connect},
    parts::Parts,
    print,
};
use crate::{
    model::alert::AlertState,
    server::{actor::Actor, clock::Clock, config::Config},
};

#[derive(Debug, Subcommand)]
pub enum Alert {
    /// Sends an alert to `ALERT_WEBHOOK_URL`, to see whether it arrives
    Test,
}

impl Alert {
    /// Does it, and prints what came of it.
    ///
    /// # Errors
    /// When it can't connect, no webhook is set, or the alert isn't taken.
    pub async fn run(self) -> Result<(), Failure> {
        let config = Config::from_env()?;
        if config.alerts.webhook.is_none() {
            return Err("ALERT_WEBHOOK_URL: is not set, so that there is nobody to tell. Set it to the address of a webhook, as the server has it".into());
        }
        let pool = connect(&config).await?;
        let parts = Parts::wire(&config, pool, Clock::system()).await?;
        print::line(&test(&parts).await?)?;
        Ok(())
    }
}

/// Sends a test, from here unless a server is quicker. Answers how it went, in a sentence.
///
/// # Errors
/// When it isn't taken.
pub async fn test(parts: &Parts) -> Result<String, Failure> {
    let sending = parts.sends_alerts();
    let test = parts.alerts.test(&Actor::terminal()).await;
    drop(sending);
    let test = test.map_err(|error| error.tell())?;
    match (test.state, test.went()) {
        (AlertState::Delivered, Some(went)) => Ok(went),
        (_, Some(went)) => Err(format!("{went} Check ALERT_WEBHOOK_URL.").into()),
        (_, None) => Err("The test is not delivered yet: the webhook takes long to answer.".into()),
    }
}
