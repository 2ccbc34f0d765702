//! Taking back what an import did.

use tracing::Instrument as _;

use super::{ServiceError, imports::no_such_import, logs::Logs};
use crate::{
    error::ErrorKind,
    model::{
        access::Action,
        audit::Detail,
        import_log::{ImportLog, ImportStatus},
        undo::Undo,
        undone::Undone,
    },
    server::{
        actor::{Actor, Permit},
        db::{
            self, Trouble, audit, import_logs,
            outcomes::counted,
            undo::{self, Lists},
        },
        request_id,
    },
};

impl Logs {
    /// What the undo of an import would do, with the first `listed` games and results of each kind.
    ///
    /// # Errors
    /// When there is no such import, it can't be undone, or the database refuses.
    pub async fn plan_undo(&self, id: i32, listed: u32) -> Result<Undo, ServiceError> {
        let mut tx = db::begin_reading(&self.pool).await?;
        db::take_time(&mut tx).await?;
        let log = import_logs::get(&mut *tx, id).await?;
        let log = undoable(log, id, undo::is_traced(&mut *tx, id).await?)?;
        let (counts, lists) = undo::plan(&mut tx, id, listed).await?;
        let message = format!("Undo of import #{id}: {}.", would(counts));
        Ok(undo(&log, true, message, counts, lists))
    }

    /// Takes back what an import did, as far as nobody has changed it since. All of it or nothing; a second time takes back
    /// what others have left meanwhile.
    ///
    /// # Errors
    /// When there is no such import, it can't be undone, another one writes for too long, or the database refuses.
    pub async fn undo(&self, id: i32, by: &Actor, listed: u32) -> Result<Undo, ServiceError> {
        let permit = by.permit(Action::Undo)?;
        // In a task of its own: whoever asked may leave.
        let logs = self.clone();
        let undoing = async move { logs.take_back(id, &permit, listed).await };
        tokio::spawn(undoing.in_current_span())
            .await
            .map_err(|error| {
                tracing::error!(%error, import = id, "an undo ended");
                ServiceError::told(
                    ErrorKind::Internal,
                    format!(
                        "The undo ended by a fault of NumWatch: nothing was undone. {}",
                        request_id::the_log_has_the_cause()
                    ),
                )
            })?
    }

    async fn take_back(&self, id: i32, permit: &Permit, listed: u32) -> Result<Undo, ServiceError> {
        let by = permit.actor().door;
        let mut tx = self.pool.begin().await?;
        db::take_time(&mut tx).await?;
        undo::hold_all_imports(&mut tx)
            .await
            .map_err(|error| busy(error, id))?;
        let log = import_logs::lock(&mut tx, id).await?;
        let log = undoable(log, id, undo::is_traced(&mut *tx, id).await?)?;
        let (planned, lists) = undo::plan(&mut tx, id, listed).await?;
        let done = Undone {
            results_put_back: counted(undo::put_results_back(&mut *tx, id).await?),
            results_removed: counted(undo::remove_results(&mut *tx, id).await?),
            games_removed: counted(undo::remove_games(&mut *tx, id).await?),
            games_put_back: undo::put_games_back(&mut *tx, id).await?,
            ..planned
        };
        let message = format!("Undone: {}.", done.said());
        let total = done.after(log.undone);
        if done.any() {
            undo::reopen_failures(&mut *tx, id).await?;
        }
        // Where there was nothing to do any more, the log tells of the undo that did it.
        let log = if done.any() || log.undone_at.is_none() {
            let at = undo::note(&mut tx, id, by, &total).await?;
            ImportLog {
                undone_at: Some(at),
                undone_by: Some(by),
                ..log
            }
        } else {
            log
        };
        let detail = Detail {
            what: Some(done.said()),
            ..Detail::default()
        };
        audit::note(&mut *tx, permit, Some(id), detail).await?;
        tx.commit().await?;
        Ok(undo(&log, false, message, done, lists))
    }
}

/// An import that can be undone.
fn undoable(
    log: Option<ImportLog>,
    id: i32,
    traced: Option<bool>,
) -> Result<ImportLog, ServiceError> {
    let log = log.ok_or_else(|| no_such_import(id))?;
    let brought =
        log.games_created + log.games_updated + log.results_created + log.results_updated > 0;
    let why_not = if log.status == ImportStatus::Running {
        "is still running. Cancel it or wait for its end, then undo it."
    } else if !brought {
        "created and changed nothing, so there is nothing to undo."
    } else if traced != Some(true) {
        "ran before NumWatch kept track of what each import brought, so what it brought can't be told from the rest and can't be undone."
    } else {
        return Ok(log);
    };
    let sentence = format!("Import #{id} {why_not}");
    Err(ServiceError::told(ErrorKind::Conflict, sentence))
}

/// What is said when another import doesn't let go of the tables in time.
fn busy(error: sqlx::Error, id: i32) -> ServiceError {
    if db::trouble(&error) == Some(Trouble::Busy) {
        let sentence = format!(
            "Import #{id} was not undone: another import is writing to the data at the moment. Undo it when that has ended."
        );
        return ServiceError::told(ErrorKind::Unavailable, sentence);
    }
    error.into()
}

/// What would become of all, with those verbs.
fn would(counts: Undone) -> String {
    if counts.any() {
        counts.said()
    } else {
        format!("nothing is left to undo ({})", counts.said())
    }
}

fn undo(log: &ImportLog, dry_run: bool, message: String, counts: Undone, lists: Lists) -> Undo {
    Undo {
        import_id: log.id,
        dry_run,
        message,
        undone_at: log.undone_at,
        undone_by: log.undone_by,
        counts,
        removed: lists.removed,
        put_back: lists.put_back,
        kept: lists.kept,
    }
}
