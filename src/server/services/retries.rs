//! Repeating failed imports.

use super::{
    ServiceError,
    imports::{Imports, no_such_import},
};
use crate::{
    error::ErrorKind,
    model::{
        access::Action,
        import_log::{FailureKind, ImportLog, ImportStatus, ImportType, Started},
    },
    server::{
        actor::Actor,
        db::{
            import_dates,
            import_logs::{self, NewLog},
            runs::{Lane, Needs},
        },
        importer::{SAMPLE, SAMPLE_FILENAME},
    },
};

impl Imports {
    /// Runs a failed import again, as a new one that points to it. A range asks only for the days that failed.
    ///
    /// # Errors
    /// When there is no such import, it did not fail, is being retried or has been, its input is gone, or the
    /// database refuses.
    pub async fn retry(&self, id: i32, by: &Actor) -> Result<Started, ServiceError> {
        let permit = by.permit(Action::Retry)?;
        let mut tx = self.pool.begin().await?;
        let failed = import_logs::lock(&mut tx, id)
            .await?
            .ok_or_else(|| no_such_import(id))?;
        refuse_retry(&failed)?;
        if let Some(running) = import_logs::open_retry_of(&mut *tx, id).await? {
            return Err(ServiceError::told(
                ErrorKind::Conflict,
                format!("Import #{id} is being retried already, as #{running}."),
            ));
        }
        let started = match failed.import_type {
            ImportType::SampleData => {
                let mut log = NewLog::new(ImportType::SampleData, by, self.clock.now());
                log.filename = Some(SAMPLE_FILENAME);
                log.file_size = i64::try_from(SAMPLE.len()).ok();
                log.retry_of = Some(id);
                self.start(&mut tx, &permit, &log, Lane::Short, &Needs::default())
                    .await?
            }
            ImportType::DateRange => {
                let dates = import_dates::unfinished(&mut *tx, id).await?;
                self.start_dates(&mut tx, &dates, Some(id), &permit).await?
            }
            ImportType::Unknown => return Err(of_a_newer_kind(id)),
            ImportType::Backup => {
                let kept = import_logs::payload(&mut *tx, id).await?;
                let (payload, store) = kept.map(|kept| (kept.payload, kept.store)).unzip();
                let needs = Needs {
                    store: store.flatten(),
                    feed: None,
                };
                let lane = Lane::of_file(failed.progress_total.unwrap_or(i64::MAX));
                let log = NewLog {
                    filename: failed.filename.as_deref(),
                    file_size: failed.file_size,
                    progress_total: failed.progress_total,
                    payload: payload.as_deref(),
                    payload_store: needs.store.as_deref(),
                    payload_sha256: failed.payload_sha256.as_deref(),
                    retry_of: Some(id),
                    ..NewLog::new(ImportType::Backup, by, self.clock.now())
                };
                self.start(&mut tx, &permit, &log, lane, &needs).await?
            }
        };
        tx.commit().await?;
        Ok(started)
    }
}

fn refuse_retry(log: &ImportLog) -> Result<(), ServiceError> {
    let id = log.id;
    let conflict = |sentence: String| Err(ServiceError::told(ErrorKind::Conflict, sentence));
    if log.status != ImportStatus::Failed {
        return conflict(format!(
            "Import #{id} did not fail; only a failed import can be retried."
        ));
    }
    if let Some(resolved_by) = log.resolved_by {
        return conflict(format!(
            "Import #{id} was put right by #{resolved_by} already."
        ));
    }
    if !log.retryable {
        if log.import_type == ImportType::Unknown {
            return Err(of_a_newer_kind(id));
        }
        return conflict(match log.import_type {
            ImportType::Backup if log.failure_kind == Some(FailureKind::InvalidInput) => {
                format!("The file of import #{id} can only fail again. Mend it, then upload it.")
            }
            ImportType::Backup if log.lacks_its_upload() => {
                format!("The file of import #{id} is no longer kept. Upload the file again.")
            }
            ImportType::Backup => {
                format!("The file of import #{id} is not complete in the store. Upload it again.")
            }
            ImportType::DateRange if log.progress_total.is_some() => {
                format!("All days of import #{id} have been imported; there is nothing to retry.")
            }
            _ => format!("Import #{id} can't be repeated: its log doesn't say what to import."),
        });
    }
    Ok(())
}

/// Another process, of a newer version, has run it and may run it again.
fn of_a_newer_kind(id: i32) -> ServiceError {
    let sentence = format!(
        "Import #{id} is of a kind that only a newer version of NumWatch knows. Retry it with that one."
    );
    ServiceError::told(ErrorKind::Conflict, sentence)
}
