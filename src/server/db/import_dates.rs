//! `import_dates`: the dates of a range, each with its own outcome.

use chrono::NaiveDate;
use sqlx::{PgConnection, PgExecutor};

use super::{feed_days, outcomes::Counters};
use crate::model::import_log::{DateOutcome, FailureKind, ImportDate};

/// Notes the dates that an import is to bring, all pending.
///
/// # Errors
/// When the database refuses.
pub async fn plan(
    db: impl PgExecutor<'_>,
    import_id: i32,
    dates: &[NaiveDate],
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO import_dates (import_id, date) SELECT $1, date FROM unnest($2::date[]) AS planned (date)",
        import_id,
        dates
    )
    .execute(db)
    .await
    .map(drop)
}

/// The dates of an import, in order.
///
/// # Errors
/// When the database refuses.
pub async fn of(db: impl PgExecutor<'_>, import_id: i32) -> sqlx::Result<Vec<ImportDate>> {
    sqlx::query_as!(
        ImportDate,
        r#"SELECT date, outcome AS "outcome: DateOutcome", records_processed, games_created, results_created,
                  results_updated, results_corrected, failure_kind AS "failure_kind: FailureKind",
                  nullif(concat_ws(' ', message, unusual), '') AS message
           FROM import_dates WHERE import_id = $1 ORDER BY date"#,
        import_id
    )
    .fetch_all(db)
    .await
}

/// What there is to say of a date that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DateNotes {
    pub date: NaiveDate,
    pub note: Option<String>,
    /// That it brought an unusual number of draws.
    pub unusual: Option<String>,
}

/// What there is to say of each date of an import, in order.
///
/// # Errors
/// When the database refuses.
pub async fn notes(db: impl PgExecutor<'_>, import_id: i32) -> sqlx::Result<Vec<DateNotes>> {
    sqlx::query_as!(
        DateNotes,
        "SELECT date, message AS note, unusual FROM import_dates WHERE import_id = $1 ORDER BY date",
        import_id
    )
    .fetch_all(db)
    .await
}

/// Notes that a date has brought an unusual number of draws, for its import and for good.
///
/// # Errors
/// When the database refuses.
pub async fn mark_unusual(
    db: &mut PgConnection,
    import_id: i32,
    date: NaiveDate,
    sentence: &str,
) -> sqlx::Result<()> {
    feed_days::mark_unusual(&mut *db, date, sentence).await?;
    sqlx::query!(
        "UPDATE import_dates SET unusual = $3 WHERE import_id = $1 AND date = $2",
        import_id,
        date,
        sentence
    )
    .execute(db)
    .await
    .map(drop)
}

/// The dates of an import that did not succeed, in order.
///
/// # Errors
/// When the database refuses.
pub async fn unfinished(db: impl PgExecutor<'_>, import_id: i32) -> sqlx::Result<Vec<NaiveDate>> {
    sqlx::query_scalar!(
        "SELECT date FROM import_dates WHERE import_id = $1 AND outcome <> 'success' ORDER BY date",
        import_id
    )
    .fetch_all(db)
    .await
}

/// What became of a date besides its counters.
#[derive(Clone, Copy, Debug)]
pub enum DateEnd<'a> {
    /// How many draws its answer held, and what there is to say of it, if anything.
    Success(i64, Option<&'a str>),
    Failed(FailureKind, &'a str),
}

/// Notes what became of a date, for its import and for good.
///
/// # Errors
/// When the database refuses.
pub async fn finish(
    db: &mut PgConnection,
    import_id: i32,
    date: NaiveDate,
    counters: &Counters,
    end: DateEnd<'_>,
) -> sqlx::Result<()> {
    let int = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    let (outcome, kind, message, answer) = match end {
        DateEnd::Success(draws, note) => (DateOutcome::Success, None, note, Ok(int(draws))),
        DateEnd::Failed(kind, why) => (DateOutcome::Failed, Some(kind), Some(why), Err(why)),
    };
    feed_days::note(&mut *db, date, answer).await?;
    sqlx::query!(
        "UPDATE import_dates
         SET outcome = $3, records_processed = $4, games_created = $5, results_created = $6, results_updated = $7,
             results_corrected = $8, failure_kind = $9, message = $10
         WHERE import_id = $1 AND date = $2",
        import_id,
        date,
        outcome.as_str(),
        int(counters.records),
        int(counters.games_created),
        int(counters.results_created),
        int(counters.results_updated),
        int(counters.results_corrected),
        kind.map(FailureKind::as_str),
        message
    )
    .execute(db)
    .await
    .map(drop)
}
