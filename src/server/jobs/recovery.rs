//! What becomes of imports that nobody works on any more: they go back in line, or end with a reason.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    model::{
        count::count,
        import_log::{DateOutcome, FailureKind, Phase},
    },
    server::{
        db::{
            import_dates, outcomes,
            recovery::{self, Run},
            runs::{self, Again},
            sessions,
        },
        services::cancelling,
    },
};

/// A log without a run, and a run that no process can take, are given so long.
pub const PATIENCE: Duration = Duration::from_secs(45);

/// What is said of an import that waits because its process is gone.
const STOPPED: &str = "The process that worked on it stopped.";

/// What recovery found and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Ended, most of them as failures.
    pub failed: u64,
    /// Put back in line.
    pub requeued: u64,
}

/// Looks for imports whose lease has ended, and puts each back in line or, when that can't help, ends it. Sessions
/// that still write their data are ended first: they may be stuck, and would hold up the next attempt. Any process may do
/// this at any time.
///
/// # Errors
/// When the database refuses.
pub async fn recover(
    db: &mut PgConnection,
    max_attempts: i32,
    at: DateTime<Utc>,
) -> sqlx::Result<Recovered> {
    sessions::end_abandoned(&mut *db).await?;
    let mut found = Recovered::default();
    for run in recovery::lock_expired(&mut *db).await? {
        if cancelling::end_cancelled(&mut *db, &run, at).await? {
            found.failed += 1;
        } else if run.phase == Phase::Uploading || run.tries >= max_attempts {
            if !cancelling::succeed_if_complete(&mut *db, &run, at).await? {
                let message = interrupted(&mut *db, &run).await?;
                let kind = FailureKind::Interrupted;
                outcomes::fail(&mut *db, run.key(), at, kind, &message).await?;
            }
            found.failed += 1;
        } else {
            runs::hand_back(&mut *db, run.key(), Again::Failed(STOPPED)).await?;
            found.requeued += 1;
        }
    }
    for id in recovery::without_run(&mut *db, PATIENCE).await? {
        let message = "Nothing is working on this import. Start it again.";
        outcomes::fail_without_run(&mut *db, id, at, FailureKind::Interrupted, message).await?;
        found.failed += 1;
    }
    Ok(found)
}

/// Ends the imports that wait in line for a process that isn't there: none runs imports, or none has what they need.
/// Answers how many.
///
/// # Errors
/// When the database refuses.
pub async fn end_stranded(db: &mut PgConnection, at: DateTime<Utc>) -> sqlx::Result<u64> {
    let stranded = recovery::lock_stranded(&mut *db, PATIENCE).await?;
    for run in &stranded {
        let message = stranded_message(run);
        let kind = FailureKind::Interrupted;
        outcomes::fail(&mut *db, run.key(), at, kind, &message).await?;
    }
    Ok(u64::try_from(stranded.len()).unwrap_or(u64::MAX))
}

fn stranded_message(run: &Run) -> String {
    let lacks = match &run.feed {
        Some(feed) => format!(" with the feed {feed} (EXTERNAL_API_URL)"),
        None if run.needs_store => " with the store that its file is in (NUMWATCH_PAYLOADS)".into(),
        None => String::new(),
    };
    format!(
        "No process that runs imports{lacks} is alive. Start one (numwatch serve, or numwatch worker), then retry."
    )
}

async fn interrupted(db: &mut PgConnection, run: &Run) -> sqlx::Result<String> {
    if run.phase == Phase::Uploading {
        return Ok(format!(
            "The upload was cut off after {} bytes: the server that received it stopped, or lost its database. Upload the file again.",
            run.progress
        ));
    }
    let times = match run.tries {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    };
    let dates = import_dates::of(db, run.import_id).await?;
    let done = dates
        .iter()
        .filter(|date| date.outcome == DateOutcome::Success)
        .count();
    let kept = if done > 0 {
        let days = i64::try_from(dates.len()).unwrap_or(i64::MAX);
        let days = count(days, "day", "days");
        format!("{done} of {days} had been imported, and stay. Run it again for the rest.")
    } else {
        "Nothing half done was kept; retry it.".to_owned()
    };
    Ok(format!(
        "Interrupted: the server stopped in the middle, {times}. {kept}"
    ))
}
