//! The audit, to which lines are added and in which they stay: migration `audit` and [`super::grants`] see to that.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor, types::Json};

use crate::{
    model::{
        audit::{ActorKind, AuditLine, Deed, Detail, Filter, Page},
        history::COUNTED,
        import_log::Requester,
    },
    server::actor::{Actor, Permit, Who},
};

/// What is noted.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    pub actor: &'a Actor,
    pub deed: Deed,
    /// It was asked for and not done.
    pub refused: bool,
    pub import_id: Option<i32>,
    pub detail: Detail,
}

/// Notes what a permit is used for: in the transaction that does it, so that both happen or neither.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    db: impl PgExecutor<'_>,
    permit: &Permit,
    import_id: Option<i32>,
    detail: Detail,
) -> sqlx::Result<()> {
    let entry = Entry {
        actor: permit.actor(),
        deed: Deed::Of(permit.action()),
        refused: false,
        import_id,
        detail,
    };
    add(db, &entry).await
}

/// Notes what needs no permit, or had none: who signs in or out, and what was refused.
///
/// # Errors
/// When the database refuses.
pub async fn add(db: impl PgExecutor<'_>, entry: &Entry<'_>) -> sqlx::Result<()> {
    let (kind, id, name) = match &entry.actor.who {
        Who::Anyone => (ActorKind::Anyone, None, None),
        Who::Account { id, name, .. } => (ActorKind::Account, Some(*id), Some(name.as_str())),
        Who::Token { id, name, .. } => (ActorKind::Token, Some(*id), Some(name.as_str())),
        Who::Terminal { name } => (ActorKind::Terminal, None, Some(name.as_str())),
        Who::Scheduler => (ActorKind::Scheduler, None, None),
    };
    // Neither number nor time: the application's role may not give them (grants.sql).
    sqlx::query!(
        "INSERT INTO audit (action, refused, actor_kind, actor_id, actor_name, door, address, import_id, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        entry.deed.as_str(),
        entry.refused,
        kind.as_str(),
        id,
        name,
        entry.actor.door.as_str(),
        entry.actor.address,
        entry.import_id,
        Json(&entry.detail) as _
    )
    .execute(db)
    .await
    .map(drop)
}

/// How many lines match, up to one more than [`COUNTED`].
///
/// # Errors
/// When the database refuses.
pub async fn count(db: impl PgExecutor<'_>, filter: &Filter) -> sqlx::Result<usize> {
    let span = Span::of(filter);
    let counted = sqlx::query_scalar!(
        r#"SELECT count(*) AS "counted!" FROM (
               SELECT FROM audit
               WHERE at >= $1 AND at < $2
                 AND ($3::text IS NULL OR action = $3) AND ($4::text IS NULL OR actor_name = $4)
                 AND ($5::text IS NULL OR actor_kind = $5) AND ($6::integer IS NULL OR import_id = $6)
                 AND ($7::boolean IS NULL OR refused = $7)
               LIMIT $8) AS first"#,
        span.from,
        span.until,
        filter.action.map(Deed::as_str),
        filter.actor,
        filter.kind.map(ActorKind::as_str),
        filter.import_id,
        filter.refused,
        i64::try_from(COUNTED).map_or(i64::MAX, |counted| counted + 1)
    )
    .fetch_one(db)
    .await?;
    Ok(usize::try_from(counted).unwrap_or_default())
}

/// A query for lines; `$beside` says on which side of the line `$place` they stand (there, of none all are), and `$order`
/// from which end they are told.
macro_rules! lines {
    ($beside:literal, $order:literal, $db:expr, $filter:expr, $place:expr, $limit:expr) => {{
        let (span, filter) = (Span::of($filter), $filter);
        sqlx::query_as!(
            AuditLine,
            r#"SELECT id, at, action AS "action: Deed", refused, actor_kind AS "actor_kind: ActorKind", actor_id, actor_name,
                      door AS "door: Requester", address, import_id, detail AS "detail: Json<Detail>"
               FROM audit
               WHERE at >= $1 AND at < $2
                 AND ($3::text IS NULL OR action = $3) AND ($4::text IS NULL OR actor_name = $4)
                 AND ($5::text IS NULL OR actor_kind = $5) AND ($6::integer IS NULL OR import_id = $6)
                 AND ($7::boolean IS NULL OR refused = $7)
                 AND "# + $beside + " ORDER BY " + $order + " LIMIT $9",
            span.from,
            span.until,
            filter.action.map(Deed::as_str),
            filter.actor,
            filter.kind.map(ActorKind::as_str),
            filter.import_id,
            filter.refused,
            $place,
            $limit
        )
        .fetch_all($db)
        .await
    }};
}

/// The matches next to a place, the nearest first.
///
/// # Errors
/// When the database refuses.
pub async fn beside(
    db: &mut PgConnection,
    filter: &Filter,
    from: Page,
    limit: usize,
) -> sqlx::Result<Vec<AuditLine>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    match from {
        Page::Newest => lines!(
            "$8::bigint IS NULL",
            "at DESC, id DESC",
            db,
            filter,
            None::<i64>,
            limit
        ),
        Page::After(place) => lines!(
            "(at, id) < ((SELECT place.at FROM audit place WHERE place.id = $8), $8)",
            "at DESC, id DESC",
            db,
            filter,
            place,
            limit
        ),
        Page::Before(place) => lines!(
            "(at, id) > ((SELECT place.at FROM audit place WHERE place.id = $8), $8)",
            "at, id",
            db,
            filter,
            place,
            limit
        ),
    }
}

/// The time that a filter asks for.
struct Span {
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

impl Span {
    fn of(filter: &Filter) -> Self {
        Self {
            from: filter.from.unwrap_or(DateTime::UNIX_EPOCH),
            until: filter.until.unwrap_or(DateTime::<Utc>::MAX_UTC),
        }
    }
}

impl From<Json<Detail>> for Detail {
    fn from(Json(detail): Json<Detail>) -> Self {
        detail
    }
}
