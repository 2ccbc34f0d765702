//! The undo of an import: what of the data is still just what the import made it, and goes back to what it was before.
//!
//! `change_id` of a game or result leads to the change that its present values come with, and that one's `previous` to the
//! change before. So what an import did last is what lies on top, and only that is taken off.
//!
//! Longer than 300 lines: what would be done and what is done are told by the same conditions, which stand in one place.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, PgExecutor, types::Json};

use crate::model::{
    difference::DrawValues, game::ResultStatus, import_log::Requester, undo::Touched,
    undone::Undone,
};

/// A query over the games that an import has created or changed. Of each, `goes` says whether it is removed, and `back`
/// whether it goes back to an earlier name; what is neither is kept.
///
/// An import of many days may have renamed a game more than once: all that lies on top is taken off. A game is removed with
/// the last of its results: those that are the import's own, and unchanged, count as gone.
macro_rules! touched_games {
    ($query:ident $(, $row:ty)?; $tail:literal $(+ $more:literal)* $(, $arg:expr)*) => {
        sqlx::$query!(
            $($row,)?
            r#"WITH RECURSIVE mine AS (
                   SELECT game.id AS game_id, change.id, change.previous, change.old_name, change.old_country,
                          change.new_name, change.new_country, 1 AS depth
                   FROM game_changes change JOIN games game ON game.change_id = change.id WHERE change.import_id = $1
                   UNION ALL
                   SELECT mine.game_id, change.id, change.previous, change.old_name, change.old_country,
                          change.new_name, change.new_country, depth + 1
                   FROM mine JOIN game_changes change ON change.id = mine.previous WHERE change.import_id = $1),
               earlier AS (
                   SELECT DISTINCT ON (game_id) game_id, previous, old_name, old_country FROM mine ORDER BY game_id, depth DESC),
               touched AS MATERIALIZED (
                   SELECT game.*, earlier.game_id IS NOT NULL AS back, earlier.previous, earlier.old_name, earlier.old_country,
                          coalesce(game.created_by = $1, false)
                          AND CASE WHEN earlier.game_id IS NULL THEN game.change_id ELSE earlier.previous END IS NULL
                          AND other.game_id IS NULL AS goes,
                          other.created_by AS other_created_by, other.change_id AS other_change_id
                   FROM games game LEFT JOIN earlier ON earlier.game_id = game.id
                   -- A result that stays; the newest, since those are rather others'.
                   LEFT JOIN LATERAL (
                       SELECT result.* FROM results result
                       WHERE result.game_id = game.id AND (result.created_by IS DISTINCT FROM $1 OR result.change_id IS NOT NULL)
                       ORDER BY result_date DESC LIMIT 1) AS other ON true
                   WHERE game.created_by = $1 OR game.id IN (
                       SELECT game_id FROM game_changes change
                       WHERE import_id = $1 AND undoes IS NULL
                         AND NOT EXISTS (SELECT FROM game_changes undo WHERE undo.undoes = change.id))) "# + $tail $(+ $more)*
            $(, $arg)*
        )
    };
}

/// Keeps all imports from writing until the caller's transaction ends. Waits for those that are about to commit.
///
/// # Errors
/// When one of them takes longer than half a minute, or the database refuses.
pub async fn hold_all_imports(db: &mut PgConnection) -> sqlx::Result<()> {
    // In the order in which imports write to them.
    sqlx::raw_sql(
        "SET LOCAL lock_timeout = '30s'; LOCK TABLE games, results IN SHARE ROW EXCLUSIVE MODE",
    )
    .execute(db)
    .await
    .map(drop)
}

/// Whether the games and results that an import created and changed know it. `None`: there is no such import.
///
/// # Errors
/// When the database refuses.
pub async fn is_traced(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<Option<bool>> {
    sqlx::query_scalar!("SELECT traced FROM import_logs WHERE id = $1", id)
        .fetch_optional(db)
        .await
}

/// How many games and results would end how, and the first of each kind: so many games and so many results.
///
/// # Errors
/// When the database refuses.
pub async fn plan(db: &mut PgConnection, id: i32, limit: u32) -> sqlx::Result<(Undone, Lists)> {
    let limit = i64::from(limit);
    let created = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE change_id IS NULL) AS "unchanged!", count(change_id) AS "changed!"
           FROM results WHERE created_by = $1"#,
        id
    )
    .fetch_one(&mut *db)
    .await?;
    let changed = sqlx::query!(
        r#"SELECT count(*) FILTER (WHERE known.change_id = change.id) AS "on_top!",
                  count(*) FILTER (WHERE known.change_id IS DISTINCT FROM change.id) AS "below!"
           FROM result_changes change JOIN results known USING (game_id, result_date)
           WHERE import_id = $1 AND undoes IS NULL
             AND NOT EXISTS (SELECT FROM result_changes undo WHERE undo.undoes = change.id)"#,
        id
    )
    .fetch_one(&mut *db)
    .await?;
    let games = games(&mut *db, id, limit).await?;
    // Whatever is neither there nor was taken back by an earlier undo was removed with all data.
    let gone = sqlx::query!(
        r#"SELECT results_created + results_updated
                      - coalesce((undone->>'results_removed')::bigint + (undone->>'results_put_back')::bigint, 0) AS "results!",
                  games_created - coalesce((undone->>'games_removed')::bigint, 0) AS "games!"
           FROM import_logs WHERE id = $1"#,
        id
    )
    .fetch_one(&mut *db)
    .await?;
    let here = created.unchanged + created.changed + changed.on_top + changed.below;
    let undone = Undone {
        results_removed: created.unchanged,
        results_put_back: changed.on_top,
        results_kept: created.changed + changed.below,
        games_removed: games.removed,
        games_put_back: games.put_back,
        games_kept: games.kept,
        results_gone: (gone.results - here).max(0),
        games_gone: (gone.games - games.created).max(0),
    };
    let mut lists = games.first;
    add_results(db, id, limit, &mut lists).await?;
    Ok((undone, lists))
}

/// Puts the results back that the import has changed and nobody since. Answers how many.
///
/// # Errors
/// When the database refuses.
pub async fn put_results_back(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<u64> {
    sqlx::query!(
        "WITH mine AS MATERIALIZED (
             SELECT change.*, nextval('result_changes_id_seq') AS undo_id
             FROM result_changes change
             JOIN results known ON (known.game_id, known.result_date, known.change_id) = (change.game_id, change.result_date, change.id)
             WHERE change.import_id = $1),
         written AS (
             UPDATE results known
             SET result_3up = mine.old_3up, result_2down = mine.old_2down, result_4up = mine.old_4up,
                 status = mine.old_status, change_id = mine.previous
             FROM mine WHERE (known.game_id, known.result_date) = (mine.game_id, mine.result_date)
             RETURNING mine.*)
         INSERT INTO result_changes (id, import_id, undoes, previous, game_id, result_date, old_3up, old_2down, old_4up,
                                     old_status, new_3up, new_2down, new_4up, new_status)
         SELECT undo_id, import_id, id, previous, game_id, result_date, new_3up, new_2down, new_4up, new_status,
                old_3up, old_2down, old_4up, old_status
         FROM written ORDER BY undo_id",
        id
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected())
}

/// Removes the results that the import has created and nobody has changed since. Answers how many.
///
/// # Errors
/// When the database refuses.
pub async fn remove_results(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<u64> {
    sqlx::query!(
        "DELETE FROM results WHERE created_by = $1 AND change_id IS NULL",
        id
    )
    .execute(db)
    .await
    .map(|done| done.rows_affected())
}

/// Removes the games that the import has created, that are called as it called them, and that have no results left.
/// Answers how many.
///
/// # Errors
/// When the database refuses.
pub async fn remove_games(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<u64> {
    touched_games!(query; "DELETE FROM games USING touched WHERE games.id = touched.id AND goes", id)
        .execute(db)
        .await
        .map(|done| done.rows_affected())
}

/// Gives the games their earlier names and countries back that the import has changed and nobody else since. Answers how
/// many.
///
/// # Errors
/// When the database refuses.
pub async fn put_games_back(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<i64> {
    touched_games!(query_scalar;
        r#", written AS (
               UPDATE games SET game_name = old_name, country_code = old_country, change_id = touched.previous
               FROM touched WHERE games.id = touched.id AND back AND NOT goes
               RETURNING games.id),
           noted AS (
               INSERT INTO game_changes (import_id, undoes, previous, game_id, old_name, old_country, new_name, new_country)
               SELECT $1, mine.id, mine.previous, game_id, new_name, new_country, mine.old_name, mine.old_country
               FROM mine JOIN written ON written.id = game_id ORDER BY game_id, depth)
           SELECT count(*) AS "count!" FROM written"#, id)
    .fetch_one(db)
    .await
}

/// Notes in the log of an import that it was undone, when, by whom, and what became of what it had brought. Answers when.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    db: &mut PgConnection,
    id: i32,
    by: Requester,
    undone: &Undone,
) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query!(
        "INSERT INTO import_events (log_id, kind, attempt, detail) VALUES ($1, 'undone', 0, $2)
         ON CONFLICT (log_id, attempt, kind, phase) DO UPDATE SET at = excluded.at, detail = excluded.detail",
        id,
        by.as_str()
    )
    .execute(&mut *db)
    .await?;
    sqlx::query_scalar!(
        r#"UPDATE import_logs SET undone_at = now(), undone_by = $2, undone = $3 WHERE id = $1 RETURNING undone_at AS "at!""#,
        id,
        by.as_str(),
        Json(undone) as _
    )
    .fetch_one(db)
    .await
}

/// Opens the failures again that this import had settled: what they lack is not there any more.
///
/// # Errors
/// When the database refuses.
pub async fn reopen_failures(db: impl PgExecutor<'_>, id: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH lacking AS (UPDATE import_dates SET resolved_by = NULL WHERE resolved_by = $1 RETURNING import_id)
         UPDATE import_logs SET resolved_by = NULL
         WHERE resolved_by = $1 OR resolved_by IS NOT NULL AND id IN (SELECT import_id FROM lacking)",
        id
    )
    .execute(db)
    .await
    .map(drop)
}

/// A line of one of the lists.
struct Line {
    base_game_id: String,
    game_name: String,
    result_date: Option<NaiveDate>,
    result_3up: Option<String>,
    result_2down: Option<String>,
    result_4up: Option<String>,
    status: Option<ResultStatus>,
    old_3up: Option<String>,
    old_2down: Option<String>,
    old_4up: Option<String>,
    old_status: Option<ResultStatus>,
    changed_by: Option<i32>,
}

impl From<Line> for Touched {
    fn from(line: Line) -> Self {
        Self {
            stored: line.status.map(|status| DrawValues {
                result_3up: line.result_3up,
                result_2down: line.result_2down,
                result_4up: line.result_4up,
                status,
            }),
            before: line.old_status.map(|status| DrawValues {
                result_3up: line.old_3up,
                result_2down: line.old_2down,
                result_4up: line.old_4up,
                status,
            }),
            base_game_id: line.base_game_id,
            game_name: line.game_name,
            result_date: line.result_date,
            name_before: None,
            changed_by: line.changed_by,
        }
    }
}

/// Lines of results; `$tail` is what follows `FROM results result JOIN games game`, with `change` among it.
macro_rules! results {
    ($tail:literal, $id:expr, $limit:expr) => {
        sqlx::query_as!(
            Line,
            r#"SELECT base_game_id, game_name, result.result_date AS "result_date?", result_3up, result_2down, result_4up,
                      status AS "status?: ResultStatus", old_3up, old_2down, old_4up, old_status AS "old_status?: ResultStatus",
                      changed_by
               FROM (SELECT * FROM "# + $tail + r#" LIMIT $2) AS result
               JOIN games game ON game.id = result.game_id ORDER BY base_game_id, result.result_date"#,
            $id,
            $limit
        )
    };
}

/// The games that the import has created or changed.
#[derive(Debug, Default)]
struct Games {
    removed: i64,
    put_back: i64,
    kept: i64,
    /// Those that it has created, whatever becomes of them.
    created: i64,
    first: Lists,
}

/// Looks at the games once: for each of them all of its results may have to be looked through.
async fn games(db: &mut PgConnection, id: i32, limit: i64) -> sqlx::Result<Games> {
    let rows = touched_games!(query;
        r#"SELECT base_game_id, game_name, goes AS "goes!", back AS "back!", old_name, changed_by, of_its_kind AS "of_its_kind!",
                  created AS "created!"
           FROM (
               SELECT base_game_id, game_name, goes, back, old_name,
                      CASE WHEN NOT back AND NOT goes THEN coalesce(
                          (SELECT nullif(change.import_id, $1) FROM game_changes change WHERE change.id = change_id),
                          (SELECT change.import_id FROM result_changes change WHERE change.id = other_change_id),
                          other_created_by) END AS changed_by,
                      row_number() OVER (PARTITION BY goes, back AND NOT goes ORDER BY base_game_id) AS nth,
                      count(*) OVER (PARTITION BY goes, back AND NOT goes) AS of_its_kind,
                      count(*) FILTER (WHERE created_by = $1) OVER () AS created
               FROM touched) AS game
           WHERE nth <= greatest($2::bigint, 1) ORDER BY nth"#, id, limit)
    .fetch_all(db)
    .await?;
    let mut games = Games::default();
    for row in rows {
        games.created = row.created;
        let (number, list) = if row.goes {
            (&mut games.removed, &mut games.first.removed)
        } else if row.back {
            (&mut games.put_back, &mut games.first.put_back)
        } else {
            (&mut games.kept, &mut games.first.kept)
        };
        *number = row.of_its_kind;
        if i64::try_from(list.len()).is_ok_and(|listed| listed < limit) {
            list.push(Touched {
                base_game_id: row.base_game_id,
                game_name: row.game_name,
                result_date: None,
                stored: None,
                before: None,
                name_before: row.old_name.filter(|_| row.back && !row.goes),
                changed_by: row.changed_by,
            });
        }
    }
    Ok(games)
}

/// The first of each kind, games before results.
#[derive(Debug, Default)]
pub struct Lists {
    pub removed: Vec<Touched>,
    pub put_back: Vec<Touched>,
    pub kept: Vec<Touched>,
}

/// Adds the first results that would be removed, put back and kept: so many of each.
async fn add_results(
    db: &mut PgConnection,
    id: i32,
    limit: i64,
    lists: &mut Lists,
) -> sqlx::Result<()> {
    let removed = results!(
            "(SELECT *, NULL::text AS old_3up, NULL::text AS old_2down, NULL::text AS old_4up, NULL::text AS old_status,
                     NULL::integer AS changed_by
              FROM results WHERE created_by = $1 AND change_id IS NULL) AS unchanged",
            id,
            limit
    )
    .fetch_all(&mut *db)
    .await?;
    lists.removed.extend(removed.into_iter().map(Touched::from));
    let put_back = results!(
            "(SELECT known.*, old_3up, old_2down, old_4up, old_status, NULL::integer AS changed_by
              FROM result_changes change
              JOIN results known ON (known.game_id, known.result_date, known.change_id) = (change.game_id, change.result_date, change.id)
              WHERE change.import_id = $1) AS on_top",
            id,
            limit
    )
    .fetch_all(&mut *db)
    .await?;
    lists
        .put_back
        .extend(put_back.into_iter().map(Touched::from));
    let kept = results!(
            "(SELECT known.*, NULL::text AS old_3up, NULL::text AS old_2down, NULL::text AS old_4up, NULL::text AS old_status,
                     top.import_id AS changed_by
              FROM results known JOIN result_changes top ON top.id = known.change_id WHERE created_by = $1
              UNION ALL
              SELECT known.*, NULL, NULL, NULL, NULL, top.import_id
              FROM result_changes change JOIN results known USING (game_id, result_date)
              LEFT JOIN result_changes top ON top.id = known.change_id
              WHERE change.import_id = $1 AND change.undoes IS NULL AND known.change_id IS DISTINCT FROM change.id
                AND NOT EXISTS (SELECT FROM result_changes undo WHERE undo.undoes = change.id)) AS changed",
            id,
            limit
    )
    .fetch_all(&mut *db)
    .await?;
    lists.kept.extend(kept.into_iter().map(Touched::from));
    Ok(())
}
