//! A backup: decoded while it is loaded, then merged. It only adds what is missing; stored digits stay.
//!
//! Results of games that the import itself creates go straight into `results`; those of games that were known
//! before, and all of a file whose results come before its games, are staged and merged.

use futures::StreamExt as _;
use sqlx::PgConnection;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument as _;

use super::{
    Importer,
    decode::{DecodeError, backup::BackupDecoder, calendar::Calendar, encoding::Transcoder},
    doing::Doing,
    error::ImportError,
    load::{self, Loaded, Step},
    merge::merge,
    new_games::{self, NewGames},
    read::Read,
    rejects::Rejects,
    sink::Sink,
};
use crate::{
    model::import_log::Phase,
    server::{
        attempt::Attempt,
        db::{attempts, outcomes, runs::Claimed, staging},
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
        rejects: &Rejects,
    ) -> Result<(), ImportError> {
        rejects.forget_earlier().await?;
        let Some(payload) = &import.payload else {
            return Err(ImportError::Source(
                "The uploaded file is no longer in the store. Upload it again.".into(),
            ));
        };
        let source = attempt.elsewhere(self.payloads.read(payload)).await?;

        let mut tx = self.begin(attempt).await?;
        staging::create(&mut tx).await?;
        let doing = Doing::Import {
            id: import.id,
            now: self.now(),
        };
        let told = Told {
            progress: Some((attempt.clone(), import.progress_total)),
            rejects: rejects.clone(),
        };
        let (mut read, loaded) = self.stage(&mut tx, source, told, doing).await?;

        attempt.enter(Phase::Loading);
        let brought = merge(&mut tx, &mut read, loaded, rejects, doing).await?;

        attempt.enter(Phase::Finishing);
        rejects.write().await?;
        if let Some(filename) = &read.filename {
            attempts::name(&mut *tx, attempt.key, filename).await?;
        }
        let needed = outcomes::release_payload(&mut tx, import.id, payload).await?;
        attempt.note_phases(&mut *tx).await?;
        if !outcomes::succeed(&mut tx, attempt.key, self.now(), &brought).await? {
            return Err(ImportError::Lost);
        }
        tx.commit().await?;
        attempt.has_succeeded();
        // No log refers to it any more; what can't be deleted now, housekeeping deletes.
        if !needed && let Err(error) = self.payloads.delete(payload).await {
            tracing::warn!(%error, "the payload is still in the store");
        }
        Ok(())
    }

    /// Decodes a backup while it is loaded.
    pub(super) async fn stage(
        &self,
        db: &mut PgConnection,
        source: PayloadStream,
        told: Told,
        doing: Doing,
    ) -> Result<(Read, Loaded), ImportError> {
        let (steps, waiting) = mpsc::channel(WAITING_PIECES);
        let rejects = told.rejects.clone();
        let calendar = Calendar::new(self.clock.today());
        let decoder = BackupDecoder::within(calendar, self.records);
        let decoding = decode(source, decoder, Sink::new(doing), steps, told);
        let decoding: JoinHandle<_> = tokio::spawn(decoding.in_current_span());
        let decoding = AbortOnDropHandle::new(decoding);
        let loaded = load::load(db, waiting, &rejects, doing).await?;
        let read = decoding
            .await
            .map_err(|error| ImportError::Internal(format!("the decoder ended: {error}")))??;
        Ok((read, loaded))
    }
}

/// Whom the decoding tells how it goes.
pub(super) struct Told {
    /// Whose progress it is, of so many bytes as far as anybody knows. Nobody's, when a file is only checked.
    pub progress: Option<(Attempt, Option<i64>)>,
    pub rejects: Rejects,
}

impl Told {
    /// Waits for more of the file.
    async fn wait<T>(&self, more: impl Future<Output = T>) -> T {
        match &self.progress {
            Some((attempt, _)) => attempt.elsewhere(more).await,
            None => more.await,
        }
    }

    /// Tells how far the decoder is, and writes down what it has rejected.
    async fn hear(&self, sink: &mut Sink, bytes: i64) -> Result<(), ImportError> {
        for reject in sink.rejects.drain(..) {
            self.rejects.push(reject).await?;
        }
        if let Some((attempt, total)) = &self.progress {
            attempt.progress(bytes, *total, Some(sink.read.records()));
        }
        Ok(())
    }
}

/// Decodes a backup and sends its rows on. The channel closes when it is through.
async fn decode(
    mut source: PayloadStream,
    decoder: BackupDecoder,
    sink: Sink,
    steps: mpsc::Sender<Step>,
    told: Told,
) -> Result<Read, ImportError> {
    let mut transcoder = Transcoder::new();
    let mut decoding = Decoding {
        decoder,
        sink,
        steps,
        told,
        bytes: 0,
        transcoded: false,
    };
    while let Some(chunk) = decoding.told.wait(source.next()).await {
        let chunk = chunk?;
        let text = transcoder
            .push(&chunk)
            .map_err(|error| invalid(&error, false))?;
        decoding.transcoded = transcoder.transcodes();
        decoding.bytes += i64::try_from(chunk.len()).unwrap_or(0);
        if decoding.push(&text).await?.is_none() {
            return Ok(decoding.sink.read);
        }
    }
    let rest = transcoder
        .finish()
        .map_err(|error| invalid(&error, false))?;
    if decoding.push(&rest).await?.is_some() {
        let in_utf16 = decoding.transcoded;
        let end = decoding.decoder.finish();
        end.map_err(|error| invalid(&error, in_utf16))?;
        hand_on(&mut decoding.sink, &decoding.steps, true).await;
    }
    Ok(decoding.sink.read)
}

/// The sentence for a document that can't be read. Where it names a byte of a file in UTF-16, that is one of its text.
fn invalid(error: &DecodeError, transcoded: bool) -> ImportError {
    let mut sentence = error.to_string();
    if transcoded && sentence.contains("byte ") {
        sentence.push_str(" (Bytes are counted as if the file were UTF-8.)");
    }
    ImportError::Invalid(sentence)
}

/// A decoder at work.
struct Decoding {
    decoder: BackupDecoder,
    sink: Sink,
    steps: mpsc::Sender<Step>,
    told: Told,
    /// Of the payload, with the piece that is being decoded.
    bytes: i64,
    /// The text is not encoded as the payload is.
    transcoded: bool,
}

impl Decoding {
    /// Decodes the next piece of text. `None`: nobody takes the rows any more, since the database has refused; its
    /// error is the one to tell.
    async fn push(&mut self, mut text: &[u8]) -> Result<Option<()>, ImportError> {
        while !text.is_empty() {
            let pushed = self.decoder.push(text, &mut self.sink);
            // Also when it can't be read any further: what was read until then is told.
            self.told.hear(&mut self.sink, self.bytes).await?;
            text = &text[pushed.map_err(|error| invalid(&error, self.transcoded))?..];
            let handed_on = if std::mem::take(&mut self.sink.games_are_whole) {
                merge_games(&mut self.sink, &self.steps).await
            } else {
                hand_on(&mut self.sink, &self.steps, false).await
            };
            if handed_on.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(()))
    }
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
