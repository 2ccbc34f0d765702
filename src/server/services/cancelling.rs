//! How an import ends that somebody has stopped, or whose processes are gone.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    model::import_log::{DateOutcome, FailureKind, Phase},
    server::{
        db::{import_dates, outcomes, recovery::Run},
        importer::summary,
    },
};

/// Ends an import whose run the caller's transaction has locked, if somebody has asked for it to stop. A range all of
/// whose days were imported before it could has succeeded all the same. Answers whether it has ended.
///
/// # Errors
/// When the database refuses.
pub async fn end_cancelled(
    db: &mut PgConnection,
    run: &Run,
    at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let Some(by) = run.cancelled_by else {
        return Ok(false);
    };
    if succeed_if_complete(&mut *db, run, at).await? {
        return Ok(true);
    }
    let dates = import_dates::of(&mut *db, run.import_id).await?;
    let message = if run.phase == Phase::Uploading {
        format!("The upload was cancelled from the {by}. Upload the file again whenever you like.")
    } else {
        summary::of_cancel(&dates, by).unwrap_or_else(|| {
            format!(
                "Cancelled from the {by}. Nothing of it was imported; run it again whenever you like."
            )
        })
    };
    outcomes::fail(db, run.key(), at, FailureKind::Cancelled, &message).await
}

/// Ends a range as a success if all its days have been imported: nothing of it is missing, whatever became of its attempt.
/// Answers whether it has ended.
///
/// # Errors
/// When the database refuses.
pub async fn succeed_if_complete(
    db: &mut PgConnection,
    run: &Run,
    at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let dates = import_dates::of(&mut *db, run.import_id).await?;
    let came = dates
        .iter()
        .all(|date| date.outcome == DateOutcome::Success);
    if dates.is_empty() || !came {
        return Ok(false);
    }
    let note = summary::of_notes(&import_dates::notes(&mut *db, run.import_id).await?);
    outcomes::succeed_range(db, run.key(), at, note.as_deref()).await
}
