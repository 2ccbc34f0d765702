//! A backup: decoded while it is loaded into the staging tables, then merged. It only adds what is missing.

use futures::StreamExt as _;
use sqlx::PgConnection;
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::task::AbortOnDropHandle;

use super::{
    Importer,
    decode::{
        backup::{BackupDecoder, BackupSink},
        record::{GameRecord, Reject, ResultRecord},
    },
    error::ImportError,
    kept, nothing_usable,
    stage::{self, Piece, Rows},
};
use crate::{
    model::import_log::{ImportReject, Phase},
    server::{
        db::{
            attempts::{self, Claimed},
            import_rejects,
            outcomes::{self, Counters},
            staging,
        },
        jobs::attempt::Attempt,
        payloads::PayloadStream,
    },
};

/// Pieces that may wait for PostgreSQL: enough to overlap with decoding, too few to matter in memory.
const WAITING_PIECES: usize = 4;

/// What was read of a backup.
#[derive(Debug, Default)]
struct Read {
    games: i64,
    results: i64,
    rejected: i64,
    /// The first of them.
    rejects: Vec<ImportReject>,
    filename: Option<String>,
}

impl Importer {
    pub(super) async fn import_backup(
        &self,
        import: &Claimed,
        attempt: &Attempt,
    ) -> Result<(), ImportError> {
        let Some(payload) = &import.payload else {
            return Err(ImportError::Source(
                "The uploaded file is no longer in the store. Upload it again.".into(),
            ));
        };
        let source = self.payloads.read(payload).await?;

        let mut tx = self.pool.begin().await?;
        staging::create(&mut tx).await?;
        let (pieces, waiting) = mpsc::channel(WAITING_PIECES);
        let decoding: JoinHandle<_> =
            tokio::spawn(decode(source, pieces, attempt.clone(), import.file_size));
        let decoding = AbortOnDropHandle::new(decoding);
        stage::load(&mut tx, waiting).await?;
        let mut read = decoding
            .await
            .map_err(|error| ImportError::Internal(format!("the decoder ended: {error}")))??;

        attempt.enter(Phase::Loading);
        let counters = merge(&mut tx, &mut read, self.now()).await?;
        if counters.records > 0 && counters.rejected == counters.records {
            drop(tx);
            return self.refuse_all(attempt, &read, &counters).await;
        }

        attempt.enter(Phase::Finishing);
        import_rejects::keep(&mut tx, import.id, &read.rejects).await?;
        if let Some(filename) = &read.filename {
            attempts::name(&mut *tx, attempt.key, filename).await?;
        }
        outcomes::release_payload(&mut *tx, payload).await?;
        if !outcomes::succeed(&mut tx, attempt.key, self.now(), &counters).await? {
            return Err(ImportError::Lost);
        }
        tx.commit().await?;
        // The log no longer refers to it; what can't be deleted now, housekeeping deletes.
        if let Err(error) = self.payloads.delete(payload).await {
            tracing::warn!(import = import.id, %error, "the payload is still in the store");
        }
        Ok(())
    }

    /// Nothing was good: keeps the rejects, so that the log can show what was wrong.
    async fn refuse_all(
        &self,
        attempt: &Attempt,
        read: &Read,
        counters: &Counters,
    ) -> Result<(), ImportError> {
        let mut tx = self.pool.begin().await?;
        import_rejects::keep(&mut tx, attempt.key.import_id, &read.rejects).await?;
        outcomes::note_rejected(&mut *tx, attempt.key, counters.records, counters.rejected).await?;
        tx.commit().await?;
        Err(nothing_usable(counters.records, read.rejects.first()))
    }
}

/// Decodes a backup and sends its rows on. The channel closes when it is through.
async fn decode(
    mut source: PayloadStream,
    pieces: mpsc::Sender<Piece>,
    attempt: Attempt,
    total: Option<i64>,
) -> Result<Read, ImportError> {
    let mut decoder = BackupDecoder::new();
    let mut sink = Sink::default();
    let mut bytes = 0;
    while let Some(chunk) = source.next().await {
        let chunk = chunk?;
        decoder
            .push(&chunk, &mut sink)
            .map_err(|error| ImportError::Invalid(error.to_string()))?;
        bytes += i64::try_from(chunk.len()).unwrap_or(0);
        attempt.progress(bytes, total, Some(sink.read.games + sink.read.results));
        for piece in sink.rows.take(false) {
            // The receiver is gone when the database has refused: its error is the one to tell.
            if pieces.send(piece).await.is_err() {
                return Ok(sink.read);
            }
        }
    }
    decoder
        .finish()
        .map_err(|error| ImportError::Invalid(error.to_string()))?;
    for piece in sink.rows.take(true) {
        if pieces.send(piece).await.is_err() {
            break;
        }
    }
    Ok(sink.read)
}

/// Turns decoded records into rows, and counts.
#[derive(Debug, Default)]
struct Sink {
    read: Read,
    rows: Rows,
}

impl BackupSink for Sink {
    fn game(&mut self, position: u64, game: GameRecord<'_>) {
        self.read.games += 1;
        self.rows
            .game(i64::try_from(position).unwrap_or(i64::MAX), &game);
    }

    fn result(&mut self, position: u64, result: ResultRecord<'_>) {
        self.read.results += 1;
        self.rows
            .result(i64::try_from(position).unwrap_or(i64::MAX), &result);
    }

    fn reject(&mut self, reject: Reject) {
        self.read.rejected += 1;
        if self.read.rejects.len() < import_rejects::KEPT_PER_IMPORT {
            self.read.rejects.push(kept(reject));
        }
    }

    fn metadata(&mut self, filename: Option<String>, _file_size: Option<i64>) {
        // The size is a client's word; NumWatch has counted the bytes itself.
        self.read.filename = filename;
    }
}

/// Merges what is staged into games and results.
async fn merge(
    db: &mut PgConnection,
    read: &mut Read,
    now: chrono::DateTime<chrono::Utc>,
) -> sqlx::Result<Counters> {
    let ambiguous = staging::reject_ambiguous_games(&mut *db).await?;
    let staged_games = read.games - count(ambiguous.len());
    let games_created = signed(staging::merge_games(&mut *db, now).await?);
    let room = import_rejects::KEPT_PER_IMPORT.saturating_sub(read.rejects.len() + ambiguous.len());
    let (unknown, unknown_rejects) = staging::reject_unknown_games(&mut *db, count(room)).await?;
    let staged_results = read.results - unknown;
    let results_created = signed(staging::merge_results(&mut *db, now).await?);

    // Only when not every record was new is there anything to tell apart.
    let draws = if results_created == staged_results {
        staged_results
    } else {
        staging::distinct_results(&mut *db).await?
    };
    let games = if games_created == staged_games {
        staged_games
    } else {
        staging::distinct_games(&mut *db).await?
    };

    let rejected = read.rejected + count(ambiguous.len()) + unknown;
    read.rejects.extend(ambiguous);
    read.rejects.extend(unknown_rejects);
    Ok(Counters {
        records: read.games + read.results + read.rejected,
        games_created,
        results_created,
        results_updated: 0,
        results_unchanged: draws - results_created,
        duplicates: (staged_results - draws) + (staged_games - games),
        rejected,
    })
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn signed(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
