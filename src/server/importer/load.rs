//! The database's side of a backup's import: takes pieces from the decoder as they come, so that decoding and
//! loading overlap.

use sqlx::{PgConnection, postgres::PgCopyIn};
use tokio::sync::{mpsc, oneshot};

use super::{
    doing::Doing,
    error::ImportError,
    games::{MergedGames, merge_games},
    rejects::Rejects,
    stage::{HEADER, Piece, TRAILER},
};
use crate::server::db::{
    outcomes::counted,
    staging::{self, NewGame, Table},
};

/// What the decoder has for the database.
#[derive(Debug)]
pub enum Step {
    Rows(Piece),
    /// All games have been handed over: merge them, and tell which are new if they are no more than `limit`.
    MergeGames {
        limit: usize,
        created: oneshot::Sender<Vec<NewGame>>,
    },
}

/// What has been loaded when the decoder is through.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The merged games; `None` when the results came first.
    pub games: Option<MergedGames>,
    /// How many rows went into `results` itself.
    pub results: i64,
}

/// Loads what comes, until the channel is closed.
///
/// # Errors
/// When the database refuses.
pub async fn load(
    db: &mut PgConnection,
    mut steps: mpsc::Receiver<Step>,
    rejects: &Rejects,
    doing: Doing,
) -> Result<Loaded, ImportError> {
    let mut loaded = Loaded::default();
    let mut next = steps.recv().await;
    while let Some(step) = next {
        next = match step {
            Step::Rows(Piece { table, rows }) => {
                let mut copy = staging::copy(&mut *db, table).await?;
                copy.send(HEADER).await?;
                copy.send(rows).await?;
                let next = copy_on(&mut copy, table, &mut steps).await?;
                copy.send(TRAILER).await?;
                let copied = copy.finish().await?;
                if table == Table::Results {
                    loaded.results += counted(copied);
                }
                next
            }
            Step::MergeGames { limit, created } => {
                let (games, new) = merge_games(&mut *db, rejects, doing, limit).await?;
                loaded.games = Some(games);
                // A decoder that has ended needs no answer; its own error is the one to tell.
                let _ = created.send(new);
                steps.recv().await
            }
        };
    }
    Ok(loaded)
}

/// Copies more rows of one table; answers the first step that is something else.
async fn copy_on(
    copy: &mut PgCopyIn<&mut PgConnection>,
    table: Table,
    steps: &mut mpsc::Receiver<Step>,
) -> sqlx::Result<Option<Step>> {
    loop {
        match steps.recv().await {
            Some(Step::Rows(piece)) if piece.table == table => {
                copy.send(piece.rows).await?;
            }
            other => return Ok(other),
        }
    }
}
