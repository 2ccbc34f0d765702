//! The command line, and the only place that wires the parts together.

pub mod alert;
mod backup_file;
mod check;
mod columns;
pub mod connect;
mod dotenv;
mod import;
pub mod parts;
pub mod password;
mod print;
pub mod retain;
mod role;
mod serve;
pub mod token;
mod undo;
pub mod user;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use self::connect::{Failure, migrate};
use super::{config::Config, cores, feed::simulator, importer::generate, telemetry};

/// Runs the imports of a lottery-results database and keeps a truthful log of every one of them.
///
/// The configuration comes from the environment or from a file `.env`; `.env.example` lists it.
#[derive(Parser)]
#[command(name = "numwatch", version)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    /// Serves the pages and the API, runs imports, and keeps the schedule
    Serve(serve::Serve),
    /// Runs imports without serving anything
    Worker,
    /// Brings the database's schema up to date
    Migrate,
    /// Removes logs and uploads that are older than they are kept, at once
    Retain,
    /// Runs one import and shows how it goes
    Import(import::Import),
    /// Takes back what an import did, as far as nobody has changed it since
    Undo(undo::Undo),
    /// Adds, lists and changes the accounts of those who may sign in
    #[command(subcommand)]
    User(user::User),
    /// Adds, lists and revokes tokens, with which programs call the API
    #[command(subcommand)]
    Token(token::Token),
    /// Tells a webhook something
    #[command(subcommand)]
    Alert(alert::Alert),
    /// Serves a made-up results feed, for development and tests
    Feed {
        /// Where to listen
        #[arg(long, default_value = "127.0.0.1:4000")]
        addr: SocketAddr,
        #[command(flatten)]
        trouble: simulator::Trouble,
    },
    /// Writes a made-up backup, for tests and benchmarks
    Generate {
        #[arg(long, default_value_t = 140)]
        games: u32,
        #[arg(long, default_value_t = 10_000)]
        results: u32,
        /// The file to write; `-` for standard output
        #[arg(long, default_value = "-")]
        out: PathBuf,
    },
}

/// Runs the command that the command line names.
#[must_use]
pub fn main() -> ExitCode {
    // Before there are any secrets in it.
    if let Err(error) = cores::leave_none() {
        eprintln!("numwatch: a crash may write a core file with secrets in it ({error})");
    }
    if let Err(error) = dotenv::load() {
        eprintln!("numwatch: {error}");
        return ExitCode::FAILURE;
    }
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("numwatch: can't start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli.command)) {
        Ok(code) => code,
        Err(error) => {
            print::error(&format!("numwatch: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// The names of all commands.
#[cfg(test)]
#[must_use]
pub fn commands() -> Vec<String> {
    let cli = <Cli as clap::CommandFactory>::command();
    let names = cli.get_subcommands().map(|it| it.get_name().to_owned());
    names.collect()
}

async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(serve) => {
            telemetry::init()?;
            serve.run().await?;
        }
        Command::Worker => {
            telemetry::init()?;
            serve::work().await?;
        }
        Command::Migrate => {
            let schema = migrate(&Config::from_env()?).await?;
            print::line(&schema)?;
        }
        Command::Retain => retain::run().await?,
        Command::Import(import) => return Box::pin(import.run()).await,
        Command::Undo(undo) => undo.run().await?,
        Command::User(user) => user.run().await?,
        Command::Token(token) => token.run().await?,
        Command::Alert(alert) => alert.run().await?,
        Command::Feed { addr, trouble } => {
            telemetry::init()?;
            let listener = tokio::net::TcpListener::bind(addr)
                .await
                .map_err(|error| format!("can't listen on {addr}: {error}"))?;
            print::line(&format!("A made-up feed answers at http://{addr}"))?;
            axum::serve(listener, simulator::router(trouble)).await?;
        }
        Command::Generate {
            games,
            results,
            out,
        } => generate(games, results, &out)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn generate(games: u32, results: u32, out: &std::path::Path) -> std::io::Result<()> {
    if out.as_os_str() == "-" {
        let written = generate::backup(games, results, &mut std::io::stdout().lock());
        return print::quietly(written);
    }
    let mut file = std::io::BufWriter::new(std::fs::File::create(out)?);
    generate::backup(games, results, &mut file)?;
    std::io::Write::flush(&mut file)
}
