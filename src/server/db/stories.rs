//! What is known of a game, and where its results come from: `games`, `game_changes`, `result_changes`.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::model::{
    difference::DrawValues,
    game::ResultStatus,
    game_page::{Called, WEEKS},
    story::Line,
};

/// A game as it is stored.
#[derive(Clone, Debug)]
pub struct StoredGame {
    pub id: i32,
    pub called: Called,
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<i32>,
}

/// The game of this id in the feed. `None`: there is none.
///
/// # Errors
/// When the database refuses.
pub async fn game(db: impl PgExecutor<'_>, base_game_id: &str) -> sqlx::Result<Option<StoredGame>> {
    let row = sqlx::query!(
        "SELECT id, game_name, country_code, is_active, created_at, created_by FROM games WHERE base_game_id = $1",
        base_game_id
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| StoredGame {
        id: row.id,
        called: Called {
            name: row.game_name,
            country: row.country_code,
        },
        is_active: row.is_active,
        created_at: row.created_at,
        created_by: row.created_by,
    }))
}

/// A game's first draw and its last. `None`: it has no results.
///
/// # Errors
/// When the database refuses.
pub async fn drawn(
    db: impl PgExecutor<'_>,
    game_id: i32,
) -> sqlx::Result<Option<(NaiveDate, NaiveDate)>> {
    let drawn = sqlx::query!(
        "SELECT min(result_date) AS first, max(result_date) AS last FROM results WHERE game_id = $1",
        game_id
    )
    .fetch_one(db)
    .await?;
    Ok(drawn.first.zip(drawn.last))
}

/// How many draws of a game each weekday had in the last weeks until a day, from Monday on.
///
/// # Errors
/// When the database refuses.
pub async fn weekdays(
    db: impl PgExecutor<'_>,
    game_id: i32,
    until: NaiveDate,
) -> sqlx::Result<[i64; 7]> {
    let weeks = i32::try_from(WEEKS).unwrap_or(i32::MAX);
    let rows = sqlx::query!(
        r#"SELECT extract(isodow FROM result_date)::int AS "weekday!", count(*) AS "draws!" FROM results
           WHERE game_id = $1 AND result_date > $2::date - 7 * $3::int AND result_date <= $2 GROUP BY 1"#,
        game_id,
        until,
        weeks
    )
    .fetch_all(db)
    .await?;
    let mut weekdays = [0; 7];
    for row in rows {
        let nth = usize::try_from(row.weekday - 1).ok();
        if let Some(draws) = nth.and_then(|nth| weekdays.get_mut(nth)) {
            *draws = row.draws;
        }
    }
    Ok(weekdays)
}

/// What was changed in a game, in order.
///
/// # Errors
/// When the database refuses.
pub async fn of_game(db: impl PgExecutor<'_>, game_id: i32) -> sqlx::Result<Vec<Line<Called>>> {
    let rows = sqlx::query!(
        "SELECT id, at, import_id, undoes, old_name, old_country, new_name, new_country
         FROM game_changes WHERE game_id = $1 ORDER BY id",
        game_id
    )
    .fetch_all(db)
    .await?;
    let lines = rows.into_iter().map(|row| Line {
        id: row.id,
        at: row.at,
        import_id: row.import_id,
        undoes: row.undoes,
        old: Called {
            name: row.old_name,
            country: row.old_country,
        },
        new: Called {
            name: row.new_name,
            country: row.new_country,
        },
    });
    Ok(lines.collect())
}

/// What was changed in a game's results of these dates, in order, each with its date.
///
/// # Errors
/// When the database refuses.
pub async fn of_results(
    db: impl PgExecutor<'_>,
    game_id: i32,
    dates: &[NaiveDate],
) -> sqlx::Result<Vec<(NaiveDate, Line<DrawValues>)>> {
    let rows = sqlx::query!(
        r#"SELECT id, at, import_id, undoes, result_date, old_3up, old_2down, old_4up, old_status AS "old_status: ResultStatus",
                  new_3up, new_2down, new_4up, new_status AS "new_status: ResultStatus"
           FROM result_changes WHERE game_id = $1 AND result_date = ANY($2::date[]) ORDER BY result_date, id"#,
        game_id,
        dates
    )
    .fetch_all(db)
    .await?;
    let lines = rows.into_iter().map(|row| {
        let line = Line {
            id: row.id,
            at: row.at,
            import_id: row.import_id,
            undoes: row.undoes,
            old: DrawValues {
                result_3up: row.old_3up,
                result_2down: row.old_2down,
                result_4up: row.old_4up,
                status: row.old_status,
            },
            new: DrawValues {
                result_3up: row.new_3up,
                result_2down: row.new_2down,
                result_4up: row.new_4up,
                status: row.new_status,
            },
        };
        (row.result_date, line)
    });
    Ok(lines.collect())
}

/// Those of some imports whose logs still stand.
///
/// # Errors
/// When the database refuses.
pub async fn logged(
    db: impl PgExecutor<'_>,
    imports: impl IntoIterator<Item = i32>,
) -> sqlx::Result<BTreeSet<i32>> {
    let imports: Vec<i32> = imports.into_iter().collect();
    let logged = sqlx::query_scalar!(
        "SELECT id FROM import_logs WHERE id = ANY($1::int[])",
        &imports
    )
    .fetch_all(db)
    .await?;
    Ok(logged.into_iter().collect())
}
