//! `import_logs` as people and clients read it, and the creation of rows.
//! What a worker writes while it runs stands in [`super::attempts`] and [`super::outcomes`],
//! what settles failures in [`super::failures`], and which logs a search finds in [`super::history`].
//!
//! Above 300 lines, since all that reads whole logs shares one list of columns.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, PgExecutor, types::Json};

use crate::{
    model::{
        difference::{Difference, Differences},
        import_log::{Earlier, FailureKind, ImportLog, ImportStatus, ImportType, Phase, Requester},
        undone::Undone,
    },
    server::actor::Actor,
};

impl From<Json<Vec<Difference>>> for Differences {
    fn from(Json(differences): Json<Vec<Difference>>) -> Self {
        Self(differences)
    }
}

impl From<Json<Undone>> for Undone {
    fn from(Json(undone): Json<Undone>) -> Self {
        undone
    }
}

/// A query for whole logs; `$tail` is what follows `FROM import_logs`.
macro_rules! logs {
    ($tail:literal $(, $arg:expr)*) => {
        sqlx::query_as!(
            ImportLog,
            r#"SELECT log.id, filename, import_type AS "import_type: ImportType", started_at, completed_at,
                      status AS "status: ImportStatus", coalesce(run.records, records_processed) AS "records_processed!", games_created, results_created,
                      error_message, file_size,
                      CASE WHEN status = 'running' THEN coalesce(run.phase, 'queued') ELSE 'ended' END AS "phase!: Phase",
                      coalesce(run.progress, log.progress) AS "progress!",
                      coalesce(run.progress_total, log.progress_total) AS progress_total, run.bytes_per_second, run.seconds_left,
                      games_updated, results_updated, results_corrected, results_unchanged, results_differing,
                      differences AS "differences: Json<Vec<Difference>>", duplicates, records_rejected,
                      failure_kind AS "failure_kind: FailureKind", note,
                      CASE run.phase WHEN 'queued' THEN CASE WHEN run.due_at > now() THEN run.due_at END
                                     ELSE run.waits_until END AS waits_until, run.trouble,
                      CASE run.phase WHEN 'queued' THEN
                          (SELECT 1 + count(*) FROM import_runs ahead
                           WHERE ahead.phase = 'queued' AND ahead.lane = run.lane
                             AND (ahead.queued_at, ahead.import_id) < (run.queued_at, run.import_id))
                      END AS queue_position, coalesce(run.attempt, log.attempt) AS "attempt!", payload_sha256,
                      range_start, range_end, successful_dates, failed_dates, retry_of, resolved_by, superseded_by,
                      open_failure, dismissed_by IS NOT NULL AS "dismissed!",
                      requested_by AS "requested_by: Requester", requested_by_name, request_id, coalesce(run.cancelled_by, log.cancelled_by) IS NOT NULL AS "cancel_requested!",
                      (status = 'failed' AND resolved_by IS NULL
                       AND CASE import_type WHEN 'sample_data' THEN true
                                            WHEN 'backup' THEN payload IS NOT NULL
                                            WHEN 'date_range' THEN coalesce(successful_dates < log.progress_total, false)
                                            ELSE false END) AS "retryable!",
                      (status <> 'running' AND traced AND undone_at IS NULL
                       AND games_created + games_updated + results_created + results_updated > 0) AS "undoable!",
                      undone_at, undone_by AS "undone_by: Requester", coalesce(undone, '{}') AS "undone!: Json<Undone>"
               FROM import_logs log LEFT JOIN import_runs run ON run.import_id = log.id "# + $tail
            $(, $arg)*
        )
    };
}

/// The latest `limit` logs, newest first. Served by the index `import_logs_latest`.
///
/// # Errors
/// When the database refuses.
pub async fn latest(db: impl PgExecutor<'_>, limit: i64) -> sqlx::Result<Vec<ImportLog>> {
    logs!("ORDER BY started_at DESC, log.id DESC LIMIT $1", limit)
        .fetch_all(db)
        .await
}

/// One log.
///
/// # Errors
/// When the database refuses.
pub async fn get(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<Option<ImportLog>> {
    logs!("WHERE log.id = $1", id).fetch_optional(db).await
}

/// These logs, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn of_ids(db: impl PgExecutor<'_>, ids: &[i32]) -> sqlx::Result<Vec<ImportLog>> {
    logs!(
        "WHERE log.id = ANY($1) ORDER BY started_at DESC, log.id DESC",
        ids
    )
    .fetch_all(db)
    .await
}

/// The newest import that the scheduler started.
///
/// # Errors
/// When the database refuses.
pub async fn last_scheduled(db: impl PgExecutor<'_>) -> sqlx::Result<Option<ImportLog>> {
    logs!("WHERE requested_by = 'scheduler' ORDER BY log.id DESC LIMIT 1")
        .fetch_optional(db)
        .await
}

/// The newest failures that are open (the column `open_failure` says which are), but for those that are shown already.
/// Served by the index `import_logs_open_failures`.
///
/// # Errors
/// When the database refuses.
pub async fn open_failures(
    db: impl PgExecutor<'_>,
    shown: &[i32],
    limit: i64,
) -> sqlx::Result<Vec<ImportLog>> {
    logs!(
        "WHERE open_failure AND log.id <> ALL($1) ORDER BY log.id DESC LIMIT $2",
        shown,
        limit
    )
    .fetch_all(db)
    .await
}

/// The newest success that brought a file with this SHA-256 and was not undone. It is compared as what the column holds: as any other text it
/// would be looked for in every log.
///
/// # Errors
/// When the database refuses.
pub async fn success_with_sha256(
    db: impl PgExecutor<'_>,
    sha256: &str,
) -> sqlx::Result<Option<Earlier>> {
    sqlx::query_as!(
        Earlier,
        r#"SELECT id, completed_at AS "ended!" FROM import_logs
           WHERE status = 'success' AND payload_sha256 = $1::bpchar AND undone_at IS NULL ORDER BY id DESC LIMIT 1"#,
        sha256
    )
    .fetch_optional(db)
    .await
}

/// A log row to be created.
#[derive(Clone, Debug)]
pub struct NewLog<'a> {
    pub import_type: ImportType,
    pub filename: Option<&'a str>,
    pub file_size: Option<i64>,
    pub started_at: DateTime<Utc>,
    pub progress_total: Option<i64>,
    pub payload: Option<&'a str>,
    pub payload_store: Option<&'a str>,
    pub payload_sha256: Option<&'a str>,
    pub range: Option<(NaiveDate, NaiveDate)>,
    pub retry_of: Option<i32>,
    pub by: &'a Actor,
}

impl<'a> NewLog<'a> {
    /// A log with nothing but what every import has.
    #[must_use]
    pub fn new(import_type: ImportType, by: &'a Actor, started_at: DateTime<Utc>) -> Self {
        Self {
            import_type,
            filename: None,
            file_size: None,
            started_at,
            progress_total: None,
            payload: None,
            payload_store: None,
            payload_sha256: None,
            range: None,
            retry_of: None,
            by,
        }
    }
}

/// Creates a `running` log and answers its id.
///
/// # Errors
/// When the database refuses.
pub async fn create(db: impl PgExecutor<'_>, log: &NewLog<'_>) -> sqlx::Result<i32> {
    let is_range = log.import_type == ImportType::DateRange;
    sqlx::query_scalar!(
        "INSERT INTO import_logs (import_type, filename, file_size, started_at, payload_store, progress_total, payload,
                                  payload_sha256, range_start, range_end, successful_dates, failed_dates, retry_of, requested_by,
                                  requested_by_name, request_id)
         VALUES ($1, left($2, 255), $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14, $15)
         RETURNING id",
        log.import_type.as_str(),
        log.filename,
        log.file_size,
        log.started_at,
        log.payload_store,
        log.progress_total,
        log.payload,
        log.payload_sha256,
        log.range.map(|(start, _)| start),
        log.range.map(|(_, end)| end),
        is_range.then_some(0),
        log.retry_of,
        log.by.door.as_str(),
        log.by.name(),
        log.by.request_id(),
    )
    .fetch_one(db)
    .await
}

/// An upload that is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    pub payload: String,
    /// The store that it is in, by the name that the store gives itself.
    pub store: Option<String>,
}

/// Where a log's upload is kept, if it still is.
///
/// # Errors
/// When the database refuses.
pub async fn payload(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<Option<Kept>> {
    sqlx::query_as!(
        Kept,
        r#"SELECT payload AS "payload!", payload_store AS store FROM import_logs WHERE id = $1 AND payload IS NOT NULL"#,
        id
    )
    .fetch_optional(db)
    .await
}

/// Which of these payloads a log still refers to.
///
/// # Errors
/// When the database refuses.
pub async fn payloads_in_use(
    db: impl PgExecutor<'_>,
    keys: &[String],
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"SELECT DISTINCT payload AS "payload!" FROM import_logs WHERE payload = ANY($1)"#,
        keys
    )
    .fetch_all(db)
    .await
}

/// Locks a log for the caller's transaction and reads it, so that two clicks on *Retry* or *Cancel* come one
/// after the other.
///
/// # Errors
/// When the database refuses.
pub async fn lock(db: &mut PgConnection, id: i32) -> sqlx::Result<Option<ImportLog>> {
    logs!("WHERE log.id = $1 FOR UPDATE OF log", id)
        .fetch_optional(db)
        .await
}

/// Removes a log with its rejects, days and events.
///
/// # Errors
/// When the database refuses.
pub async fn remove(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM import_logs WHERE id = $1", id)
        .execute(db)
        .await
        .map(drop)
}

/// The newest import that repeats a log and still runs: a retry of it, or of another one with the same upload.
///
/// # Errors
/// When the database refuses.
pub async fn open_retry_of(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "SELECT id FROM import_logs
         WHERE status = 'running'
           AND (retry_of = $1 OR payload = (SELECT payload FROM import_logs WHERE id = $1))
         ORDER BY id DESC LIMIT 1",
        id
    )
    .fetch_optional(db)
    .await
}

/// Whether an import that the scheduler started, or one of today's date alone, is still under way.
///
/// # Errors
/// When the database refuses.
pub async fn scheduled_is_running(db: impl PgExecutor<'_>, today: NaiveDate) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM import_logs
               WHERE status = 'running' AND (requested_by = 'scheduler' OR range_start = $1 AND range_end = $1)) AS "is_running!""#,
        today
    )
    .fetch_one(db)
    .await
}
