//! A backup: decoded while it is loaded, then merged. It only adds what is missing; stored digits stay.
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
        calendar::Calendar,
        record::{GameRecord, Oddity, Reject, ResultRecord},
    },
    error::ImportError,
    load::{self, Step},
    merge::merge,
    new_games::{self, NewGames, Way},
    read::Read,
    rejects::{Rejects, kept},
    stage::Rows,
};
use crate::{
    model::import_log::{ImportReject, Phase},
    server::{
        attempt::Attempt,
        db::{
            attempts::{self, Claimed},
            outcomes, staging,
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
        let rejects = Rejects::begin(self.pool.clone(), attempt.key).await?;
        let imported = self.import_payload(import, attempt, &rejects).await;
        // What was wrong with a file is worth most when its import fails.
        if let Err(error) = &imported
            && let Err(also) = rejects.write().await
        {
            tracing::warn!(import = import.id, %error, %also, "not all rejects of a failed import are kept");
        }
        imported
    }

    async fn import_payload(
        &self,
        import: &Claimed,
        attempt: &Attempt,
        rejects: &Rejects,
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
        let calendar = Calendar::new(self.clock.today());
        let told = Told {
            attempt: attempt.clone(),
            total: import.progress_total,
            rejects: rejects.clone(),
        };
        let decoding: JoinHandle<_> = tokio::spawn(decode(source, calendar, sink, steps, told));
        let decoding = AbortOnDropHandle::new(decoding);
        let loaded = load::load(&mut tx, waiting, rejects, self.now()).await?;
        let mut read = decoding
            .await
            .map_err(|error| ImportError::Internal(format!("the decoder ended: {error}")))??;

        attempt.enter(Phase::Loading);
        let brought = merge(&mut tx, &mut read, loaded, rejects, self.now()).await?;

        attempt.enter(Phase::Finishing);
        rejects.write().await?;
        if let Some(filename) = &read.filename {
            attempts::name(&mut *tx, attempt.key, filename).await?;
        }
        let needed = outcomes::release_payload(&mut tx, import.id, payload).await?;
        if !outcomes::succeed(&mut tx, attempt.key, self.now(), &brought).await? {
            return Err(ImportError::Lost);
        }
        tx.commit().await?;
        // No log refers to it any more; what can't be deleted now, housekeeping deletes.
        if !needed && let Err(error) = self.payloads.delete(payload).await {
            tracing::warn!(import = import.id, %error, "the payload is still in the store");
        }
        Ok(())
    }
}

/// Whom the decoding tells how it goes.
struct Told {
    attempt: Attempt,
    /// Bytes, as far as anybody knows.
    total: Option<i64>,
    rejects: Rejects,
}

impl Told {
    /// Tells how far the decoder is, and writes down what it has rejected.
    async fn hear(&self, sink: &mut Sink, bytes: i64) -> Result<(), ImportError> {
        for reject in sink.rejects.drain(..) {
            self.rejects.push(reject).await?;
        }
        self.attempt
            .progress(bytes, self.total, Some(sink.read.records()));
        Ok(())
    }
}

/// Decodes a backup and sends its rows on. The channel closes when it is through.
async fn decode(
    mut source: PayloadStream,
    calendar: Calendar,
    mut sink: Sink,
    steps: mpsc::Sender<Step>,
    told: Told,
) -> Result<Read, ImportError> {
    let invalid = |error: DecodeError| ImportError::Invalid(error.to_string());
    let mut decoder = BackupDecoder::new(calendar);
    let mut bytes = 0;
    while let Some(chunk) = source.next().await {
        let chunk = chunk?;
        let mut rest = &chunk[..];
        while !rest.is_empty() {
            let pushed = decoder.push(rest, &mut sink);
            told.hear(&mut sink, bytes).await?;
            rest = &rest[pushed.map_err(invalid)?..];
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
        told.hear(&mut sink, bytes).await?;
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
    /// Those that nobody has written down yet.
    rejects: Vec<ImportReject>,
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
            rejects: Vec::new(),
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
        let file_id = reject.file_id;
        let reject = kept(reject);
        if reject.section == Section::Games.as_str() {
            self.read.rejected_games += 1;
        } else {
            self.read.rejected_results += 1;
        }
        if let Some(file_id) = file_id {
            self.rows.rejected_game(reject.position, file_id);
        }
        self.read.note(&reject);
        self.rejects.push(reject);
    }

    fn odd(&mut self, oddity: Oddity) {
        self.read.odd += 1;
        self.read.first_odd.get_or_insert(oddity);
    }

    fn metadata(&mut self, filename: Option<String>, _file_size: Option<i64>) {
        // The size is a client's word; NumWatch has counted the bytes itself.
        self.read.filename = filename;
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
