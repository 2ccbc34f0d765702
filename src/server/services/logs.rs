//! Reading the logs, and settling failures that nobody will retry.

use std::sync::Arc;

use sqlx::PgPool;

use super::{ServiceError, coalesce::Coalesced, imports::no_such_import, in_time};
use crate::{
    error::{AppError, ErrorKind},
    model::{
        access::Action,
        audit::Detail,
        import_log::{Earlier, ImportDetails, ImportLog, ImportStatus},
    },
    server::{
        actor::Actor,
        db::{audit, failures, import_dates, import_logs, import_rejects},
    },
};

/// How many logs the page and `GET /import-logs` show (the seed's "latest 20").
pub const SHOWN: i64 = 20;

/// How many rejects the details of an import show.
pub const REJECTS_SHOWN: i64 = 100;

/// The import logs.
#[derive(Clone, Debug)]
pub struct Logs {
    pub(super) pool: PgPool,
    latest: Coalesced<Result<Arc<Vec<ImportLog>>, AppError>>,
}

impl Logs {
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self {
            pool,
            latest: Coalesced::default(),
        }
    }

    /// The latest logs, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn latest(&self) -> Result<Arc<Vec<ImportLog>>, ServiceError> {
        let pool = self.pool.clone();
        let read = || async move {
            match in_time(import_logs::latest(&pool, SHOWN)).await {
                Ok(logs) => Ok(Arc::new(logs)),
                Err(error) => Err(ServiceError::from(error).tell()),
            }
        };
        Ok(self.latest.read(read).await?)
    }

    /// One import with its dates and its first rejects.
    ///
    /// # Errors
    /// When there is no such import or the database refuses.
    pub async fn details(&self, id: i32) -> Result<ImportDetails, ServiceError> {
        let log = import_logs::get(&self.pool, id)
            .await?
            .ok_or_else(|| no_such_import(id))?;
        Ok(ImportDetails {
            dates: import_dates::of(&self.pool, id).await?,
            rejects: import_rejects::page(&self.pool, id, 0, REJECTS_SHOWN)
                .await?
                .into_iter()
                .map(|(_, reject)| reject)
                .collect(),
            log,
        })
    }

    /// The latest successful import of the very file that has this SHA-256, in hexadecimal digits.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn same_file(&self, sha256: &str) -> Result<Option<Earlier>, ServiceError> {
        Ok(import_logs::success_with_sha256(&self.pool, sha256).await?)
    }

    /// Settles an open failure that nobody will retry, and answers its log.
    ///
    /// # Errors
    /// When there is no such import, it isn't an open failure, or the database refuses.
    pub async fn dismiss(&self, id: i32, by: &Actor) -> Result<ImportLog, ServiceError> {
        let permit = by.permit(Action::Dismiss)?;
        let mut tx = self.pool.begin().await?;
        let log = import_logs::lock(&mut tx, id)
            .await?
            .ok_or_else(|| no_such_import(id))?;
        if !failures::dismiss(&mut *tx, id, by.door).await? {
            let sentence = format!("Import #{id} {}", not_open(&log));
            return Err(ServiceError::told(ErrorKind::Conflict, sentence));
        }
        audit::note(&mut *tx, &permit, Some(id), Detail::default()).await?;
        tx.commit().await?;
        Ok(ImportLog {
            open_failure: false,
            dismissed: true,
            ..log
        })
    }
}

/// Why a log is no open failure.
fn not_open(log: &ImportLog) -> String {
    match log.status {
        ImportStatus::Running => "is still running; only a failed import can be dismissed.".into(),
        ImportStatus::Success => "did not fail; only a failed import can be dismissed.".into(),
        ImportStatus::Failed => match (log.resolved_by, log.superseded_by) {
            (Some(by), _) => format!("was put right by #{by} already."),
            (None, Some(by)) => {
                format!("was tried again as #{by}, which failed as well. Dismiss that one.")
            }
            (None, None) if log.dismissed => "is dismissed already.".into(),
            (None, None) => "was cancelled, so there is nothing to dismiss.".into(),
        },
    }
}
