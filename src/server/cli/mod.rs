//! The command line, and the only place that wires the parts together.

mod import;
mod serve;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use super::{
    clock::Clock,
    config::Config,
    db,
    feed::{client::FeedClient, simulator},
    importer::{Importer, generate},
    jobs::{endings::Endings, worker::Worker},
    payloads::Payloads,
    services::imports::Imports,
    telemetry,
};

/// What ends a command early; shown to the person who called it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the imports of a lottery-results database and keeps a truthful log of every one of them.
///
/// The configuration comes from the environment or from a file `.env`; `.env.example` lists it.
#[derive(Parser)]
#[command(name = "numwatch", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the pages and the API, runs imports, and keeps the schedule
    Serve(serve::Serve),
    /// Runs imports without serving anything
    Worker,
    /// Brings the database's schema up to date
    Migrate,
    /// Runs one import and shows how it goes
    Import(import::Import),
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
    // A file that isn't there is no error; one that can't be read is.
    if let Err(error) = dotenvy::dotenv()
        && !error.not_found()
    {
        eprintln!("numwatch: .env can't be read: {error}");
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
            eprintln!("numwatch: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(serve) => {
            telemetry::init();
            serve.run().await?;
        }
        Command::Worker => {
            telemetry::init();
            serve::work().await?;
        }
        Command::Migrate => {
            let config = Config::from_env()?;
            let pool = connect(&config).await?;
            db::migrate(&pool).await?;
            println!("The schema is up to date.");
        }
        Command::Import(import) => return import.run().await,
        Command::Feed { addr, trouble } => {
            telemetry::init();
            let listener = tokio::net::TcpListener::bind(addr)
                .await
                .map_err(|error| format!("can't listen on {addr}: {error}"))?;
            println!("A made-up feed answers at http://{addr}");
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
        return generate::backup(games, results, &mut std::io::stdout().lock());
    }
    let mut file = std::io::BufWriter::new(std::fs::File::create(out)?);
    generate::backup(games, results, &mut file)?;
    std::io::Write::flush(&mut file)
}

/// Connects to the database, or says in a sentence why not.
async fn connect(config: &Config) -> Result<sqlx::PgPool, Failure> {
    db::connect(&config.database_url, config.database_connections).await.map_err(|error| {
        format!(
            "DATABASE_URL: the database can't be reached ({error}). Check that PostgreSQL runs; `scripts/postgres start` starts the project's own."
        )
        .into()
    })
}

/// The parts that every process which runs imports has.
struct Parts {
    pool: sqlx::PgPool,
    payloads: Payloads,
    clock: Clock,
    endings: Endings,
    imports: Imports,
    worker: Worker,
}

impl Parts {
    async fn wire(config: &Config, pool: sqlx::PgPool) -> Result<Self, Failure> {
        let clock = Clock::system();
        let payloads = Payloads::open(&config.payloads)
            .map_err(|error| {
                format!(
                    "NUMWATCH_PAYLOADS: \"{}\" can't be opened ({error})",
                    config.payloads
                )
            })?
            .of_installation(db::installation::id(&pool).await?);
        let feed = config
            .feed
            .url
            .clone()
            .map(|url| FeedClient::new(url, &config.feed))
            .transpose()?;
        let endings = Endings::default();
        let imports = Imports::new(
            pool.clone(),
            payloads.clone(),
            clock.clone(),
            endings.clone(),
            config.max_upload,
            feed.is_some(),
        );
        let importer = Importer {
            pool: pool.clone(),
            payloads: payloads.clone(),
            feed,
            feed_delay: config.feed.delay,
            clock: clock.clone(),
        };
        let worker = Worker::new(importer, config.attempts, config.workers);
        Ok(Self {
            pool,
            payloads,
            clock,
            endings,
            imports,
            worker,
        })
    }
}
