//! `import_runs`: what waits for a worker and what runs. The queue is this table.
//!
//! Whose turn it is decides PostgreSQL's clock, the one that all machines share. What a worker writes of a run that it has
//! taken stands in [`super::attempts`]. Whoever needs an import's run and its log locks the run first.
//!
//! Above 300 lines, since the ways into the queue and out of it are to be seen together.

use std::time::Duration;

use chrono::NaiveDate;
use sqlx::{PgConnection, PgExecutor};

use super::attempts::AttemptKey;
use crate::model::import_log::{ImportType, Phase, Requester};

/// Which of a process's slots an import takes, so that one kind never holds up another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// What takes no time worth mentioning: the sample, and small files.
    Short,
    File,
    Feed,
}

impl Lane {
    pub const ALL: [Self; 3] = [Self::Short, Self::File, Self::Feed];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::File => "file",
            Self::Feed => "feed",
        }
    }

    /// The lane of a file of so many bytes.
    #[must_use]
    pub const fn of_file(bytes: i64) -> Self {
        const SMALL: i64 = 1 << 20;
        if bytes <= SMALL {
            Self::Short
        } else {
            Self::File
        }
    }
}

/// What a run needs of the process that takes it; or what a process has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The store of uploads, by the name that it gives itself.
    pub store: Option<String>,
    /// The results feed: its URL without a password.
    pub feed: Option<String>,
}

/// A run to be created.
#[derive(Clone, Copy, Debug)]
pub struct NewRun<'a> {
    pub import_id: i32,
    pub phase: Phase,
    pub lane: Lane,
    pub needs: &'a Needs,
    /// What the sender of an upload calls it.
    pub upload_name: Option<&'a str>,
    /// Bytes of a file, days of a range.
    pub progress_total: Option<i64>,
    /// For how long it counts as worked on from now on. What waits in line isn't: zero.
    pub lease: Duration,
}

/// Puts an import in line, or notes that its upload begins to arrive.
///
/// # Errors
/// When the database refuses.
pub async fn create(db: impl PgExecutor<'_>, run: &NewRun<'_>) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO import_runs (import_id, phase, lane, store, feed, progress_total, upload_name, lease_until)
         VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8))",
        run.import_id,
        run.phase.as_str(),
        run.lane.as_str(),
        run.needs.store,
        run.needs.feed,
        run.progress_total,
        run.upload_name,
        run.lease.as_secs_f64()
    )
    .execute(db)
    .await
    .map(drop)
}

/// The import whose upload arrives, at whatever process, and is called so by its sender.
///
/// # Errors
/// When the database refuses.
pub async fn arriving(db: impl PgExecutor<'_>, upload_name: &str) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "SELECT import_id FROM import_runs WHERE upload_name = $1 AND phase = 'uploading' ORDER BY import_id DESC LIMIT 1",
        upload_name
    )
    .fetch_optional(db)
    .await
}

/// Which runs a process may take now.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    pub lanes: &'a [Lane],
    /// What the process has.
    pub has: &'a Needs,
    /// This one import, whatever else waits.
    pub import_id: Option<i32>,
    pub lease: Duration,
}

/// An import that this process may work on now.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub id: i32,
    pub attempt: i32,
    /// Attempts so far that count against the limit, this one included.
    pub tries: i32,
    pub import_type: ImportType,
    pub lane: String,
    pub payload: Option<String>,
    /// Bytes of the payload, or days of a range.
    pub progress_total: Option<i64>,
    pub requested_by: Option<Requester>,
    /// The request that began it.
    pub request_id: Option<String>,
}

/// Takes the first run in line that is wanted and due. `None`: there is none, or others are taking them. What this
/// version of the program doesn't know how to import stays in line for one that does.
///
/// # Errors
/// When the database refuses.
pub async fn claim(db: impl PgExecutor<'_>, wanted: &Wanted<'_>) -> sqlx::Result<Option<Claimed>> {
    let lanes: Vec<String> = wanted
        .lanes
        .iter()
        .map(|lane| lane.as_str().to_owned())
        .collect();
    let known = ImportType::ALL.map(|known| known.as_str().to_owned());
    sqlx::query_as!(
        Claimed,
        r#"UPDATE import_runs run
           SET attempt = run.attempt + 1, lease_until = now() + make_interval(secs => $1), progress = 0, records = NULL,
               bytes_per_second = NULL, seconds_left = NULL, waits_until = NULL, trouble = NULL,
               phase = CASE run.lane WHEN 'feed' THEN 'fetching' ELSE 'reading' END
           FROM import_logs log
           WHERE log.id = run.import_id AND run.import_id = (
               SELECT waiting.import_id FROM import_runs waiting JOIN import_logs known ON known.id = waiting.import_id
               WHERE waiting.phase = 'queued' AND waiting.due_at <= now() AND waiting.cancelled_by IS NULL AND known.status = 'running'
                 AND waiting.lane = ANY($2) AND known.import_type = ANY($3)
                 AND (waiting.store IS NULL OR waiting.store = $4) AND (waiting.feed IS NULL OR waiting.feed = $5)
                 AND ($6::integer IS NULL OR waiting.import_id = $6)
               ORDER BY waiting.queued_at, waiting.import_id
               LIMIT 1 FOR UPDATE OF waiting SKIP LOCKED)
           RETURNING run.import_id AS id, run.attempt, run.attempt - run.handed_back AS "tries!",
               log.import_type AS "import_type: ImportType", run.lane, log.payload, run.progress_total, log.requested_by AS "requested_by: Requester", log.request_id"#,
        wanted.lease.as_secs_f64(),
        &lanes,
        &known,
        wanted.has.store,
        wanted.has.feed,
        wanted.import_id
    )
    .fetch_optional(db)
    .await
}

/// An upload that is stored whole.
#[derive(Clone, Copy, Debug)]
pub struct Uploaded<'a> {
    pub payload: &'a str,
    pub filename: Option<&'a str>,
    /// Bytes of the upload, packed or not.
    pub arrived: i64,
    /// Bytes of the payload.
    pub unpacked: i64,
    /// Of the payload.
    pub sha256: &'a str,
    pub store: &'a str,
}

/// The upload is complete and stored: its name, sizes and hash are known, and it waits for a worker.
/// Answers whether the import was still waiting for it.
///
/// # Errors
/// When the database refuses.
pub async fn uploaded(db: &mut PgConnection, id: i32, upload: &Uploaded<'_>) -> sqlx::Result<bool> {
    let queued = sqlx::query!(
        "UPDATE import_runs
         SET phase = 'queued', lane = $2, store = $3, queued_at = now(), due_at = now(), progress = 0, progress_total = $4,
             bytes_per_second = NULL, seconds_left = NULL
         WHERE import_id = $1 AND phase = 'uploading' AND cancelled_by IS NULL",
        id,
        Lane::of_file(upload.unpacked).as_str(),
        upload.store,
        upload.unpacked
    )
    .execute(&mut *db)
    .await?;
    if queued.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "UPDATE import_logs
         SET payload = $2, payload_store = $3, filename = coalesce(left($4, 255), filename), file_size = $5,
             payload_sha256 = $6, progress_total = $7
         WHERE id = $1 AND status = 'running'",
        id,
        upload.payload,
        upload.store,
        upload.filename,
        upload.arrived,
        upload.sha256,
        upload.unpacked
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// Why an import goes back in line.
#[derive(Clone, Copy, Debug)]
pub enum Again<'a> {
    /// Its process stops: that is nobody's failure, and another may begin it at once.
    Stopping,
    /// The attempt failed, for a reason that may pass: a sentence.
    Failed(&'a str),
}

/// The pause before an import is begun again: 2 s after the first attempt, 10 s after the second, a minute at most.
const FIRST_PAUSE: f64 = 2.0;
const LONGEST_PAUSE: f64 = 60.0;

/// Puts an import back in line for another attempt, after a pause when the last one failed. One that was cancelled is not
/// handed on. Answers whether it was.
///
/// # Errors
/// When the database refuses.
pub async fn hand_back(
    db: impl PgExecutor<'_>,
    key: AttemptKey,
    again: Again<'_>,
) -> sqlx::Result<bool> {
    let trouble = match again {
        Again::Stopping => None,
        Again::Failed(why) => Some(why),
    };
    sqlx::query!(
        "UPDATE import_runs
         SET phase = 'queued', handed_back = handed_back + (1 - $3::int), trouble = $4, waits_until = NULL,
             bytes_per_second = NULL, seconds_left = NULL,
             due_at = now() + CASE $3::int WHEN 0 THEN interval '0'
                 ELSE make_interval(secs => least($6, $5 * power(5, greatest(attempt - handed_back - 1, 0)))) END
         WHERE import_id = $1 AND attempt = $2 AND phase <> 'uploading' AND cancelled_by IS NULL",
        key.import_id,
        key.number,
        i32::from(trouble.is_some()),
        trouble,
        FIRST_PAUSE,
        LONGEST_PAUSE
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected() == 1)
}

/// The import of exactly these days, which are in order, if one waits or runs. Others that ask so, to start one, wait until
/// the caller's transaction has ended.
///
/// # Errors
/// When the database refuses.
pub async fn same_dates(db: &mut PgConnection, dates: &[NaiveDate]) -> sqlx::Result<Option<i32>> {
    /// Of the advisory lock; `sessions` has another.
    const STARTS_RANGE: i64 = 20_056;
    sqlx::query!("SELECT pg_advisory_xact_lock($1)", STARTS_RANGE)
        .fetch_one(&mut *db)
        .await?;
    sqlx::query_scalar!(
        "SELECT id FROM import_logs log
         WHERE status = 'running' AND range_start = $1 AND range_end = $2
           AND ARRAY(SELECT date FROM import_dates WHERE import_id = log.id ORDER BY date) = $3
         ORDER BY id LIMIT 1",
        dates.first().copied(),
        dates.last().copied(),
        dates
    )
    .fetch_optional(db)
    .await
}

/// How many imports of one account, token or terminal wait for a worker, or still arrive. `None`: of all those that nobody who
/// has signed in asked for.
///
/// # Errors
/// When the database refuses.
pub async fn waiting_of(db: impl PgExecutor<'_>, name: Option<&str>) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "waiting!" FROM import_runs run JOIN import_logs log ON log.id = run.import_id
           WHERE run.phase IN ('queued', 'uploading') AND log.requested_by_name IS NOT DISTINCT FROM $1
             AND log.requested_by IS DISTINCT FROM 'scheduler'"#,
        name
    )
    .fetch_one(db)
    .await
}

/// Makes those who start imports in this name take turns, until the caller's transaction ends.
///
/// # Errors
/// When the database refuses.
pub async fn take_turns(db: impl PgExecutor<'_>, name: Option<&str>) -> sqlx::Result<()> {
    /// Of the advisory locks that are taken in somebody's name.
    const WAITING: i32 = 20060;
    sqlx::query!(
        "SELECT pg_advisory_xact_lock($1, hashtext(coalesce($2, '')))",
        WAITING,
        name
    )
    .execute(db)
    .await
    .map(drop)
}
