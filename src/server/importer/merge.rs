//! The merge of what is staged into games and results, and the count of what a backup's import did.

use sqlx::PgConnection;

use super::{
    doing::Doing,
    error::ImportError,
    games::merge_games,
    load::Loaded,
    read::Read,
    rejects::{Rejects, nothing_usable},
};
use crate::{
    model::difference::Difference,
    server::db::{
        outcomes::{Brought, Counters, counted},
        staged_results::{self, Compared, Survey},
        staging,
    },
};

/// Merges what is staged, and counts what the whole import did; or what it would do, when it is only checked.
///
/// # Errors
/// When nothing of the file can be used, or none of its results; and when the database refuses.
pub async fn merge(
    db: &mut PgConnection,
    read: &mut Read,
    loaded: Loaded,
    rejects: &Rejects,
    doing: Doing,
) -> Result<Brought, ImportError> {
    let games = match loaded.games {
        Some(games) => games,
        None => merge_games(&mut *db, rejects, doing, 0).await?.0,
    };
    if let Some(first) = &games.first_ambiguous {
        read.note(first);
    }
    let staged_games = read.games - games.ambiguous;

    let staged = read.results - loaded.results;
    let results = merge_results(&mut *db, read, staged, rejects, doing).await?;
    refuse_if_nothing_is_usable(read, games.ambiguous, results.unusable)?;

    let distinct_games = if games.created < staged_games {
        staging::distinct_games(&mut *db).await?
    } else {
        staged_games
    };
    let counters = Counters {
        records: read.records(),
        games_created: games.created,
        games_updated: 0,
        results_created: loaded.results + results.created,
        results_updated: results.updated,
        results_corrected: 0,
        results_unchanged: results.compared.known - results.updated - results.compared.differing,
        results_differing: results.compared.differing,
        // What is staged and neither new nor stored before repeats a draw of the file.
        duplicates: (staged - results.unusable - results.created - results.compared.known)
            + (staged_games - distinct_games),
        rejected: read.rejected_games + read.rejected_results + games.ambiguous + results.unusable,
    };
    Ok(Brought {
        counters,
        differences: results.differences,
        note: read.odd_members(),
    })
}

/// What became of the staged results.
#[derive(Debug, Default)]
struct Results {
    created: i64,
    unusable: i64,
    compared: Compared,
    updated: i64,
    differences: Vec<Difference>,
}

/// Adds the staged results that are new, rejects those that can't be used, and fills in or leaves those that are stored
/// already.
async fn merge_results(
    db: &mut PgConnection,
    read: &mut Read,
    staged: i64,
    rejects: &Rejects,
    doing: Doing,
) -> Result<Results, ImportError> {
    let mut results = Results::default();
    if staged == 0 {
        return Ok(results);
    }
    let Survey { usable, equal } = staged_results::survey(&mut *db).await?;
    results.unusable = staged - usable;
    if results.unusable > 0 {
        let found = staged_results::unusable_results(&mut *db, rejects.room().await);
        let (taken, first) = rejects.take(found).await?;
        rejects.count(results.unusable - taken).await;
        if let Some(first) = &first {
            read.note(first);
        }
    }
    // Nothing to add and nothing to compare, when all of it is there: the quickest way, and a common one. A check goes on:
    // it shows the first of them.
    if equal == usable && doing != Doing::Check {
        results.compared.known = staged_results::count_known(&mut *db).await?;
        return Ok(results);
    }
    let draws = counted(staged_results::find_draws(&mut *db).await?);
    if draws < usable {
        staged_results::join_repeated(&mut *db).await?;
    }
    if let Doing::Import { id, now } = doing {
        staged_results::lock_results(&mut *db).await?;
        results.created = counted(staged_results::add_results(&mut *db, id, now).await?);
        if results.created == draws {
            return Ok(results);
        }
    }
    results.compared = staged_results::compare_results(&mut *db).await?;
    // Before any is filled in: the values that are shown are those that stood there.
    if results.compared.differing > 0 {
        results.differences = staged_results::differing_results(&mut *db).await?;
    }
    match doing {
        Doing::Import { id, .. } if results.compared.fillable => {
            results.updated = staged_results::fill_results(&mut *db, id).await?;
        }
        Doing::Import { .. } => {}
        Doing::Check => {
            results.created = draws - results.compared.known;
            results.updated = results.compared.lacking;
        }
    }
    Ok(results)
}

/// A file of which nothing can be used has failed; so has one that held results and none of them can.
fn refuse_if_nothing_is_usable(
    read: &Read,
    ambiguous: i64,
    unusable: i64,
) -> Result<(), ImportError> {
    let records = read.records();
    let results = read.results + read.rejected_results;
    let rejected_results = read.rejected_results + unusable;
    let sentence = if records > 0 && read.rejected_games + ambiguous + rejected_results == records {
        nothing_usable(records, "record", read.first_reject.as_ref())
    } else if results > 0 && rejected_results == results {
        nothing_usable(results, "result", read.first_rejected_result.as_ref())
    } else {
        return Ok(());
    };
    Err(ImportError::Invalid(sentence))
}
