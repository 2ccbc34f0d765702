//! What a backup's import would do: the same decoding, staging and comparing, in a transaction that can't write.

use std::time::Duration;

use super::{
    Importer, backup::Told, doing::Doing, error::ImportError, merge::merge, rejects::Rejects,
};
use crate::{
    model::{
        checked::{CheckedDraw, NEW_GAMES_SHOWN, NewGame, REJECTS_SHOWN},
        import_log::ImportReject,
    },
    server::db::{
        checking::{self, Kind},
        outcomes::Brought,
    },
};

/// What an import of a file would do.
#[derive(Debug)]
pub struct Found {
    pub brought: Brought,
    /// The first results that are new.
    pub created: Vec<CheckedDraw>,
    /// The first that complete a stored one.
    pub completed: Vec<CheckedDraw>,
    /// The first that are stored just so.
    pub unchanged: Vec<CheckedDraw>,
    /// The first [`REJECTS_SHOWN`].
    pub rejects: Vec<ImportReject>,
    /// The first [`NEW_GAMES_SHOWN`].
    pub new_games: Vec<NewGame>,
    /// The name that the file gives itself.
    pub filename: Option<String>,
}

impl Importer {
    /// Finds out what an import of this payload would do now. Nothing is written.
    ///
    /// # Errors
    /// Those of the import itself; and when PostgreSQL's part takes longer than `limit`.
    pub async fn check(&self, payload: &str, limit: Duration) -> Result<Found, ImportError> {
        let source = self.payloads.read(payload).await?;
        let rejects = Rejects::in_memory(REJECTS_SHOWN);
        let told = Told {
            progress: None,
            rejects: rejects.clone(),
        };
        let mut tx = checking::begin(&self.pool, limit).await?;
        let (mut read, loaded) = self.stage(&mut tx, source, told, Doing::Check).await?;
        let brought = merge(&mut tx, &mut read, loaded, &rejects, Doing::Check).await?;
        let counters = &brought.counters;
        let created = checking::first_draws(&mut tx, Kind::New, counters.results_created).await?;
        let completed =
            checking::first_draws(&mut tx, Kind::Completing, counters.results_updated).await?;
        let unchanged =
            checking::first_draws(&mut tx, Kind::Equal, counters.results_unchanged).await?;
        let new_games = checking::new_games(&mut tx, NEW_GAMES_SHOWN).await?;
        tx.rollback().await?;
        Ok(Found {
            brought,
            created,
            completed,
            unchanged,
            rejects: rejects.take_kept().await,
            new_games,
            filename: read.filename,
        })
    }
}
