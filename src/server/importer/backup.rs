//! A backup: decoded while it is loaded, then merged. It only adds what is missing.
//!
//! Results of games that the import itself creates go straight into `results`; those of games that were known
//! before, and all of a file whose results come before its games, are staged and merged.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_util::task::AbortOnDropHandle;

use super::{
    Importer,
    decode::{
        DecodeError, Section,
        backup::{BackupDecoder, BackupSink},
        record::{GameRecord, Reject, ResultRecord},
    },
    error::ImportError,
    load::{self, Step},
    merge::merge,
    new_games::{self, NewGames, Way},
    read::Read,
    rejects::{kept, nothing_usable},
    stage::Rows,
};
use crate::{
    model::import_log::Phase,
    server::{
        attempt::Attempt,
        db::{
            attempts::{self, Claimed},
            import_rejects,
            outcomes::{self, Counters},
            staging,
        },
        payloads::PayloadStream,
    },
};

/// Pieces that may wait for PostgreSQL: enough to overlap with decoding, too few to matter in memory.
const WAITING_PIECES: usize = 4;

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

        let mut tx = self.begin(attempt).await?;
        staging::create(&mut tx).await?;
        let (steps, waiting) = mpsc::channel(WAITING_PIECES);
        let sink = Sink::new(self.now());
        let decoding: JoinHandle<_> = tokio::spawn(decode(
            source,
            sink,
            steps,
            attempt.clone(),
            import.file_size,
        ));
        let decoding = AbortOnDropHandle::new(decoding);
        let loaded = load::load(&mut tx, waiting, self.now()).await?;
        let mut read = decoding
            .await
            .map_err(|error| ImportError::Internal(format!("the decoder ended: {error}")))??;

        attempt.enter(Phase::Loading);
        let counters = merge(&mut tx, &mut read, loaded, self.now()).await?;
        if counters.records > 0 && counters.rejected == counters.records {
            drop(tx);
            return self.refuse_all(attempt, &read, &counters).await;
        }

        attempt.enter(Phase::Finishing);
        import_rejects::keep(&mut tx, import.id, &read.rejects).await?;
        if let Some(filename) = &read.filename {
            attempts::name(&mut *tx, attempt.key, filename).await?;
        }
        let needed = outcomes::release_payload(&mut tx, import.id, payload).await?;
        if !outcomes::succeed(&mut tx, attempt.key, self.now(), &counters).await? {
            return Err(ImportError::Lost);
        }
        tx.commit().await?;
        // No log refers to it any more; what can't be deleted now, housekeeping deletes.
        if !needed && let Err(error) = self.payloads.delete(payload).await {
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
        let error = nothing_usable(counters.records, read.rejects.first());
        let (kind, sentence) = error.tell();
        let mut tx = self.begin(attempt).await?;
        import_rejects::keep(&mut tx, attempt.key.import_id, &read.rejects).await?;
        outcomes::note_rejected(&mut *tx, attempt.key, counters.records, counters.rejected).await?;
        // The log ends here and now: an attempt after this one would keep the rejects a second time.
        if !outcomes::fail(&mut *tx, attempt.key, self.now(), kind, &sentence).await? {
            return Err(ImportError::Lost);
        }
        tx.commit().await?;
        Err(error)
    }
}

/// Decodes a backup and sends its rows on. The channel closes when it is through.
async fn decode(
    mut source: PayloadStream,
    mut sink: Sink,
    steps: mpsc::Sender<Step>,
    attempt: Attempt,
    total: Option<i64>,
) -> Result<Read, ImportError> {
    let invalid = |error: DecodeError| ImportError::Invalid(error.to_string());
    let mut decoder = BackupDecoder::new();
    let mut bytes = 0;
    while let Some(chunk) = source.next().await {
        let chunk = chunk?;
        let mut rest = &chunk[..];
        while !rest.is_empty() {
            let length = decoder.push(rest, &mut sink).map_err(invalid)?;
            rest = &rest[length..];
            let handed_on = if std::mem::take(&mut sink.games_are_whole) {
                merge_games(&mut sink, &steps).await
            } else {
                hand_on(&mut sink, &steps, false).await
            };
            // The receiver is gone when the database has refused: its error is the one to tell.
            if handed_on.is_none() {
                return Ok(sink.read);
            }
        }
        bytes += i64::try_from(chunk.len()).unwrap_or(0);
        attempt.progress(bytes, total, Some(sink.read.games + sink.read.results));
    }
    decoder.finish().map_err(invalid)?;
    hand_on(&mut sink, &steps, true).await;
    Ok(sink.read)
}

/// Sends rows on: full pieces, or all. `None` when nobody takes them any more.
async fn hand_on(sink: &mut Sink, steps: &mpsc::Sender<Step>, all: bool) -> Option<()> {
    for piece in sink.rows.take(all) {
        steps.send(Step::Rows(piece)).await.ok()?;
    }
    Some(())
}

/// Has the games merged before the results are read, and learns which of them are new. `None` as above.
async fn merge_games(sink: &mut Sink, steps: &mpsc::Sender<Step>) -> Option<()> {
    hand_on(sink, steps, true).await?;
    let (created, new) = oneshot::channel();
    let limit = new_games::MOST;
    steps.send(Step::MergeGames { limit, created }).await.ok()?;
    sink.new_games = NewGames::new(new.await.ok()?);
    Some(())
}

/// Turns decoded records into rows, and counts.
#[derive(Debug)]
struct Sink {
    read: Read,
    rows: Rows,
    new_games: NewGames,
    /// The results begin, and the games stood before them.
    games_are_whole: bool,
    has_games: bool,
    now: DateTime<Utc>,
}

impl Sink {
    fn new(now: DateTime<Utc>) -> Self {
        Self {
            read: Read::default(),
            rows: Rows::default(),
            new_games: NewGames::default(),
            games_are_whole: false,
            has_games: false,
            now,
        }
    }
}

impl BackupSink for Sink {
    fn section(&mut self, section: Section) -> ControlFlow<()> {
        match section {
            Section::Games => self.has_games = true,
            Section::Results if self.has_games => {
                self.games_are_whole = true;
                return ControlFlow::Break(());
            }
            Section::Results => {}
        }
        ControlFlow::Continue(())
    }

    fn game(&mut self, position: u64, game: GameRecord<'_>) {
        self.read.games += 1;
        self.rows.staged_game(signed(position), &game);
    }

    fn result(&mut self, position: u64, result: ResultRecord<'_>) {
        self.read.results += 1;
        match self.new_games.way(&result) {
            Way::Merge => self.rows.staged_result(signed(position), &result),
            Way::Add { game_id } => self.rows.result(game_id, &result, self.now),
            Way::Repeated => self.read.repeated += 1,
        }
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

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
