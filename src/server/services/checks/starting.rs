//! The start of a checked file's import, once. The store says which import the file became, the database whether there is
//! such an import: a process that died between the two has left the first without the second.

use chrono::TimeDelta;

use super::refusal::of_store;
use crate::{
    model::{
        checked::Checked,
        import_log::{ImportType, Started},
    },
    server::{
        actor::Permit,
        db::{
            check_starts,
            import_logs::{self, NewLog},
            runs::{Lane, Needs},
        },
        payloads::checks::Ended,
        services::{ServiceError, imports::Imports},
    },
};

/// An import that isn't there so long after the store has said so is looked for.
const GRACE: TimeDelta = TimeDelta::minutes(1);

/// Queues the import of a checked file. Answers none when it was imported or discarded already. The store lets one of all
/// who ask have it, and the log is written only then.
///
/// # Errors
/// When the store or the database refuses.
pub async fn start_checked(
    imports: &Imports,
    checked: &Checked,
    permit: &Permit,
) -> Result<Option<Started>, ServiceError> {
    let Imports {
        pool,
        payloads,
        clock,
        has,
        ..
    } = imports;
    let key = &checked.checked;
    let needs = Needs {
        store: has.store.clone(),
        feed: None,
    };
    let log = NewLog {
        filename: checked.filename.as_deref(),
        file_size: Some(checked.file_size),
        progress_total: Some(checked.unpacked_size),
        payload: Some(key),
        payload_store: has.store.as_deref(),
        payload_sha256: Some(&checked.sha256),
        ..NewLog::new(ImportType::Backup, permit.actor(), clock.now())
    };
    let mut tx = pool.begin().await?;
    check_starts::hold(&mut tx, key).await?;
    let lane = Lane::of_file(checked.unpacked_size);
    let started = imports.start(&mut tx, permit, &log, lane, &needs).await?;
    let ended = payloads.end_check(key, Ended::Imported(started.id)).await;
    if !ended.map_err(of_store)? {
        return Ok(None);
    }
    if let Err(error) = tx.commit().await {
        // The answer to the commit may have got lost with its connection. Where nobody can tell, the check stays settled.
        let _ = reopen_lost(imports, key, started.id).await;
        if !matches!(import_logs::get(pool, started.id).await, Ok(Some(_))) {
            return Err(error.into());
        }
    }
    // What can't be deleted now, housekeeping deletes.
    let _ = payloads.forget_check(key).await;
    Ok(Some(started))
}

/// What became of a checked file, if anything yet. One that became an import which never was is open again.
///
/// # Errors
/// When the store or the database can't be asked.
pub async fn settled(imports: &Imports, key: &str) -> Result<Option<Ended>, ServiceError> {
    let read = || async {
        let found = imports.payloads.end_of_check(key).await;
        found.map_err(of_store)
    };
    let mut found = read().await?;
    if let Some((Ended::Imported(id), at)) = found
        && at < imports.clock.now() - GRACE
        && reopen_lost(imports, key, id).await?
    {
        found = read().await?;
    }
    Ok(found.map(|(ended, _)| ended))
}

/// Opens a check again if its import certainly never was, whoever else looks at the same time. Answers whether it is no
/// longer settled as that.
async fn reopen_lost(imports: &Imports, key: &str, id: i32) -> Result<bool, ServiceError> {
    let mut tx = imports.pool.begin().await?;
    if !check_starts::try_hold(&mut tx, key).await? {
        return Ok(false);
    }
    if import_logs::get(&mut *tx, id).await?.is_some() {
        return Ok(false);
    }
    let payloads = &imports.payloads;
    let found = payloads.end_of_check(key).await.map_err(of_store)?;
    if found.is_some_and(|(ended, _)| ended == Ended::Imported(id)) {
        payloads.reopen_check(key).await.map_err(of_store)?;
        tracing::warn!(id, "the start of a checked file's import was lost");
    }
    Ok(true)
}
