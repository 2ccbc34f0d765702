//! `import_rejects`: the records that an import went on without.

use chrono::NaiveDate;
use sqlx::{PgConnection, PgExecutor};

use crate::model::import_log::ImportReject;

/// How many rejects of one import are kept; the log counts all of them.
pub const KEPT_PER_IMPORT: usize = 10_000;

/// Keeps rejects, up to [`KEPT_PER_IMPORT`] in all.
///
/// # Errors
/// When the database refuses.
pub async fn keep(
    db: &mut PgConnection,
    import_id: i32,
    rejects: &[ImportReject],
) -> sqlx::Result<()> {
    if rejects.is_empty() {
        return Ok(());
    }
    let sections: Vec<&str> = rejects
        .iter()
        .map(|reject| reject.section.as_str())
        .collect();
    let positions: Vec<i64> = rejects.iter().map(|reject| reject.position).collect();
    let dates: Vec<Option<NaiveDate>> = rejects.iter().map(|reject| reject.date).collect();
    let reasons: Vec<&str> = rejects
        .iter()
        .map(|reject| reject.reason.as_str())
        .collect();
    let records: Vec<&str> = rejects
        .iter()
        .map(|reject| reject.record.as_str())
        .collect();
    sqlx::query!(
        "INSERT INTO import_rejects (import_id, section, position, date, reason, record)
         SELECT $1, section, position, date, reason, record
         FROM unnest($2::text[], $3::bigint[], $4::date[], $5::text[], $6::text[]) AS reject (section, position, date, reason, record)
         LIMIT greatest(0, $7 - (SELECT count(*) FROM import_rejects WHERE import_id = $1))",
        import_id,
        &sections as &[&str],
        &positions,
        &dates as &[Option<NaiveDate>],
        &reasons as &[&str],
        &records as &[&str],
        i64::try_from(KEPT_PER_IMPORT).unwrap_or(i64::MAX)
    )
    .execute(db)
    .await
    .map(drop)
}

/// The first `limit` rejects of an import, in the order of its input.
///
/// # Errors
/// When the database refuses.
pub async fn first(
    db: impl PgExecutor<'_>,
    import_id: i32,
    limit: i64,
) -> sqlx::Result<Vec<ImportReject>> {
    sqlx::query_as!(
        ImportReject,
        "SELECT section, position, date, reason, record FROM import_rejects WHERE import_id = $1 ORDER BY id LIMIT $2",
        import_id,
        limit
    )
    .fetch_all(db)
    .await
}
