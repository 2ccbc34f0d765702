//! `import_rejects`: the records that an import went on without.

use chrono::NaiveDate;
use sqlx::{PgConnection, PgExecutor};

use super::attempts::AttemptKey;
use crate::model::import_log::{ImportReject, REJECTS_KEPT};

/// Keeps rejects of an attempt, up to [`REJECTS_KEPT`] in all, and notes on the log how many records it has rejected so
/// far. `before` of this attempt's were kept already, as far as it knows: what a commit has kept whose answer was lost is
/// not kept again. Answers whether the log was still this attempt's: if not, nothing was kept.
///
/// # Errors
/// When the database refuses.
pub async fn keep(
    db: &mut PgConnection,
    key: AttemptKey,
    rejects: &[ImportReject],
    rejected: i64,
    before: usize,
) -> sqlx::Result<bool> {
    // This locks the run: what a stale attempt keeps is never added to what its successor does.
    let noted = sqlx::query!(
        "WITH run AS (SELECT import_id FROM import_runs WHERE import_id = $1 AND attempt = $2 FOR UPDATE)
         UPDATE import_logs SET records_rejected = $3 FROM run WHERE id = run.import_id AND status = 'running'",
        key.import_id,
        key.number,
        i32::try_from(rejected).unwrap_or(i32::MAX)
    )
    .execute(&mut *db)
    .await?;
    if noted.rows_affected() == 0 {
        return Ok(false);
    }
    let there = sqlx::query_scalar!(
        r#"SELECT count(*) AS "there!" FROM import_rejects WHERE import_id = $1"#,
        key.import_id
    )
    .fetch_one(&mut *db)
    .await?;
    let known = usize::try_from(there).unwrap_or(0).saturating_sub(before);
    add(db, key.import_id, rejects.get(known..).unwrap_or_default()).await?;
    Ok(true)
}

/// Forgets the rejects that earlier attempts at an import have kept: this one reads its input from the beginning.
/// Answers whether the log was still this attempt's.
///
/// # Errors
/// When the database refuses.
pub async fn forget(db: &mut PgConnection, key: AttemptKey) -> sqlx::Result<bool> {
    if !keep(&mut *db, key, &[], 0, 0).await? {
        return Ok(false);
    }
    sqlx::query!(
        "DELETE FROM import_rejects WHERE import_id = $1",
        key.import_id
    )
    .execute(db)
    .await?;
    Ok(true)
}

/// Adds rejects to those of an import, up to [`REJECTS_KEPT`] in all.
///
/// # Errors
/// When the database refuses.
pub async fn add(
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
         FROM unnest($2::text[], $3::bigint[], $4::date[], $5::text[], $6::text[])
              WITH ORDINALITY AS reject (section, position, date, reason, record, nth)
         ORDER BY nth
         LIMIT greatest(0, $7 - (SELECT count(*) FROM import_rejects WHERE import_id = $1))",
        import_id,
        &sections as &[&str],
        &positions,
        &dates as &[Option<NaiveDate>],
        &reasons as &[&str],
        &records as &[&str],
        i64::try_from(REJECTS_KEPT).unwrap_or(i64::MAX)
    )
    .execute(db)
    .await
    .map(drop)
}

/// A query for rejects, each with its id; `$tail` is what follows `WHERE`.
macro_rules! rejects {
    ($db:expr, $tail:literal $(, $arg:expr)*) => {
        sqlx::query!(
            "SELECT id, section, position, date, reason, record FROM import_rejects WHERE " + $tail
            $(, $arg)*
        )
        .map(|row| {
            let reject = ImportReject {
                section: row.section,
                position: row.position,
                date: row.date,
                reason: row.reason,
                record: row.record,
            };
            (row.id, reject)
        })
        .fetch_all($db)
        .await
    };
}

/// Some of the rejects of an import, in the order in which they were found: those behind the one with the id `after`.
/// Each comes with its id.
///
/// # Errors
/// When the database refuses.
pub async fn page(
    db: impl PgExecutor<'_>,
    import_id: i32,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<(i64, ImportReject)>> {
    rejects!(
        db,
        "import_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        import_id,
        after,
        limit
    )
}

/// Those right before the one with the id `before`, in the same order.
///
/// # Errors
/// When the database refuses.
pub async fn page_before(
    db: impl PgExecutor<'_>,
    import_id: i32,
    before: i64,
    limit: i64,
) -> sqlx::Result<Vec<(i64, ImportReject)>> {
    let mut page = rejects!(
        db,
        "import_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        import_id,
        before,
        limit
    )?;
    page.reverse();
    Ok(page)
}

/// How many rejects of an import are kept before the one with this id, and in all.
///
/// # Errors
/// When the database refuses.
pub async fn place(db: impl PgExecutor<'_>, import_id: i32, id: i64) -> sqlx::Result<(i64, i64)> {
    sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE id < $2) AS "before!", count(*) AS "kept!"
           FROM import_rejects WHERE import_id = $1"#,
        import_id,
        id
    )
    .fetch_one(db)
    .await
    .map(|row| (row.before, row.kept))
}
