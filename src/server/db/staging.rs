//! The staging tables of a bulk import, and what becomes of its games; [`super::staged_results`] merges its results.
//!
//! They are temporary and end with the transaction, so that a killed process leaves none behind, and PostgreSQL
//! writes no WAL for them. A table that isn't there when the program is compiled can't be checked then: these are
//! the two files whose queries are not. The tests run each of them.

use chrono::{DateTime, Utc};
use futures::{StreamExt as _, stream::BoxStream};
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

/// Creates the tables for the caller's transaction, all at once and empty: a check of a file goes on read-only, where none
/// can be created. The columns of the first two are those that [`crate::server::importer::stage`] writes, in that order. A
/// game that was rejected stands there without a `base_game_id`: results that name it are told so.
///
/// # Errors
/// When the database refuses.
pub async fn create(db: &mut PgConnection) -> sqlx::Result<()> {
    db.execute(
        "CREATE TEMPORARY TABLE staged_games (
             position bigint, file_id bigint, base_game_id text, game_name text, country_code text, is_active boolean,
             created_at timestamptz
         ) ON COMMIT DROP;
         CREATE TEMPORARY TABLE staged_results (
             position bigint, game_file_id bigint, code_game text, result_date date, result_3up text, result_2down text,
             result_4up text, status text, created_at timestamptz
         ) ON COMMIT DROP;
         CREATE TEMPORARY TABLE ambiguous_ids (file_id bigint) ON COMMIT DROP;
         CREATE TEMPORARY TABLE staged_game_ids (file_id bigint, game_id integer, base_game_id text) ON COMMIT DROP;
         CREATE TEMPORARY TABLE staged_draws (
             game_id integer, base_game_id text, position bigint, result_date date, result_3up text, result_2down text,
             result_4up text, status text, created_at timestamptz
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
            "COPY results (game_id, result_date, result_3up, result_2down, result_4up, status, created_at, created_by)
             FROM STDIN WITH (FORMAT binary)"
        }
    })
    .await
}

/// Notes the file ids that several games of the file have: which of them a result means is unknowable.
///
/// # Errors
/// When the database refuses.
pub async fn find_ambiguous_games(db: &mut PgConnection) -> sqlx::Result<()> {
    db.execute(
        "INSERT INTO ambiguous_ids
             SELECT file_id FROM staged_games GROUP BY file_id HAVING count(DISTINCT base_game_id) > 1;
         ANALYZE ambiguous_ids;",
    )
    .await
    .map(drop)
}

/// The first games whose file id another game of the file had before them.
pub fn ambiguous_games(
    db: &mut PgConnection,
    limit: i64,
) -> BoxStream<'_, sqlx::Result<ImportReject>> {
    rejects(
        db,
        "SELECT 'games' AS section, position,
                format('id %s is also that of game %s (%s): results that name it could mean either.', file_id, first_position, first_game) AS reason,
                json_build_object('id', file_id, 'base_game_id', base_game_id, 'game_name', game_name)::text AS record
         FROM (SELECT *, first_value(base_game_id) OVER same AS first_game, first_value(position) OVER same AS first_position
               FROM staged_games JOIN ambiguous_ids USING (file_id)
               WHERE base_game_id IS NOT NULL
               WINDOW same AS (PARTITION BY file_id ORDER BY position)) AS game
         WHERE base_game_id <> first_game ORDER BY position LIMIT $1",
        limit,
    )
}

/// Takes those games out, and answers how many there were.
///
/// # Errors
/// When the database refuses.
pub async fn remove_ambiguous_games(db: &mut PgConnection) -> sqlx::Result<u64> {
    db.execute(
        "DELETE FROM staged_games
         USING (SELECT DISTINCT ON (file_id) file_id, base_game_id
                FROM staged_games JOIN ambiguous_ids USING (file_id)
                WHERE base_game_id IS NOT NULL ORDER BY file_id, position) AS first
         WHERE staged_games.file_id = first.file_id AND staged_games.base_game_id <> first.base_game_id",
    )
    .await
    .map(|done| done.rows_affected())
}

/// A game that [`merge_games`] created.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct NewGame {
    /// An id by which the file names it.
    pub file_id: i64,
    pub game_id: i32,
    pub base_game_id: String,
}

/// The games that [`merge_games`] created.
#[derive(Debug, Default)]
pub struct Created {
    pub count: i64,
    /// Which of them each file id means; nothing when there are more than the caller wants to know of.
    pub games: Vec<NewGame>,
}

/// Creates the games that aren't known yet, as this import's, in the order of their ids, and notes which game each file
/// id means. Answers the first `limit` file ids of what was created, or none if there are more.
///
/// # Errors
/// When the database refuses.
pub async fn merge_games(
    db: &mut PgConnection,
    import_id: i32,
    now: DateTime<Utc>,
    limit: usize,
) -> sqlx::Result<Created> {
    let row = sqlx::query(
        "WITH created AS (
             INSERT INTO games (base_game_id, game_name, country_code, is_active, created_at, created_by)
             SELECT DISTINCT ON (base_game_id) base_game_id, game_name, country_code, is_active, coalesce(created_at, $1), $3
             FROM staged_games WHERE base_game_id IS NOT NULL ORDER BY base_game_id, position
             ON CONFLICT (base_game_id) DO NOTHING
             RETURNING id)
         SELECT count(*), CASE WHEN count(*) <= $2 THEN array_agg(id) END FROM created",
    )
    .bind(now)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .bind(import_id)
    .fetch_one(&mut *db)
    .await?;
    let (count, ids): (i64, Option<Vec<i32>>) = (row.try_get(0)?, row.try_get(1)?);
    db.execute(
        "INSERT INTO staged_game_ids
             SELECT DISTINCT file_id, game.id AS game_id, base_game_id FROM staged_games JOIN games game USING (base_game_id)
             WHERE file_id NOT IN (SELECT file_id FROM ambiguous_ids);
         ANALYZE staged_game_ids;",
    )
    .await?;
    let mut games: Vec<NewGame> = Vec::new();
    if let Some(ids) = ids {
        let more_than_wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        games = sqlx::query_as(
            "SELECT file_id, game_id, base_game_id FROM staged_game_ids WHERE game_id = ANY($1) LIMIT $2",
        )
        .bind(ids)
        .bind(more_than_wanted)
        .fetch_all(db)
        .await?;
        if games.len() > limit {
            games.clear();
        }
    }
    Ok(Created { count, games })
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

/// The first rejects that a query finds, row by row.
pub(super) fn rejects<'a>(
    db: &'a mut PgConnection,
    query: &'static str,
    limit: i64,
) -> BoxStream<'a, sqlx::Result<ImportReject>> {
    sqlx::query(query)
        .bind(limit)
        .fetch(db)
        .map(|row| {
            let row = row?;
            Ok(ImportReject {
                section: row.try_get("section")?,
                position: row.try_get("position")?,
                date: None,
                reason: row.try_get("reason")?,
                record: row.try_get("record")?,
            })
        })
        .boxed()
}
