//! The history of imports, by filters and page by page.
//!
//! A log's words (type, status, reason, requester, whether it is open or quiet) are one word of it, its facet; migration
//! `history` says why. Each statement here reads as many index entries as it answers rows, and some for each facet.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};

use crate::model::{
    history::{COUNTED, Filter, Place},
    import_log::{FailureKind, ImportStatus, ImportType, Requester},
};

/// The facets of a filter's logs.
#[derive(Clone, Debug)]
pub struct Facets(Vec<String>);

/// The times between which a filter's logs have started.
fn span(filter: &Filter) -> (DateTime<Utc>, DateTime<Utc>) {
    let (first, last) = (DateTime::<Utc>::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
    (filter.from.unwrap_or(first), filter.until.unwrap_or(last))
}

/// Which facets there are whose logs a filter wants: found by jumping through the index from one to the next.
///
/// # Errors
/// When the database refuses.
pub async fn facets(db: impl PgExecutor<'_>, filter: &Filter) -> sqlx::Result<Facets> {
    let open = filter.unresolved.map(|open| if open { "open" } else { "" });
    sqlx::query_scalar!(
        r#"WITH RECURSIVE known(facet) AS (
               (SELECT facet FROM import_logs ORDER BY facet LIMIT 1)
               UNION ALL
               SELECT (SELECT facet FROM import_logs WHERE facet > known.facet ORDER BY facet LIMIT 1)
               FROM known WHERE known.facet IS NOT NULL)
           SELECT facet AS "facet!" FROM known
           WHERE facet IS NOT NULL
             AND ($1::text IS NULL OR split_part(facet, '/', 1) = $1)
             AND ($2::text IS NULL OR split_part(facet, '/', 2) = $2)
             AND ($3::text IS NULL OR split_part(facet, '/', 3) = $3)
             AND ($4::text IS NULL OR split_part(facet, '/', 4) = $4)
             AND ($5::text IS NULL OR split_part(facet, '/', 5) = $5)
             AND NOT ($6 AND split_part(facet, '/', 6) = 'quiet')"#,
        filter.import_type.map(ImportType::as_str),
        filter.status.map(ImportStatus::as_str),
        filter.failure_kind.map(FailureKind::as_str),
        filter.requested_by.map(Requester::as_str),
        open,
        filter.hides_quiet
    )
    .fetch_all(db)
    .await
    .map(Facets)
}

/// How many logs match a filter whatever text it searches for, up to one more than [`COUNTED`].
///
/// # Errors
/// When the database refuses.
pub async fn count(
    db: impl PgExecutor<'_>,
    facets: &Facets,
    filter: &Filter,
) -> sqlx::Result<usize> {
    let (from, until) = span(filter);
    let counted = sqlx::query_scalar!(
        r#"SELECT count(*) AS "counted!" FROM (
               SELECT FROM unnest($1::text[]) AS wanted(facet) CROSS JOIN LATERAL (
                   SELECT FROM import_logs log
                   WHERE log.facet = wanted.facet AND started_at >= $2 AND started_at < $3
                   LIMIT $4) AS matches
               LIMIT $4) AS first"#,
        &facets.0,
        from,
        until,
        most()
    )
    .fetch_one(db)
    .await?;
    Ok(usize::try_from(counted).unwrap_or_default())
}

/// The logs that match a filter with this text, in any order, found by looking at each that matches without it: for few
/// of those.
///
/// # Errors
/// When the database refuses.
pub async fn hits_among(
    db: impl PgExecutor<'_>,
    facets: &Facets,
    filter: &Filter,
    text: &str,
) -> sqlx::Result<Vec<Place>> {
    let (from, until) = span(filter);
    sqlx::query_as!(
        Place,
        r#"SELECT matches.started_at AS "started_at!", matches.id AS "id!"
           FROM unnest($1::text[]) AS wanted(facet) CROSS JOIN LATERAL (
               SELECT log.started_at, log.id, import_log_text(filename, error_message, note) AS said FROM import_logs log
               WHERE log.facet = wanted.facet AND started_at >= $2 AND started_at < $3
               LIMIT $5) AS matches
           WHERE position($4 IN matches.said) > 0"#,
        &facets.0,
        from,
        until,
        text,
        most()
    )
    .fetch_all(db)
    .await
}

/// The logs that match a filter with this text, in any order, found by the text; of more than [`COUNTED`] just one more
/// than that.
///
/// # Errors
/// When the database refuses.
pub async fn hits(
    db: &mut PgConnection,
    facets: &Facets,
    filter: &Filter,
    text: &str,
) -> sqlx::Result<Vec<Place>> {
    let (from, until) = span(filter);
    // How many there are depends on the text: a plan for any text would be none for this one.
    sqlx::raw_sql("SET LOCAL plan_cache_mode = force_custom_plan")
        .execute(&mut *db)
        .await?;
    sqlx::query_as!(
        Place,
        "SELECT started_at, id FROM import_logs
         WHERE (filename IS NOT NULL OR error_message IS NOT NULL OR note IS NOT NULL)
           AND import_log_terms(facet, import_log_text(filename, error_message, note)) @> trigrams($4)
           AND import_log_terms(facet, import_log_text(filename, error_message, note)) && $1
           AND position($4 IN import_log_text(filename, error_message, note)) > 0
           AND started_at >= $2 AND started_at < $3
         LIMIT $5",
        &facets.0,
        from,
        until,
        text,
        most()
    )
    .fetch_all(db)
    .await
}

/// The matches right after a place, newest first: older ones.
///
/// # Errors
/// When the database refuses.
pub async fn older(
    db: impl PgExecutor<'_>,
    facets: &Facets,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) -> sqlx::Result<Vec<i32>> {
    let (from, until) = span(filter);
    // Nothing stands before the newest.
    let after = after.unwrap_or(Place {
        started_at: until,
        id: i32::MAX,
    });
    if let Some(text) = &filter.text {
        // Of a text that many logs have, the next is found soon by looking at one log after the other.
        return sqlx::query_scalar!(
            "SELECT id FROM import_logs
             WHERE facet = ANY($1) AND started_at >= $2 AND started_at < $3 AND (started_at, id) < ($4, $5)
               AND position($6 IN import_log_text(filename, error_message, note)) > 0
             ORDER BY started_at DESC, id DESC LIMIT $7",
            &facets.0,
            from,
            until,
            after.started_at,
            after.id,
            text,
            limit
        )
        .fetch_all(db)
        .await;
    }
    sqlx::query_scalar!(
        r#"SELECT matches.id AS "id!" FROM unnest($1::text[]) AS wanted(facet) CROSS JOIN LATERAL (
               SELECT log.id, log.started_at FROM import_logs log
               WHERE log.facet = wanted.facet AND log.started_at >= $2 AND log.started_at < $3
                 AND (log.started_at, log.id) < ($4, $5)
               ORDER BY log.started_at DESC, log.id DESC LIMIT $6) AS matches
           ORDER BY matches.started_at DESC, matches.id DESC LIMIT $6"#,
        &facets.0,
        from,
        until,
        after.started_at,
        after.id,
        limit
    )
    .fetch_all(db)
    .await
}

/// The matches right before a place, the nearest first: newer ones.
///
/// # Errors
/// When the database refuses.
pub async fn newer(
    db: impl PgExecutor<'_>,
    facets: &Facets,
    filter: &Filter,
    before: Place,
    limit: i64,
) -> sqlx::Result<Vec<i32>> {
    let (from, until) = span(filter);
    if let Some(text) = &filter.text {
        return sqlx::query_scalar!(
            "SELECT id FROM import_logs
             WHERE facet = ANY($1) AND started_at >= $2 AND started_at < $3 AND (started_at, id) > ($4, $5)
               AND position($6 IN import_log_text(filename, error_message, note)) > 0
             ORDER BY started_at, id LIMIT $7",
            &facets.0,
            from,
            until,
            before.started_at,
            before.id,
            text,
            limit
        )
        .fetch_all(db)
        .await;
    }
    sqlx::query_scalar!(
        r#"SELECT matches.id AS "id!" FROM unnest($1::text[]) AS wanted(facet) CROSS JOIN LATERAL (
               SELECT log.id, log.started_at FROM import_logs log
               WHERE log.facet = wanted.facet AND log.started_at >= $2 AND log.started_at < $3
                 AND (log.started_at, log.id) > ($4, $5)
               ORDER BY log.started_at, log.id LIMIT $6) AS matches
           ORDER BY matches.started_at, matches.id LIMIT $6"#,
        &facets.0,
        from,
        until,
        before.started_at,
        before.id,
        limit
    )
    .fetch_all(db)
    .await
}

/// Removes those of these logs that have ended; open failures only when they aren't to be kept. What somebody else is
/// busy with stays. Answers how many were removed.
///
/// # Errors
/// When the database refuses.
pub async fn remove(
    db: impl PgExecutor<'_>,
    ids: &[i32],
    keep_open_failures: bool,
) -> sqlx::Result<u64> {
    let removed = sqlx::query!(
        "WITH held AS MATERIALIZED (
             SELECT id FROM import_logs
             WHERE id = ANY($1) AND status <> 'running' AND NOT ($2 AND open_failure)
             ORDER BY id FOR UPDATE SKIP LOCKED)
         DELETE FROM import_logs WHERE id = ANY (ARRAY(SELECT id FROM held))",
        ids,
        keep_open_failures
    )
    .execute(db)
    .await?;
    Ok(removed.rows_affected())
}

fn most() -> i64 {
    i64::try_from(COUNTED).map_or(i64::MAX, |counted| counted + 1)
}
