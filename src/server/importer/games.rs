//! The merge of a backup's games, and what became of them.

use sqlx::PgConnection;

use super::{doing::Doing, error::ImportError, rejects::Rejects};
use crate::{
    model::import_log::ImportReject,
    server::db::{
        checking,
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

/// Merges the staged games; answers also the new ones, if they are no more than `limit`. A check creates none, and
/// answers none.
///
/// # Errors
/// When the database refuses.
pub async fn merge_games(
    db: &mut PgConnection,
    rejects: &Rejects,
    doing: Doing,
    limit: usize,
) -> Result<(MergedGames, Vec<NewGame>), ImportError> {
    staging::find_ambiguous_games(&mut *db).await?;
    let found = staging::ambiguous_games(&mut *db, rejects.room().await);
    let (taken, first_ambiguous) = rejects.take(found).await?;
    let removed = staging::remove_ambiguous_games(&mut *db).await?;
    let ambiguous = counted(removed);
    rejects.count(ambiguous - taken).await;
    let Created { count, games } = match doing {
        Doing::Import { id, now } => staging::merge_games(db, id, now, limit).await?,
        Doing::Check => Created {
            count: checking::number_games(db).await?,
            games: Vec::new(),
        },
    };
    let merged = MergedGames {
        created: count,
        ambiguous,
        first_ambiguous,
    };
    Ok((merged, games))
}
