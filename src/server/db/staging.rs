//! The staging tables of a bulk import, and the statements that merge them into the data.
//!
//! They are temporary and end with the transaction, so that a killed process leaves none behind, and PostgreSQL
//! writes no WAL for them. A table that isn't there when the program is compiled can't be checked then: this is
//! the one file whose queries are not. The tests run each of them.

use chrono::{DateTime, Utc};
use sqlx::{Executor as _, PgConnection, Row as _, postgres::PgCopyIn};

use crate::model::import_log::ImportReject;

/// Which table rows are copied into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    StagedGames,
    StagedResults,
    /// `results` itself, for those that need no merge: results of games that the same transaction created.
    Results,
}

/// Creates the tables for the caller's transaction. Their columns are those that
/// [`crate::server::importer::stage`] writes, in that order.
///
/// # Errors
/// When the database refuses.
pub async fn create(db: &mut PgConnection) -> sqlx::Result<()> {
    db.execute(
        "CREATE TEMPORARY TABLE staged_games (
             position bigint, file_id bigint, base_game_id text, game_name text, is_active boolean, created_at timestamptz
         ) ON COMMIT DROP;
         CREATE TEMPORARY TABLE staged_results (
             position bigint, game_file_id bigint, result_date date, result_3up text, result_2down text, result_4up text,
             status text, created_at timestamptz
         ) ON COMMIT DROP;
         SET LOCAL work_mem = '64MB';",
    )
    .await
    .map(drop)
}

/// Begins a `COPY` in PostgreSQL's binary format.
///
/// # Errors
/// When the database refuses.
pub async fn copy(
    db: &mut PgConnection,
    table: Table,
) -> sqlx::Result<PgCopyIn<&mut PgConnection>> {
    db.copy_in_raw(match table {
        Table::StagedGames => "COPY staged_games FROM STDIN WITH (FORMAT binary)",
        Table::StagedResults => "COPY staged_results FROM STDIN WITH (FORMAT binary)",
        Table::Results => {
            "COPY results (game_id, result_date, result_3up, result_2down, result_4up, status, created_at)
             FROM STDIN WITH (FORMAT binary)"
        }
    })
    .await
}

/// Takes out games whose file id another game of the file has already, and notes those ids: which of the two games a
/// result means is unknowable. Answers how many games, and the first `limit` of them.
///
/// # Errors
/// When the database refuses.
pub async fn reject_ambiguous_games(
    db: &mut PgConnection,
    limit: i64,
) -> sqlx::Result<(i64, Vec<ImportReject>)> {
    db.execute(
        "CREATE TEMPORARY TABLE ambiguous_ids ON COMMIT DROP AS
             SELECT file_id FROM staged_games GROUP BY file_id HAVING count(DISTINCT base_game_id) > 1;
         ANALYZE ambiguous_ids;",
    )
    .await?;
    let rejects = sqlx::query(
        "SELECT 'games' AS section, position,
                format('id %s is also that of game %s (%s): results that name it could mean either.', file_id, first_position, first_game) AS reason,
                json_build_object('id', file_id, 'base_game_id', base_game_id, 'game_name', game_name)::text AS record
         FROM (SELECT *, first_value(base_game_id) OVER same AS first_game, first_value(position) OVER same AS first_position
               FROM staged_games JOIN ambiguous_ids USING (file_id)
               WINDOW same AS (PARTITION BY file_id ORDER BY position)) AS game
         WHERE base_game_id <> first_game ORDER BY position LIMIT $1",
    )
    .bind(limit)
    .fetch_all(&mut *db)
    .await?
    .iter()
    .map(reject)
    .collect::<sqlx::Result<Vec<_>>>()?;
    if rejects.is_empty() {
        return Ok((0, rejects));
    }
    let gone = sqlx::query(
        "DELETE FROM staged_games
         USING (SELECT DISTINCT ON (file_id) file_id, base_game_id
                FROM staged_games JOIN ambiguous_ids USING (file_id) ORDER BY file_id, position) AS first
         WHERE staged_games.file_id = first.file_id AND staged_games.base_game_id <> first.base_game_id",
    )
    .execute(db)
    .await?;
    Ok((
        i64::try_from(gone.rows_affected()).unwrap_or(i64::MAX),
        rejects,
    ))
}

/// The games that [`merge_games`] created.
#[derive(Debug, Default)]
pub struct Created {
    pub count: i64,
    /// Which of them each file id means; nothing when there are more than the caller wants to know of.
    pub by_file_id: Vec<(i64, i32)>,
}

/// Creates the games that aren't known yet, in the order of their ids, and notes which game each file id means.
/// Answers the first `limit` file ids of what was created, or none if there are more.
///
/// # Errors
/// When the database refuses.
pub async fn merge_games(
    db: &mut PgConnection,
    now: DateTime<Utc>,
    limit: usize,
) -> sqlx::Result<Created> {
    let row = sqlx::query(
        "WITH created AS (
             INSERT INTO games (base_game_id, game_name, is_active, created_at)
             SELECT DISTINCT ON (base_game_id) base_game_id, game_name, is_active, coalesce(created_at, $1)
             FROM staged_games ORDER BY base_game_id, position
             ON CONFLICT (base_game_id) DO NOTHING
             RETURNING id)
         SELECT count(*), CASE WHEN count(*) <= $2 THEN array_agg(id) END FROM created",
    )
    .bind(now)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_one(&mut *db)
    .await?;
    let (count, ids): (i64, Option<Vec<i32>>) = (row.try_get(0)?, row.try_get(1)?);
    db.execute(
        "CREATE TEMPORARY TABLE staged_game_ids ON COMMIT DROP AS
             SELECT DISTINCT file_id, game.id AS game_id FROM staged_games JOIN games game USING (base_game_id)
             WHERE file_id NOT IN (SELECT file_id FROM ambiguous_ids);
         ANALYZE staged_game_ids;",
    )
    .await?;
    let mut by_file_id = Vec::new();
    if let Some(ids) = ids {
        let more_than_wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        by_file_id = sqlx::query_as(
            "SELECT file_id, game_id FROM staged_game_ids WHERE game_id = ANY($1) LIMIT $2",
        )
        .bind(ids)
        .bind(more_than_wanted)
        .fetch_all(db)
        .await?;
        if by_file_id.len() > limit {
            by_file_id.clear();
        }
    }
    Ok(Created { count, by_file_id })
}

/// How many staged results name a game that the file doesn't hold, or holds under an id of several, and the first
/// `limit` of them.
///
/// # Errors
/// When the database refuses.
pub async fn reject_unknown_games(
    db: &mut PgConnection,
    limit: i64,
) -> sqlx::Result<(i64, Vec<ImportReject>)> {
    let unknown: i64 = sqlx::query(
        "SELECT count(*) FROM staged_results result
         WHERE NOT EXISTS (SELECT FROM staged_game_ids WHERE file_id = result.game_file_id)",
    )
    .fetch_one(&mut *db)
    .await?
    .try_get(0)?;
    if unknown == 0 {
        return Ok((0, Vec::new()));
    }
    let rejects = sqlx::query(
        "SELECT 'results' AS section, position,
                format(CASE WHEN game_file_id IN (SELECT file_id FROM ambiguous_ids)
                            THEN 'game_id %s is the id of more than one game in this file.'
                            ELSE 'game_id %s is the id of no game in this file.' END, game_file_id) AS reason,
                json_build_object('game_id', game_file_id, 'result_date', result_date, 'result_3up', result_3up,
                                  'result_2down', result_2down, 'result_4up', result_4up, 'status', status)::text AS record
         FROM staged_results result
         WHERE NOT EXISTS (SELECT FROM staged_game_ids WHERE file_id = result.game_file_id)
         ORDER BY position LIMIT $1",
    )
    .bind(limit)
    .fetch_all(db)
    .await?
    .iter()
    .map(reject)
    .collect::<sqlx::Result<_>>()?;
    Ok((unknown, rejects))
}

/// Adds the results that aren't stored yet; of several for one draw, the first in the file. In the order of the
/// key, so that imports at the same time wait for each other instead of deadlocking, and the index is filled
/// from left to right. Answers how many were created.
///
/// # Errors
/// When the database refuses.
pub async fn merge_results(db: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<u64> {
    sqlx::query(
        "INSERT INTO results (game_id, result_date, result_3up, result_2down, result_4up, status, created_at)
         SELECT game_id, result_date, result_3up, result_2down, result_4up, status, coalesce(created_at, $1)
         FROM staged_results JOIN staged_game_ids ON file_id = game_file_id
         ORDER BY game_id, result_date, position
         ON CONFLICT (game_id, result_date) DO NOTHING",
    )
    .bind(now)
    .execute(db)
    .await
    .map(|done| done.rows_affected())
}

/// How many different draws the staged results with a known game are.
///
/// # Errors
/// When the database refuses.
pub async fn distinct_results(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query(
        "SELECT count(*) FROM (
             SELECT DISTINCT game_id, result_date FROM staged_results JOIN staged_game_ids ON file_id = game_file_id) AS draw",
    )
    .fetch_one(db)
    .await?
    .try_get(0)
}

/// How many different games are staged.
///
/// # Errors
/// When the database refuses.
pub async fn distinct_games(db: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query("SELECT count(DISTINCT base_game_id) FROM staged_games")
        .fetch_one(db)
        .await?
        .try_get(0)
}

fn reject(row: &sqlx::postgres::PgRow) -> sqlx::Result<ImportReject> {
    Ok(ImportReject {
        section: row.try_get("section")?,
        position: row.try_get("position")?,
        date: None,
        reason: row.try_get("reason")?,
        record: row.try_get("record")?,
    })
}
