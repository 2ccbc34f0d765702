//! One import: all that is known of it, and the removal of its log.

use futures::{Stream, stream};

use super::{ServiceError, imports::no_such_import, in_time, logs::Logs};
use crate::{
    error::{AppError, ErrorKind},
    model::{
        access::Action,
        audit::Detail,
        import_log::{ImportReject, ImportStatus},
        import_page::Whole,
        rejects::{RejectsFrom, RejectsPage},
        timeline::ImportEvent,
    },
    server::{
        actor::Actor,
        db::{self, audit, import_dates, import_events, import_logs, import_rejects},
    },
};

/// How many rejects a page holds.
const PAGE: i64 = 100;

impl Logs {
    /// Everything about an import at one moment, with a page of its rejects.
    ///
    /// # Errors
    /// When there is no such import or the database refuses.
    pub async fn whole(&self, id: i32, from: RejectsFrom) -> Result<Whole, ServiceError> {
        let mut db = db::begin_reading(&self.pool).await?;
        let log = import_logs::get(&mut *db, id)
            .await?
            .ok_or_else(|| no_such_import(id))?;
        let mut rejects = match from {
            RejectsFrom::First => Vec::new(),
            RejectsFrom::After(place) => import_rejects::page(&mut *db, id, place, PAGE).await?,
            RejectsFrom::Before(place) => {
                import_rejects::page_before(&mut *db, id, place, PAGE).await?
            }
        };
        // A place beyond all of them leads to the first.
        if rejects.is_empty() {
            rejects = import_rejects::page(&mut *db, id, 0, PAGE).await?;
        }
        let first = rejects.first().map_or(0, |(first, _)| *first);
        let (before, kept) = import_rejects::place(&mut *db, id, first).await?;
        Ok(Whole {
            dates: import_dates::of(&mut *db, id).await?,
            events: import_events::of(&mut *db, id).await?,
            rejects: RejectsPage {
                rejects,
                before,
                kept,
            },
            log,
        })
    }

    /// What happened to an import.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn events(&self, id: i32) -> Result<Vec<ImportEvent>, ServiceError> {
        Ok(import_events::of(&self.pool, id).await?)
    }

    /// All rejects of an import that are kept, piece by piece; no connection is held between them.
    ///
    /// # Errors
    /// When there is no such import or the database refuses. What fails later ends the stream.
    pub async fn rejects(
        &self,
        id: i32,
    ) -> Result<impl Stream<Item = Result<Vec<ImportReject>, AppError>> + use<>, ServiceError> {
        const PIECE: i64 = 500;
        import_logs::get(&self.pool, id)
            .await?
            .ok_or_else(|| no_such_import(id))?;
        let pool = self.pool.clone();
        Ok(stream::try_unfold(0, move |after| {
            let pool = pool.clone();
            async move {
                let rejects = in_time(import_rejects::page(&pool, id, after, PIECE))
                    .await
                    .map_err(|error| ServiceError::from(error).tell())?;
                let last = rejects.last().map(|(last, _)| *last);
                let rejects = rejects.into_iter().map(|(_, reject)| reject).collect();
                Ok(last.map(|last| (rejects, last)))
            }
        }))
    }

    /// Removes the log of an import that has ended, an open failure's too. An upload that only this log referred to goes
    /// with the next housekeeping.
    ///
    /// # Errors
    /// When there is no such import, it is still running, or the database refuses.
    pub async fn remove(&self, id: i32, by: &Actor) -> Result<(), ServiceError> {
        let permit = by.permit(Action::RemoveLogs)?;
        let mut tx = self.pool.begin().await?;
        let log = import_logs::lock(&mut tx, id)
            .await?
            .ok_or_else(|| no_such_import(id))?;
        if log.status == ImportStatus::Running {
            let sentence = format!(
                "Import #{id} is still running. Cancel it or wait for its end, then remove it."
            );
            return Err(ServiceError::told(ErrorKind::Conflict, sentence));
        }
        import_logs::remove(&mut *tx, id).await?;
        let detail = Detail {
            name: log.filename,
            logs: Some(1),
            ..Detail::default()
        };
        audit::note(&mut *tx, &permit, Some(id), detail).await?;
        tx.commit().await?;
        Ok(())
    }
}
