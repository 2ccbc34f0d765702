//! How an attempt ends: what it brought, or why it brought nothing.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, PgExecutor, types::Json};

use super::{attempts::AttemptKey, failures};
use crate::model::{difference::Difference, import_log::FailureKind};

/// What an import brought, counted by the statements that did it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub records: i64,
    pub games_created: i64,
    pub results_created: i64,
    pub games_updated: i64,
    pub results_updated: i64,
    /// Among those updated.
    pub results_corrected: i64,
    pub results_unchanged: i64,
    pub results_differing: i64,
    pub duplicates: i64,
    pub rejected: i64,
}

/// What an import brought: the numbers, and what there is to show and to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    pub counters: Counters,
    /// Both values of the first corrected or differing results.
    pub differences: Vec<Difference>,
    pub note: Option<String>,
}

/// A number of rows as the counters hold it.
pub fn counted(rows: impl TryInto<i64>) -> i64 {
    rows.try_into().unwrap_or(i64::MAX)
}

/// A number of records as the seed's INTEGER columns hold it.
fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Ends an import as a success, in the transaction that holds its data. Answers whether the log was still this
/// attempt's: if not, the caller must roll back.
///
/// # Errors
/// When the database refuses.
pub async fn succeed(
    db: &mut PgConnection,
    key: AttemptKey,
    at: DateTime<Utc>,
    brought: &Brought,
) -> sqlx::Result<bool> {
    let counters = &brought.counters;
    let ended = sqlx::query!(
        "WITH run AS (DELETE FROM import_runs WHERE import_id = $1 AND attempt = $2 RETURNING *)
         UPDATE import_logs log
         SET status = 'success', completed_at = greatest($3, started_at), error_message = NULL, attempt = run.attempt, handed_back = run.handed_back,
             progress = coalesce(run.progress_total, run.progress), progress_total = run.progress_total,
             records_processed = $4, games_created = $5,
             results_created = $6, results_updated = $7, results_unchanged = $8, duplicates = $9, records_rejected = $10,
             games_updated = $11, results_corrected = $12, results_differing = $13, differences = $14, note = $15, traced = true
         FROM run
         WHERE log.id = run.import_id AND log.status = 'running' AND run.cancelled_by IS NULL",
        key.import_id,
        key.number,
        at,
        int(counters.records),
        int(counters.games_created),
        int(counters.results_created),
        int(counters.results_updated),
        int(counters.results_unchanged),
        int(counters.duplicates),
        int(counters.rejected),
        int(counters.games_updated),
        int(counters.results_corrected),
        int(counters.results_differing),
        Json(&brought.differences) as _,
        brought.note.as_deref(),
    )
    .execute(&mut *db)
    .await?;
    if ended.rows_affected() == 0 {
        return Ok(false);
    }
    failures::resolve_same(db, key.import_id).await?;
    Ok(true)
}

/// Ends an upload as a failure, unless it has been queued or ended already. Answers whether it did.
///
/// # Errors
/// When the database refuses.
pub async fn refuse_upload(
    db: impl PgExecutor<'_>,
    id: i32,
    at: DateTime<Utc>,
    kind: FailureKind,
    message: &str,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "WITH run AS (DELETE FROM import_runs WHERE import_id = $1 AND phase = 'uploading' RETURNING *)
         UPDATE import_logs log
         SET status = 'failed', completed_at = greatest($2, started_at), failure_kind = $3, error_message = $4,
             progress = run.progress, progress_total = run.progress_total
         FROM run
         WHERE log.id = run.import_id AND log.status = 'running'",
        id,
        at,
        kind.as_str(),
        message
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Ends an import as a failure. Answers whether the log was still this attempt's.
///
/// # Errors
/// When the database refuses.
pub async fn fail(
    db: impl PgExecutor<'_>,
    key: AttemptKey,
    at: DateTime<Utc>,
    kind: FailureKind,
    message: &str,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "WITH run AS (DELETE FROM import_runs WHERE import_id = $1 AND attempt = $2 RETURNING *)
         UPDATE import_logs log
         SET status = 'failed', completed_at = greatest($3, started_at), failure_kind = $4, error_message = $5,
             attempt = run.attempt, handed_back = run.handed_back, progress = run.progress, progress_total = run.progress_total,
             records_processed = coalesce(run.records, log.records_processed), cancelled_by = run.cancelled_by
         FROM run
         WHERE log.id = run.import_id AND log.status = 'running'",
        key.import_id,
        key.number,
        at,
        kind.as_str(),
        message
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Ends as a failure an import that has no run: nothing ever worked on it. Answers whether it did.
///
/// # Errors
/// When the database refuses.
pub async fn fail_without_run(
    db: impl PgExecutor<'_>,
    id: i32,
    at: DateTime<Utc>,
    kind: FailureKind,
    message: &str,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "UPDATE import_logs log
         SET status = 'failed', completed_at = greatest($2, started_at), failure_kind = $3, error_message = $4
         WHERE id = $1 AND status = 'running' AND NOT EXISTS (SELECT FROM import_runs WHERE import_id = log.id)",
        id,
        at,
        kind.as_str(),
        message
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Adds one date's counters to its range's log, in the transaction that holds the date's data, and resolves the
/// failures for which it was the last day that they lacked. Answers whether the log was still this attempt's: if not,
/// the caller must roll back.
///
/// # Errors
/// When the database refuses.
pub async fn add_date(
    db: &mut PgConnection,
    key: AttemptKey,
    brought: &Brought,
    imported: Option<NaiveDate>,
) -> sqlx::Result<bool> {
    let counters = &brought.counters;
    let added = sqlx::query!(
        "WITH run AS (SELECT import_id FROM import_runs WHERE import_id = $1 AND attempt = $2 FOR UPDATE)
         UPDATE import_logs
         SET records_processed = records_processed + $3, games_created = games_created + $4,
             results_created = results_created + $5, results_updated = results_updated + $6,
             results_unchanged = results_unchanged + $7, duplicates = duplicates + $8,
             records_rejected = records_rejected + $9, successful_dates = successful_dates + $10::int,
             failed_dates = failed_dates + (1 - $10::int), games_updated = games_updated + $11,
             results_corrected = results_corrected + $12,
             differences = jsonb_path_query_array(differences || $13, '$[0 to 19]'), traced = true
         FROM run
         WHERE id = run.import_id AND status = 'running'",
        key.import_id,
        key.number,
        int(counters.records),
        int(counters.games_created),
        int(counters.results_created),
        int(counters.results_updated),
        int(counters.results_unchanged),
        int(counters.duplicates),
        int(counters.rejected),
        i32::from(imported.is_some()),
        int(counters.games_updated),
        int(counters.results_corrected),
        Json(&brought.differences) as _,
    )
    .execute(&mut *db)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(false);
    }
    if let Some(date) = imported {
        failures::resolve_day(db, key.import_id, date).await?;
    }
    Ok(true)
}

/// Ends a range whose dates all succeeded, with what there is to say of them; its counters stand already. A cancel that
/// came too late for all of them changes nothing. Answers whether the log was still this attempt's.
///
/// # Errors
/// When the database refuses.
pub async fn succeed_range(
    db: &mut PgConnection,
    key: AttemptKey,
    at: DateTime<Utc>,
    note: Option<&str>,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "WITH run AS (DELETE FROM import_runs WHERE import_id = $1 AND attempt = $2 RETURNING *)
         UPDATE import_logs log
         SET status = 'success', completed_at = greatest($3, started_at), note = $4, attempt = run.attempt, handed_back = run.handed_back,
             progress = coalesce(run.progress_total, run.progress), progress_total = run.progress_total
         FROM run
         WHERE log.id = run.import_id AND log.status = 'running'",
        key.import_id,
        key.number,
        at,
        note
    )
    .execute(&mut *db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Gives up the payload of an import that has no more use for it, and of failed ones with the same. Answers whether a running one
/// still needs it.
///
/// # Errors
/// When the database refuses.
pub async fn release_payload(
    db: &mut PgConnection,
    import_id: i32,
    payload: &str,
) -> sqlx::Result<bool> {
    sqlx::query!(
        "UPDATE import_logs SET payload = NULL WHERE payload = $1 AND (id = $2 OR status = 'failed')",
        payload,
        import_id
    )
    .execute(&mut *db)
    .await?;
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM import_logs WHERE payload = $1) AS "needed!""#,
        payload
    )
    .fetch_one(db)
    .await
}
