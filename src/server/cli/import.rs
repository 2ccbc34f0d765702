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
use tokio_util::task::AbortOnDropHandle;

use super::{
    backup_file, check,
    connect::{Failure, connect},
    parts::Parts,
    print,
};
use crate::{
    error::ErrorKind,
    model::import_log::{ImportLog, ImportStatus, ImportType, Started},
    server::{
        actor::Actor,
        clock::Clock,
        config::Config,
        jobs::{
            presence::{self, Duties},
            worker::Worker,
        },
        services::ServiceError,
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
    Backup {
        file: PathBuf,
        /// Only tells what the import would do; nothing is written
        #[arg(long)]
        dry_run: bool,
    },
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
        if let Kind::Backup {
            file,
            dry_run: true,
        } = &self.kind
        {
            return check::run(&parts, file).await;
        }
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
                .start_sample(&Actor::terminal())
                .await
                .map_err(|error| told(&error)),
            Kind::Range { start, end } => parts
                .imports
                .start_range(*start, *end, &Actor::terminal())
                .await
                .map_err(|error| told(&error)),
            Kind::Dates { dates } => parts
                .imports
                .start_days(dates.clone(), &Actor::terminal())
                .await
                .map_err(|error| told(&error)),
            Kind::Backup { file, .. } => receive(parts, bar, file).await,
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
        .cancel(id, &Actor::terminal())
        .await
        .map_err(|error| error.tell())
    {
        // It has ended meanwhile; how, its log says.
        Err(error) if error.kind == ErrorKind::Conflict => Ok(()),
        other => Ok(other?),
    }
}

async fn receive(parts: &Parts, bar: &ProgressBar, file: &Path) -> Result<Started, Failure> {
    let (announced, body) = backup_file::open(file).await?;
    let begun = parts
        .imports
        .begin_upload(announced, &Actor::terminal())
        .await;
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
        print::error(&format!("Import #{id} failed: {outcome}"));
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
