//! The merge of a backup's games, and what became of them.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{error::ImportError, rejects::Rejects};
use crate::{
    model::import_log::ImportReject,
    server::db::{
        outcomes::counted,
        staging::{self, Created, NewGame},
    },
};

/// What became of the games.
#[derive(Debug)]
pub struct MergedGames {
    pub created: i64,
    /// How many had the file id of another one, and the first of them.
    pub ambiguous: i64,
    pub first_ambiguous: Option<ImportReject>,
}

/// Merges the staged games; answers also the new ones, if they are no more than `limit`.
///
/// # Errors
/// When the database refuses.
pub async fn merge_games(
    db: &mut PgConnection,
    import_id: i32,
    rejects: &Rejects,
    now: DateTime<Utc>,
    limit: usize,
) -> Result<(MergedGames, Vec<NewGame>), ImportError> {
    staging::find_ambiguous_games(&mut *db).await?;
    let found = staging::ambiguous_games(&mut *db, rejects.room().await);
    let (taken, first_ambiguous) = rejects.take(found).await?;
    let removed = staging::remove_ambiguous_games(&mut *db).await?;
    let ambiguous = counted(removed);
    rejects.count(ambiguous - taken).await;
    let Created { count, games } = staging::merge_games(db, import_id, now, limit).await?;
    let merged = MergedGames {
        created: count,
        ambiguous,
        first_ambiguous,
    };
    Ok((merged, games))
}
