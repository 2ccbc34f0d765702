//! `numwatch import`: an import like any other, run in this process, with its progress on the terminal.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use indicatif::{DecimalBytes, HumanCount, ProgressBar, ProgressStyle};
use tokio_util::io::ReaderStream;

use super::{Failure, Parts, connect};
use crate::{
    model::import_log::{ImportLog, ImportStatus, ImportType, Requester, Started},
    server::{config::Config, db, services::upload::Announced},
};

/// How often the log is looked at for the bar.
const LOOK_EVERY: Duration = Duration::from_millis(250);

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
}

impl Import {
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let config = Config::from_env()?;
        let pool = connect(&config).await?;
        db::migrate(&pool).await?;
        let parts = Parts::wire(&config, pool).await?;
        let listening = parts.endings.clone();
        let pool = parts.pool.clone();
        tokio::spawn(async move { listening.run(pool).await });

        let started = self.start(&parts).await?;
        // A server that runs beside may take it first; either way its log tells how it goes.
        let worker = parts.worker.clone();
        tokio::spawn(async move { worker.work_on(started.id).await });
        let log = tokio::select! {
            log = watch(&parts, started.id) => log?,
            _ = tokio::signal::ctrl_c() => {
                cancel(&parts, started.id).await?;
                parts.imports.wait(started.id).await?
            }
        };
        Ok(report(&log))
    }

    async fn start(&self, parts: &Parts) -> Result<Started, Failure> {
        match &self.kind {
            Kind::Sample => Ok(parts.imports.start_sample(Requester::Cli).await?),
            Kind::Range { start, end } => Ok(parts
                .imports
                .start_range(*start, *end, Requester::Cli)
                .await?),
            Kind::Backup { file } => receive(parts, file).await,
        }
    }
}

/// Ctrl-C: asks for the import to stop, and says so at once.
async fn cancel(parts: &Parts, id: i32) -> Result<(), Failure> {
    eprintln!("Cancelling import #{id}…");
    parts.imports.cancel(id, Requester::Cli).await?;
    Ok(())
}

async fn receive(parts: &Parts, file: &Path) -> Result<Started, Failure> {
    let opened = tokio::fs::File::open(file)
        .await
        .map_err(|error| format!("{} can't be opened: {error}", file.display()))?;
    let announced = Announced {
        filename: file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned()),
        size: Some(opened.metadata().await?.len()),
        refused: None,
    };
    let body = ReaderStream::with_capacity(opened, 256 * 1024);
    let upload = parts
        .imports
        .begin_upload(announced, Requester::Cli)
        .await?;
    let id = upload.id;
    let mut receiving = Box::pin(parts.imports.receive(upload, body));
    let received = tokio::select! {
        received = &mut receiving => received?,
        _ = tokio::signal::ctrl_c() => {
            cancel(parts, id).await?;
            receiving.await?
        }
    };
    if let Some(id) = received.same_as {
        eprintln!("This is the same file as import #{id}'s. Importing it again is harmless.");
    }
    Ok(received.started)
}

/// Shows a bar until the import has ended. Off a terminal the bar draws nothing.
async fn watch(parts: &Parts, id: i32) -> Result<ImportLog, Failure> {
    let bar = ProgressBar::no_length();
    bar.set_style(ProgressStyle::with_template(
        "{spinner} {prefix:<9} {wide_bar} {msg}",
    )?);
    loop {
        match tokio::time::timeout(LOOK_EVERY, parts.imports.wait(id)).await {
            Ok(log) => {
                bar.finish_and_clear();
                return Ok(log?);
            }
            Err(_) => show(&bar, &parts.imports.log(id).await?),
        }
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
fn report(log: &ImportLog) -> ExitCode {
    let id = log.id;
    if log.status != ImportStatus::Success {
        eprintln!(
            "Import #{id} failed: {}",
            log.error_message
                .as_deref()
                .unwrap_or("no reason was noted")
        );
        return ExitCode::FAILURE;
    }
    let updated = match log.import_type {
        ImportType::Backup => String::new(),
        ImportType::SampleData | ImportType::DateRange => {
            format!(", {} updated", log.results_updated)
        }
    };
    println!(
        "Import #{id} succeeded: {} records; {} games and {} results created{updated}, {} duplicates, {} rejected.",
        log.records_processed,
        log.games_created,
        log.results_created,
        log.duplicates,
        log.records_rejected
    );
    ExitCode::SUCCESS
}
