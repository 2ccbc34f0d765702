//! The data itself: games, results, the export, and clearing it all.

use std::{io, sync::Arc};

use bytes::Bytes;
use chrono::Months;
use futures::{Stream, StreamExt as _, stream::BoxStream};
use sqlx::PgPool;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, mpsc};
use tracing::Instrument as _;

use super::{IN_TIME, ServiceError, in_time, spool::spool};
use crate::{
    error::{AppError, ErrorKind},
    model::{
        access::Action,
        audit::Detail,
        game::{DrawResult, Game},
    },
    server::{
        actor::Actor,
        clock::Clock,
        db::{self, audit, games, results},
        importer::{
            decode::record::{GameRecord, ResultRecord},
            encode::GamesEncoder,
        },
    },
};

/// A piece of an answer is sent when it has grown to this many bytes.
const PIECE: usize = 64 * 1024;
/// So many answers of any length are made at a time: each holds a connection for as long as the database takes.
const STREAMS: usize = 4;
/// So many may wait for their readers to take them: each is a file for as long.
const PLACES: usize = 64;

/// Games and results.
#[derive(Clone, Debug)]
pub struct Data {
    pool: PgPool,
    clock: Clock,
    streams: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// How much was removed.
#[derive(Clone, Copy, Debug)]
pub struct Cleared {
    pub results: u64,
    pub games: u64,
}

type Pieces = mpsc::Sender<Result<Bytes, AppError>>;

impl Data {
    #[must_use]
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        Self {
            pool,
            clock,
            streams: Arc::new(Semaphore::new(STREAMS)),
            places: Arc::new(Semaphore::new(PLACES)),
        }
    }

    /// All games.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn games(&self) -> Result<Vec<Game>, ServiceError> {
        Ok(games::all(&self.pool).await?)
    }

    /// Whether there is anything to export.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn has_results(&self) -> Result<bool, ServiceError> {
        Ok(results::any(&self.pool).await?)
    }

    /// Removes all results and games.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn clear(&self, by: &Actor) -> Result<Cleared, ServiceError> {
        let permit = by.permit(Action::ClearData)?;
        let mut tx = self.pool.begin().await?;
        db::take_time(&mut tx).await?;
        let (results, games) = results::clear(&mut tx).await?;
        let detail = Detail {
            games: i64::try_from(games).ok(),
            results: i64::try_from(results).ok(),
            ..Detail::default()
        };
        audit::note(&mut *tx, &permit, None, detail).await?;
        tx.commit().await?;
        Ok(Cleared { results, games })
    }

    /// Waits for a place among the answers that are taken, and for one of those that are made.
    async fn turn(&self) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), ServiceError> {
        let turn = async {
            let place = self.places.clone().acquire_owned().await;
            let turn = self.streams.clone().acquire_owned().await;
            Ok::<_, AcquireError>((turn?, place?))
        };
        match tokio::time::timeout(IN_TIME, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(ServiceError::told(
                ErrorKind::Unavailable,
                "Too many others are being sent this at the moment. Try again in a minute.",
            )),
        }
    }

    /// The name that an export made now goes by.
    #[must_use]
    pub fn export_filename(&self) -> String {
        format!("numwatch-backup-{}.json", self.clock.today())
    }

    /// The results of the last `months` months (0: all) as a JSON array, piece by piece.
    ///
    /// # Errors
    /// When the database can't be reached. What fails later ends the stream.
    pub async fn results(
        &self,
        months: u32,
    ) -> Result<impl Stream<Item = Result<Bytes, AppError>> + use<>, ServiceError> {
        // More months than the calendar has are all of them, too.
        let since = (months > 0)
            .then(|| self.clock.today().checked_sub_months(Months::new(months)))
            .flatten();
        let (turn, place) = self.turn().await?;
        let mut tx = in_time(self.pool.begin()).await?;
        db::take_time(&mut tx).await?;
        streamed(turn, place, |pieces| async move {
            let mut rows = results::stream_since(&mut tx, since);
            let mut buffer = vec![b'['];
            let mut first = true;
            while let Some(row) = rows.next().await {
                if !std::mem::take(&mut first) {
                    buffer.push(b',');
                }
                serde_json::to_writer(&mut buffer, &row?)
                    .map_err(|e| sqlx::Error::Encode(e.into()))?;
                flush(&pieces, &mut buffer, PIECE).await?;
            }
            buffer.push(b']');
            flush(&pieces, &mut buffer, 0).await?;
            Ok(())
        })
    }

    /// Everything as a backup (`formats.md` §2), piece by piece, as it stood at one moment.
    ///
    /// # Errors
    /// When the database can't be reached. What fails later ends the stream.
    pub async fn export(
        &self,
    ) -> Result<impl Stream<Item = Result<Bytes, AppError>> + use<>, ServiceError> {
        let (turn, place) = self.turn().await?;
        let mut tx = in_time(self.pool.begin()).await?;
        db::take_time(&mut tx).await?;
        in_time(results::freeze(&mut *tx)).await?;
        let now = self.clock.now();
        streamed(turn, place, |pieces| async move {
            let mut games_part = GamesEncoder::new(Vec::new(), now)?;
            {
                let mut rows = games::stream(&mut tx);
                while let Some(game) = rows.next().await {
                    games_part.game(&game_record(&game?))?;
                    flush(&pieces, games_part.output(), PIECE).await?;
                }
            }
            let mut results_part = games_part.results()?;
            {
                let mut rows = results::stream_by_key(&mut tx);
                while let Some(row) = rows.next().await {
                    let row = row?;
                    results_part.result(&row.game.base_game_id, &result_record(&row))?;
                    flush(&pieces, results_part.output(), PIECE).await?;
                }
            }
            flush(&pieces, &mut results_part.finish()?, 0).await?;
            Ok(())
        })
    }
}

/// A stored game as a backup holds it.
fn game_record(game: &Game) -> GameRecord<'_> {
    GameRecord {
        file_id: game.id.into(),
        base_game_id: game.base_game_id.as_str().into(),
        game_name: game.game_name.as_str().into(),
        country_code: game.country_code.as_deref().map(Into::into),
        is_active: game.is_active,
        created_at: Some(game.created_at),
    }
}

/// A stored result as a backup holds it.
fn result_record(result: &DrawResult) -> ResultRecord<'_> {
    ResultRecord {
        game_file_id: result.game_id.into(),
        code_game: None,
        result_date: result.result_date,
        result_3up: result.result_3up.as_deref().map(Into::into),
        result_2down: result.result_2down.as_deref().map(Into::into),
        result_4up: result.result_4up.as_deref().map(Into::into),
        status: result.status,
        created_at: Some(result.created_at),
    }
}

/// Hands on what has been written when it is at least `least` bytes. An error when the reader has gone away.
async fn flush(pieces: &Pieces, buffer: &mut Vec<u8>, least: usize) -> sqlx::Result<()> {
    if buffer.len() >= least {
        let piece = std::mem::take(buffer).into();
        let sent = pieces.send(Ok(piece)).await;
        sent.map_err(|_| sqlx::Error::Io(io::ErrorKind::BrokenPipe.into()))?;
    }
    Ok(())
}

/// Runs a producer of pieces beside its reader, as far ahead of it as it can get.
fn streamed<F>(
    turn: OwnedSemaphorePermit,
    place: OwnedSemaphorePermit,
    produce: impl FnOnce(Pieces) -> F,
) -> Result<BoxStream<'static, Result<Bytes, AppError>>, ServiceError>
where
    F: Future<Output = Result<(), sqlx::Error>> + Send + 'static,
{
    let (pieces, reader) = mpsc::channel(4);
    let answer = spool(reader, place).map_err(|error| {
        tracing::error!(%error, "no temporary file can be made");
        let sentence =
            "No temporary file can be made. Check the disk for temporary files, then try again.";
        ServiceError::told(ErrorKind::DiskFull, sentence)
    })?;
    let producing = produce(pieces.clone());
    let sending = async move {
        let produced = producing.await;
        drop(turn);
        if let Err(error) = produced
            && !pieces.is_closed()
        {
            // The answer has begun: all that can be done is to break it off, so that it can't pass for whole.
            let broken = Err(ServiceError::from(error).tell());
            let _ = pieces.send(broken).await;
        }
    };
    tokio::spawn(sending.in_current_span());
    Ok(answer.boxed())
}
