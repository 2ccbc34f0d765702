//! Wires the parts that every process has which runs imports.

use crate::server::{
    clock::Clock,
    config::Config,
    db::{self, endings::Endings},
    feed::client::FeedClient,
    importer::Importer,
    jobs::worker::Worker,
    payloads::Payloads,
    services::imports::Imports,
};

/// What ends a command early; shown to the person who called it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Connects to the database, or says in a sentence why not.
pub async fn connect(config: &Config) -> Result<sqlx::PgPool, Failure> {
    db::connect(&config.database_url, config.database_connections).await.map_err(|error| {
        format!(
            "DATABASE_URL: the database can't be reached ({error}). Check that PostgreSQL runs; `scripts/postgres start` starts the project's own."
        )
        .into()
    })
}

/// The parts that every process which runs imports has.
pub struct Parts {
    pub pool: sqlx::PgPool,
    pub payloads: Payloads,
    pub clock: Clock,
    pub endings: Endings,
    pub imports: Imports,
    pub worker: Worker,
}

impl Parts {
    pub async fn wire(config: &Config, pool: sqlx::PgPool) -> Result<Self, Failure> {
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
            .map(|url| FeedClient::new(url, &config.feed, clock.clone()))
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
