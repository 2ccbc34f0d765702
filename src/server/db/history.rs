//! The history of imports, by filters and page by page.
//!
//! A log's words (type, status, reason, requester, whether it is open or quiet) are one word of it, its facet; migration
//! `history` says why. Each statement here reads as many index entries as it answers rows, and some for each facet.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use super::stretch::{Block, Order, Stretch};

use crate::model::{
    history::{COUNTED, Filter, Place},
    import_log::{FailureKind, ImportStatus, ImportType, Requester},
};

/// The facets of a filter's logs.
#[derive(Clone, Debug)]
pub struct Facets {
    pub(super) wanted: Vec<String>,
    /// The filter wants all that there are.
    pub(super) all: bool,
    /// The words that it asks for, as terms of the index of texts.
    words: Vec<String>,
}

/// Which facets there are whose logs a filter wants: found by jumping through the index from one to the next.
///
/// # Errors
/// When the database refuses.
pub async fn facets(db: impl PgExecutor<'_>, filter: &Filter) -> sqlx::Result<Facets> {
    let words = [
        filter.import_type.map(ImportType::as_str),
        filter.status.map(ImportStatus::as_str),
        filter.failure_kind.map(FailureKind::as_str),
        filter.requested_by.map(Requester::as_str),
        filter.unresolved.map(|open| if open { "open" } else { "" }),
        filter.hides_quiet.then_some(""),
    ];
    let [import_type, status, failure_kind, requested_by, open, quiet] = words;
    let facets = sqlx::query!(
        r#"WITH RECURSIVE known(facet) AS (
               (SELECT facet FROM import_logs ORDER BY facet LIMIT 1)
               UNION ALL
               SELECT (SELECT facet FROM import_logs WHERE facet > known.facet ORDER BY facet LIMIT 1)
               FROM known WHERE known.facet IS NOT NULL)
           SELECT facet AS "facet!",
                  ($1::text IS NULL OR split_part(facet, '/', 1) = $1)
                  AND ($2::text IS NULL OR split_part(facet, '/', 2) = $2)
                  AND ($3::text IS NULL OR split_part(facet, '/', 3) = $3)
                  AND ($4::text IS NULL OR split_part(facet, '/', 4) = $4)
                  AND ($5::text IS NULL OR split_part(facet, '/', 5) = $5)
                  AND ($6::text IS NULL OR split_part(facet, '/', 6) = $6) AS "wanted!"
           FROM known WHERE facet IS NOT NULL"#,
        import_type,
        status,
        failure_kind,
        requested_by,
        open,
        quiet
    )
    .fetch_all(db)
    .await?;
    let all = facets.iter().all(|row| row.wanted);
    let wanted = facets.into_iter().filter(|row| row.wanted);
    let words = words.iter().zip(1..);
    let words = words.filter_map(|(word, nth)| Some(format!("is {nth} {}", (*word)?)));
    Ok(Facets {
        wanted: wanted.map(|row| row.facet).collect(),
        all,
        words: words.collect(),
    })
}

/// How many logs there are in a stretch, up to one more than [`COUNTED`].
///
/// # Errors
/// When the database refuses.
pub async fn count(
    db: impl PgExecutor<'_>,
    facets: &Facets,
    within: Stretch,
) -> sqlx::Result<usize> {
    let counted = sqlx::query_scalar!(
        r#"SELECT count(*) AS "counted!" FROM (
               SELECT FROM unnest($1::text[]) AS wanted(facet) CROSS JOIN LATERAL (
                   SELECT FROM import_logs log
                   WHERE log.facet = wanted.facet AND (started_at, id) > ($2, $3) AND (started_at, id) < ($4, $5)
                   LIMIT $6) AS matches
               LIMIT $6) AS first"#,
        &facets.wanted,
        within.above.started_at,
        within.above.id,
        within.below.started_at,
        within.below.id,
        most()
    )
    .fetch_one(db)
    .await?;
    Ok(usize::try_from(counted).unwrap_or_default())
}

/// A query for the logs with a text, of a part of a stretch that lies in a block of days; `$before` and `$after` stand around it.
macro_rules! hits {
    ($row:ty, $before:literal, $what:literal, $after:literal, $facets:expr, $text:expr, $part:expr, $block:expr, $limit:expr) => {
        sqlx::query_as!(
            $row,
            $before + "SELECT " + $what + " FROM import_logs
             WHERE (filename IS NOT NULL OR error_message IS NOT NULL OR note IS NOT NULL)
               AND import_log_terms(facet, started_at, import_log_text(filename, error_message, note))
                   @> array_append(import_log_sought(lower($1)) || $2, $3)
               AND (length(lower($1)) = 3 OR position(lower($1) IN import_log_text(filename, error_message, note)) > 0)
               AND (started_at, id) > ($4, $5) AND (started_at, id) < ($6, $7)
             LIMIT $8" + $after,
            $text,
            &$facets.words,
            $block.term(),
            $part.above.started_at,
            $part.above.id,
            $part.below.started_at,
            $part.below.id,
            $limit
        )
    };
}

/// When the first and the last log have started. `None`: there are no logs.
///
/// # Errors
/// When the database refuses.
pub async fn extent(
    db: impl PgExecutor<'_>,
) -> sqlx::Result<Option<(DateTime<Utc>, DateTime<Utc>)>> {
    let extent =
        sqlx::query!("SELECT min(started_at) AS first, max(started_at) AS last FROM import_logs")
            .fetch_one(db)
            .await?;
    Ok(extent.first.zip(extent.last))
}

/// Logs with this text of the part of a stretch that lies in a block of days, `limit` of them, in any order.
///
/// # Errors
/// When the database refuses.
pub async fn hits(
    db: impl PgExecutor<'_>,
    facets: &Facets,
    text: &str,
    (part, block): (Stretch, Block),
    limit: i64,
) -> sqlx::Result<Vec<Place>> {
    hits!(
        Place,
        "",
        "started_at, id",
        "",
        facets,
        text,
        part,
        block,
        limit
    )
    .fetch_all(db)
    .await
}

/// How many there are of them, up to `limit`.
///
/// # Errors
/// When the database refuses.
pub async fn count_hits(
    db: impl PgExecutor<'_>,
    facets: &Facets,
    text: &str,
    (part, block): (Stretch, Block),
    limit: i64,
) -> sqlx::Result<usize> {
    let counted = hits!(
        Number,
        r#"SELECT count(*) AS "number!" FROM ("#,
        "1",
        ") AS hits",
        facets,
        text,
        part,
        block,
        limit
    )
    .fetch_one(db)
    .await?;
    Ok(usize::try_from(counted.number).unwrap_or_default())
}

struct Number {
    number: i64,
}

/// A statement for the first logs of a stretch; `$order` says from which end.
macro_rules! first {
    // One after the other, of any facet: for what all logs, or many, are.
    (one_by_one $order:literal, $db:expr, $facets:expr, $text:expr, $within:expr, $limit:expr) => {
        sqlx::query_as!(
            Place,
            "SELECT started_at, id FROM import_logs
             WHERE ($1 OR facet = ANY($2)) AND (started_at, id) > ($3, $4) AND (started_at, id) < ($5, $6)
               AND ($7::text IS NULL OR position(lower($7) IN import_log_text(filename, error_message, note)) > 0)
             ORDER BY " + $order + " LIMIT $8",
            $facets.all,
            &$facets.wanted,
            $within.above.started_at,
            $within.above.id,
            $within.below.started_at,
            $within.below.id,
            $text,
            $limit
        )
        .fetch_all($db)
        .await
    };
    // The first of each facet, and of these the first.
    (by_facet $order:literal, $db:expr, $facets:expr, $within:expr, $limit:expr) => {
        sqlx::query_as!(
            Place,
            r#"SELECT started_at AS "started_at!", id AS "id!"
               FROM unnest($1::text[]) AS wanted(facet) CROSS JOIN LATERAL (
                   SELECT started_at, id FROM import_logs log
                   WHERE log.facet = wanted.facet AND (started_at, id) > ($2, $3) AND (started_at, id) < ($4, $5)
                   ORDER BY "# + $order + " LIMIT $6) AS matches
               ORDER BY " + $order + " LIMIT $6",
            &$facets.wanted,
            $within.above.started_at,
            $within.above.id,
            $within.below.started_at,
            $within.below.id,
            $limit
        )
        .fetch_all($db)
        .await
    };
}

/// The first logs of a stretch, in order.
///
/// # Errors
/// When the database refuses.
pub async fn first(
    db: impl PgExecutor<'_>,
    facets: &Facets,
    within: Stretch,
    order: Order,
    limit: i64,
) -> sqlx::Result<Vec<Place>> {
    if facets.all {
        return first_with(db, facets, None, within, order, limit).await;
    }
    match order {
        Order::NewestFirst => {
            first!(by_facet "started_at DESC, id DESC", db, facets, within, limit)
        }
        Order::OldestFirst => first!(by_facet "started_at, id", db, facets, within, limit),
    }
}

/// The same with a text that many logs of the stretch have: found by looking at one after the other.
///
/// # Errors
/// When the database refuses.
pub async fn first_with(
    db: impl PgExecutor<'_>,
    facets: &Facets,
    text: Option<&str>,
    within: Stretch,
    order: Order,
    limit: i64,
) -> sqlx::Result<Vec<Place>> {
    match order {
        Order::NewestFirst => {
            first!(one_by_one "started_at DESC, id DESC", db, facets, text, within, limit)
        }
        Order::OldestFirst => {
            first!(one_by_one "started_at, id", db, facets, text, within, limit)
        }
    }
}

fn most() -> i64 {
    i64::try_from(COUNTED).map_or(i64::MAX, |counted| counted + 1)
}
