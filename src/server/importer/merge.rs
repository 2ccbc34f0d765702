//! The merge of what is staged into games and results, and the count of what a backup's import did.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{games::merge_games, load::Loaded, read::Read};
use crate::server::db::{import_rejects, outcomes::Counters, staging};

/// Merges what is staged, and counts what the whole import did.
///
/// # Errors
/// When the database refuses.
pub async fn merge(
    db: &mut PgConnection,
    read: &mut Read,
    loaded: Loaded,
    now: DateTime<Utc>,
) -> sqlx::Result<Counters> {
    let games = match loaded.games {
        Some(games) => games,
        None => merge_games(&mut *db, now, 0).await?.0,
    };
    let ambiguous = games.ambiguous;
    let staged_games = read.games - ambiguous;
    read.rejects.extend(games.rejects);

    let staged = read.results - read.repeated - loaded.results;
    let merged = count(staging::merge_results(&mut *db, now).await?);
    let (mut unknown, mut draws) = (0, merged);
    // Only when not every staged result was new is there anything to tell apart.
    if merged < staged {
        let room = import_rejects::KEPT_PER_IMPORT.saturating_sub(read.rejects.len());
        let rejects;
        (unknown, rejects) = staging::reject_unknown_games(&mut *db, count(room)).await?;
        read.rejects.extend(rejects);
        if merged < staged - unknown {
            draws = staging::distinct_results(&mut *db).await?;
        }
    }
    let distinct_games = if games.created < staged_games {
        staging::distinct_games(&mut *db).await?
    } else {
        staged_games
    };

    Ok(Counters {
        records: read.games + read.results + read.rejected,
        games_created: games.created,
        results_created: loaded.results + merged,
        results_updated: 0,
        results_unchanged: draws - merged,
        duplicates: read.repeated + (staged - unknown - draws) + (staged_games - distinct_games),
        rejected: read.rejected + ambiguous + unknown,
    })
}

/// A number of rows as the counters hold it.
fn count(rows: impl TryInto<i64>) -> i64 {
    rows.try_into().unwrap_or(i64::MAX)
}
