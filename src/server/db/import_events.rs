//! `import_events`: what happened to an import between its start and its end. A trigger writes what its run tells; here
//! stand the phases, which the run changes too quickly to tell of all of them.

use std::time::Duration;

use sqlx::PgExecutor;

use super::attempts::AttemptKey;
use crate::model::{
    import_log::Phase,
    timeline::{EventKind, ImportEvent},
};

/// A phase that an attempt has entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    pub phase: Phase,
    pub ago: Duration,
}

/// Notes which phases an attempt has entered, unless they are noted already. Once the import is no longer this attempt's
/// nothing is.
///
/// # Errors
/// When the database refuses.
pub async fn enter(
    db: impl PgExecutor<'_>,
    key: AttemptKey,
    entered: &[Entered],
) -> sqlx::Result<()> {
    if entered.is_empty() {
        return Ok(());
    }
    let phases: Vec<&str> = entered.iter().map(|it| it.phase.as_str()).collect();
    let ago: Vec<f64> = entered.iter().map(|it| it.ago.as_secs_f64()).collect();
    sqlx::query!(
        "INSERT INTO import_events (log_id, at, kind, attempt, phase)
         SELECT run.import_id, clock_timestamp() - make_interval(secs => entered.ago), $3, run.attempt, entered.phase
         FROM import_runs run, unnest($4::text[], $5::double precision[]) AS entered (phase, ago)
         WHERE run.import_id = $1 AND run.attempt = $2
         ON CONFLICT DO NOTHING",
        key.import_id,
        key.number,
        EventKind::Phase.as_str(),
        &phases as &[&str],
        &ago
    )
    .execute(db)
    .await
    .map(drop)
}

/// What happened to an import, in order; what other rows tell of it included.
///
/// # Errors
/// When the database refuses.
pub async fn of(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<Vec<ImportEvent>> {
    sqlx::query_as!(
        ImportEvent,
        r#"SELECT at AS "at!", kind AS "kind!: EventKind", attempt AS "attempt!", nullif(phase, '') AS "phase: Phase", detail, other,
                  coalesce(name, (
                      -- The door is kept with what happened, and who it was in the audit, which is written with it.
                      SELECT CASE actor_kind WHEN 'account' THEN actor_name ELSE actor_kind || ' ' || actor_name END
                      FROM audit
                      WHERE import_id = $1 AND NOT refused AND at <= told.at
                        AND action = CASE kind WHEN 'cancel_asked' THEN 'cancel' WHEN 'dismissed' THEN 'dismiss' WHEN 'undone' THEN 'undo' END
                      ORDER BY at DESC, id DESC LIMIT 1)) AS by
           FROM (
               SELECT at, kind, attempt, phase, detail, NULL::integer AS other, NULL::text AS name FROM import_events WHERE log_id = $1
               UNION ALL
               SELECT dismissed_at, 'dismissed', 0, '', dismissed_by, NULL, NULL FROM import_logs
               WHERE id = $1 AND dismissed_at IS NOT NULL
               UNION ALL
               SELECT started_at, 'retried', 0, '', requested_by, id, requested_by_name FROM import_logs WHERE retry_of = $1
               UNION ALL
               SELECT good.completed_at, 'resolved', 0, '', NULL, good.id, NULL
               FROM import_logs log JOIN import_logs good ON good.id = log.resolved_by
               WHERE log.id = $1 AND good.completed_at IS NOT NULL) AS told
           ORDER BY at, attempt, array_position(ARRAY['received', 'begun', 'phase', 'cancel_asked', 'handed_back'], kind::text)"#,
        id
    )
    .fetch_all(db)
    .await
}
