//! `numwatch import`: an import like any other, run in this process, with its progress on the terminal.
//!
//! Above 300 lines, since each kind of import is begun, shown and reported here alike.

use std::{
    convert::Infallible,
    io,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use indicatif::{DecimalBytes, HumanCount, ProgressBar, ProgressStyle};
use tokio_util::{io::ReaderStream, task::AbortOnDropHandle};

use super::{
    connect::{Failure, connect},
    parts::Parts,
    print,
};
use crate::{
    error::ErrorKind,
    model::import_log::{ImportLog, ImportStatus, ImportType, Requester, Started},
    server::{
        clock::Clock,
        config::Config,
        jobs::{
            presence::{self, Duties},
            worker::Worker,
        },
        services::{ServiceError, upload::Announced},
    },
};

/// How often the log is looked at for the bar.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The pause before an import that was handed back is begun again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

#[derive(Args)]
pub struct Import {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// The bundled sample
    Sample,
    /// A backup file
    Backup { file: PathBuf },
    /// Each day of a range, from the feed
    Range {
        /// The first day, as 2025-06-22
        start: NaiveDate,
        /// The last day
        end: NaiveDate,
    },
    /// Just these days, from the feed
    Dates {
        /// The days, as 2025-06-20 2025-06-22
        #[arg(required = true)]
        dates: Vec<NaiveDate>,
    },
}

impl Import {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let config = Config::from_env()?;
        let pool = connect(&config).await?;
        let parts = Parts::wire(&config, pool, Clock::system()).await?;
        // It works on its own import only.
        let duties = Duties {
            runs_imports: false,
            has_timer: false,
        };
        let (presence, background) = parts.begin("numwatch import", duties).await?;
        // Off a terminal it draws nothing.
        let bar = ProgressBar::no_length().with_style(ProgressStyle::with_template(
            "{spinner} {prefix:<9} {wide_bar} {msg}",
        )?);
        let started = self.start(&parts, &bar).await?;
        let working = AbortOnDropHandle::new(tokio::spawn(work(parts.worker.clone(), started.id)));
        let log = tokio::select! {
            log = parts.imports.wait(started.id) => log,
            never = show_on(&parts, &bar, started.id) => match never {},
            _ = tokio::signal::ctrl_c() => {
                cancel(&parts, started.id).await?;
                parts.imports.wait(started.id).await
            }
        };
        drop((working, background));
        bar.finish_and_clear();
        presence::leave(&parts.pool, &presence).await;
        Ok(report(&log.map_err(|error| told(&error))?)?)
    }

    async fn start(&self, parts: &Parts, bar: &ProgressBar) -> Result<Started, Failure> {
        match &self.kind {
            Kind::Sample => parts
                .imports
                .start_sample(Requester::Cli)
                .await
                .map_err(|error| told(&error)),
            Kind::Range { start, end } => parts
                .imports
                .start_range(*start, *end, Requester::Cli)
                .await
                .map_err(|error| told(&error)),
            Kind::Dates { dates } => parts
                .imports
                .start_days(dates.clone(), Requester::Cli)
                .await
                .map_err(|error| told(&error)),
            Kind::Backup { file } => receive(parts, bar, file).await,
        }
    }
}

/// What a person is told of a failure.
fn told(error: &ServiceError) -> Failure {
    error.tell().into()
}

/// Works on an import for as long as it may be begun again. A server that runs beside may take it first; either way
/// its log tells how it goes.
async fn work(worker: Worker, id: i32) {
    loop {
        worker.work_on(id).await;
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

/// Ctrl-C: asks for the import to stop, and says so at once.
async fn cancel(parts: &Parts, id: i32) -> Result<(), Failure> {
    eprintln!("Cancelling import #{id}…");
    match parts
        .imports
        .cancel(id, Requester::Cli)
        .await
        .map_err(|error| error.tell())
    {
        // It has ended meanwhile; how, its log says.
        Err(error) if error.kind == ErrorKind::Conflict => Ok(()),
        other => Ok(other?),
    }
}

async fn receive(parts: &Parts, bar: &ProgressBar, file: &Path) -> Result<Started, Failure> {
    let cant_open = |error| cant_open(file, &error);
    let opened = tokio::fs::File::open(file).await.map_err(cant_open)?;
    let found = opened.metadata().await.map_err(cant_open)?;
    if found.is_dir() {
        return Err(cant_open(io::ErrorKind::IsADirectory.into()).into());
    }
    let announced = Announced {
        filename: file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned()),
        // A pipe has no size that anybody could know.
        size: found.is_file().then_some(found.len()),
        ..Announced::default()
    };
    let body = ReaderStream::with_capacity(opened, 256 * 1024);
    let begun = parts.imports.begin_upload(announced, Requester::Cli).await;
    let upload = begun.map_err(|error| told(&error))?;
    let id = upload.id;
    let mut receiving = Box::pin(parts.imports.receive(upload, body));
    let received = tokio::select! {
        received = &mut receiving => received,
        never = show_on(parts, bar, id) => match never {},
        _ = tokio::signal::ctrl_c() => {
            cancel(parts, id).await?;
            receiving.await
        }
    };
    let received = received.map_err(|error| told(&error))?;
    if let Some(id) = received.same_as {
        eprintln!("This is the same file as import #{id}'s. Importing it again is harmless.");
    }
    Ok(received.started)
}

/// Why there is nothing to begin with: a sentence.
fn cant_open(file: &Path, error: &io::Error) -> String {
    let file = file.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!("There is no file {file}. Check its path."),
        io::ErrorKind::IsADirectory => {
            format!("{file} is a folder. Name the backup file in it.")
        }
        io::ErrorKind::PermissionDenied => {
            format!(
                "{file} may not be read by this user. Change its permissions, or run this as its owner."
            )
        }
        _ => format!("{file} can't be opened: {error}. Check its path and its disk."),
    }
}

/// Shows how far an import is, until it is dropped. A look at the log that fails is made again.
async fn show_on(parts: &Parts, bar: &ProgressBar, id: i32) -> Infallible {
    loop {
        if let Ok(log) = parts.imports.log(id).await {
            show(bar, &log);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn show(bar: &ProgressBar, log: &ImportLog) {
    if let Some(total) = log
        .progress_total
        .and_then(|total| u64::try_from(total).ok())
    {
        bar.set_length(total);
    }
    bar.set_position(u64::try_from(log.progress).unwrap_or(0));
    bar.set_prefix(log.phase.as_str());
    bar.set_message(figures(log));
    bar.tick();
}

/// What the log says in numbers: `194 MB of 239 MB, 812,000 records, 32.1 MB/s, 2 s left`.
fn figures(log: &ImportLog) -> String {
    let bytes = |count: i64| DecimalBytes(count.unsigned_abs()).to_string();
    let is_range = log.import_type == ImportType::DateRange;
    let mut figures = Vec::new();
    if let Some(total) = log.progress_total {
        figures.push(if is_range {
            format!("{} of {total} days", log.progress)
        } else {
            format!("{} of {}", bytes(log.progress), bytes(total))
        });
    }
    if let Ok(records @ 1..) = u64::try_from(log.records_processed) {
        figures.push(format!("{} records", HumanCount(records)));
    }
    if let Some(rate) = log.bytes_per_second {
        figures.push(format!("{}/s", bytes(rate)));
    }
    if let Some(left) = log.seconds_left {
        figures.push(format!("{left} s left"));
    }
    figures.join(", ")
}

/// Says how it ended, and answers the exit code for scripts.
fn report(log: &ImportLog) -> io::Result<ExitCode> {
    let (id, outcome) = (log.id, log.outcome());
    if log.status != ImportStatus::Success {
        eprintln!("Import #{id} failed: {outcome}");
        return Ok(ExitCode::FAILURE);
    }
    print::line(&format!("Import #{id} succeeded: {outcome}"))?;
    print::line(&counters(log))?;
    Ok(ExitCode::SUCCESS)
}

/// Its counters, whatever they are: `80 records; games: 2 created, 0 updated; results: …`.
fn counters(log: &ImportLog) -> String {
    let details = match log.import_type {
        ImportType::Backup | ImportType::Unknown => format!(
            "{} differing, {} duplicates",
            log.results_differing, log.duplicates
        ),
        ImportType::SampleData | ImportType::DateRange => {
            format!("{} corrected", log.results_corrected)
        }
    };
    format!(
        "{} records, {} rejected; games: {} created, {} updated; results: {} created, {} updated, {} unchanged, {details}.",
        log.records_processed,
        log.records_rejected,
        log.games_created,
        log.games_updated,
        log.results_created,
        log.results_updated,
        log.results_unchanged,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cant_be_opened_is_told_in_a_sentence() {
        for (kind, sentence) in [
            (
                io::ErrorKind::NotFound,
                "There is no file a/b.json. Check its path.",
            ),
            (
                io::ErrorKind::IsADirectory,
                "a/b.json is a folder. Name the backup file in it.",
            ),
            (
                io::ErrorKind::PermissionDenied,
                "a/b.json may not be read by this user. Change its permissions, or run this as its owner.",
            ),
            (
                io::ErrorKind::StaleNetworkFileHandle,
                "a/b.json can't be opened: stale network file handle. Check its path and its disk.",
            ),
        ] {
            assert_eq!(cant_open(Path::new("a/b.json"), &kind.into()), sentence);
        }
    }
}
