//! The merge of a backup's games, and what became of them.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    model::import_log::ImportReject,
    server::db::{
        import_rejects,
        staging::{self, Created},
    },
};

/// What became of the games.
#[derive(Debug)]
pub struct MergedGames {
    pub created: i64,
    /// How many had the file id of another one, and the first of them.
    pub ambiguous: i64,
    pub rejects: Vec<ImportReject>,
}

/// Merges the staged games; answers also the file ids of the new ones, if they are no more than `limit`.
///
/// # Errors
/// When the database refuses.
pub async fn merge_games(
    db: &mut PgConnection,
    now: DateTime<Utc>,
    limit: usize,
) -> sqlx::Result<(MergedGames, Vec<(i64, i32)>)> {
    let kept = i64::try_from(import_rejects::KEPT_PER_IMPORT).unwrap_or(i64::MAX);
    let (ambiguous, rejects) = staging::reject_ambiguous_games(&mut *db, kept).await?;
    let Created {
        count: created,
        by_file_id,
    } = staging::merge_games(db, now, limit).await?;
    let games = MergedGames {
        created,
        ambiguous,
        rejects,
    };
    Ok((games, by_file_id))
}
