//! `numwatch retain`: removes what is old, at once.

use super::{
    connect::{Failure, connect},
    parts::Parts,
    print,
};
use crate::server::{actor::Actor, clock::Clock, config::Config};

/// Connects, removes what is old, and prints what that was.
///
/// # Errors
/// When it can't connect, the database refuses, or a file can't be removed.
pub async fn run() -> Result<(), Failure> {
    let config = Config::from_env()?;
    let pool = connect(&config).await?;
    let parts = Parts::wire(&config, pool, Clock::system()).await?;
    print::line(&retain(&parts).await?)?;
    Ok(())
}

/// Removes what is old, and the files of uploads with it. Answers what was removed, in a sentence.
///
/// # Errors
/// When the database refuses, or a file can't be removed.
pub async fn retain(parts: &Parts) -> Result<String, Failure> {
    let (removed, unneeded) = parts
        .retention
        .run(&Actor::terminal())
        .await
        .map_err(|error| error.tell())?;
    for key in &unneeded {
        parts.housekeeping.payloads.delete(key).await?;
    }
    parts.housekeeping.tidy().await?;
    Ok(format!("Removed {}.", removed.in_words()))
}
