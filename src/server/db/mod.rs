//! All SQL, and no SQL elsewhere: one file a table or purpose.
//!
//! Functions take the connection or transaction to work in: where a transaction begins and ends is the
//! services' and the importer's business.
//!
//! Above 300 lines, since it lists all files of the folder beside what they share: how connections are made.

pub mod account_sessions;
pub mod accounts;
pub mod alert_sending;
pub mod alerts;
pub mod api_tokens;
pub mod attempts;
pub mod audit;
pub mod bulk_work;
pub mod check_starts;
pub mod checking;
pub mod coverage;
pub mod failures;
pub mod feed_days;
pub mod folds;
pub mod game_search;
pub mod games;
pub mod grants;
pub mod history;
pub mod import_dates;
pub mod import_events;
pub mod import_log_counts;
pub mod import_logs;
pub mod import_rejects;
pub mod installation;
pub mod listener;
pub mod monitoring;
pub mod outcomes;
pub mod pooler;
pub mod processes;
pub mod recovery;
pub mod results;
pub mod results_pages;
pub mod retention;
pub mod runs;
pub mod schedule;
pub mod sessions;
pub mod sign_in_attempts;
pub mod staged_results;
pub mod staging;
pub mod stories;
pub mod stretch;
pub mod undo;
pub mod watching;
mod words;

use std::{str::FromStr as _, time::Duration};

use sqlx::{
    ConnectOptions as _, PgConnection, PgTransaction, Row as _,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};
use tracing::subscriber::NoSubscriber;

use crate::server::secret::{ExposeSecret as _, SecretString};

/// What PostgreSQL itself cuts off on each connection of ours, so that nothing waits without a limit, not even for a client
/// that is gone: statements, waits for a lock, transactions in which nothing happens, and connections whose other end
/// doesn't answer (PostgreSQL manual, "Client Connection Defaults" and "TCP Settings"). Work that takes longer by its nature
/// says so ([`take_time`]). They are set in the session and not with its start, where a pooler refuses them.
const LIMITS: &str = "
    SET statement_timeout = '30s';
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '30s';
    SET tcp_keepalives_idle = 10;
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 3;
    SET tcp_user_timeout = '30s';
    -- A statement whose client has left goes, and its place in line for a lock with it.
    SET client_connection_check_interval = '5s'";

/// Connects to PostgreSQL, each connection with the limits that all of ours have.
///
/// # Errors
/// When no connection can be made within five seconds.
pub async fn connect(url: &SecretString, connections: u32) -> sqlx::Result<PgPool> {
    pool_options()
        .max_connections(connections)
        .connect_with(options(url)?)
        .await
}

/// The same where connections share their sessions with others': what is set in one would be set for whoever has it next, so
/// that limits are the role's own.
///
/// # Errors
/// As [`connect`].
pub async fn connect_sharing(url: &SecretString, connections: u32) -> sqlx::Result<PgPool> {
    sound_pool()
        .max_connections(connections)
        .connect_with(options(url)?)
        .await
}

/// A connection that is made when it is needed, and made again when it breaks off.
///
/// # Errors
/// When the URL is none of PostgreSQL's.
pub fn connect_when_needed(url: &SecretString) -> sqlx::Result<PgPool> {
    let one = pool_options().max_connections(1);
    Ok(one.connect_lazy_with(options(url)?))
}

/// How the database is connected to. Nothing is logged meanwhile: sqlx warns of parameters that it doesn't know, with their
/// values, and one of them may be a misspelt password.
fn options(url: &SecretString) -> sqlx::Result<PgConnectOptions> {
    let options = tracing::subscriber::with_default(NoSubscriber::default(), || {
        PgConnectOptions::from_str(url.expose_secret())
    })?;
    // PostgreSQL writes all digits by itself, and a pooler refuses to be asked.
    Ok(options.extra_float_digits(None))
}

/// A pool that takes back sound connections only, each with the limits that all of ours have.
#[must_use]
pub fn pool_options() -> PgPoolOptions {
    sound_pool().after_connect(|connection, _| {
        Box::pin(async move { sqlx::raw_sql(LIMITS).execute(connection).await.map(drop) })
    })
}

fn sound_pool() -> PgPoolOptions {
    PgPoolOptions::new()
        .acquire_timeout(Duration::from_secs(5))
        .after_release(|connection, _| Box::pin(async move { Ok(is_sound(connection).await) }))
}

/// Lets the statements of the caller's transaction take longer than others': they merge, export or clear what may be much.
///
/// # Errors
/// When the database refuses.
pub async fn take_time(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("SET LOCAL statement_timeout = '1h'")
        .execute(db)
        .await
        .map(drop)
}

/// Lets the plans of a transaction's searches be made for what is asked for: how many rows match depends on that.
///
/// # Errors
/// When the database refuses.
pub async fn plan_each_anew(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("SET LOCAL plan_cache_mode = force_custom_plan")
        .execute(db)
        .await
        .map(drop)
}

/// Begins a transaction that only reads, and sees one moment however many statements it has.
///
/// # Errors
/// When no connection can be had.
pub async fn begin_reading(pool: &PgPool) -> sqlx::Result<PgTransaction<'static>> {
    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .await
}

/// Commits something, and so waits for as long as commits wait, whatever for: all that were begun before are seen afterwards.
///
/// # Errors
/// When the database refuses.
pub async fn commits_arrive(pool: &PgPool) -> sqlx::Result<()> {
    // Written to the log of changes alone; no table has it.
    sqlx::raw_sql("SELECT pg_logical_emit_message(true, 'numwatch', '')")
        .execute(pool)
        .await
        .map(drop)
}

/// Whether a connection may be given to the next one who asks. sqlx 0.9 can leave a transaction open, or an answer
/// unread, on a connection whose future was dropped half-way (sqlx issue 4393; and a `COPY` that is just being
/// finished). The next statement would then be part of that transaction, or be given the answer of the one before. And a
/// server that takes no changes is a standby, or was the primary: whoever asks next may be led to the one that does.
async fn is_sound(connection: &mut PgConnection) -> bool {
    const PATIENCE: Duration = Duration::from_secs(5);
    // Outside of a transaction, and with PostgreSQL's simple protocol, the two instants are the same.
    let asked = sqlx::raw_sql(
        "SELECT now() = statement_timestamp() AND current_setting('transaction_read_only') = 'off'",
    )
    .fetch_one(connection);
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(row)) => row.try_get(0).unwrap_or(false),
        Ok(Err(_)) | Err(_) => false,
    }
}

/// Trouble with the database that passes by itself, or when somebody sees to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It can't be reached, or has no connection left.
    Unreachable,
    /// Something else holds what was wanted, or all takes too long.
    Busy,
    /// It takes no changes at the moment, as a standby does.
    ReadOnly,
}

/// What trouble an error is (PostgreSQL manual, appendix A). `None`: it is a fault, and stays one.
#[must_use]
pub fn trouble(error: &sqlx::Error) -> Option<Trouble> {
    match error {
        sqlx::Error::Database(error) => match error.code()?.as_ref() {
            "25006" => Some(Trouble::ReadOnly),
            // A time limit, a lock that isn't to be had, a transaction that has to give way to another.
            "57014" | "55P03" | "25P03" => Some(Trouble::Busy),
            code if code.starts_with("40") => Some(Trouble::Busy),
            // Connections, resources, an operator's intervention.
            code if ["08", "53", "57"]
                .iter()
                .any(|class| code.starts_with(class)) =>
            {
                Some(Trouble::Unreachable)
            }
            _ => None,
        },
        sqlx::Error::Decode(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::RowNotFound => None,
        _ => Some(Trouble::Unreachable),
    }
}

/// Whether an error is of the kind that passes.
#[must_use]
pub fn is_passing(error: &sqlx::Error) -> bool {
    trouble(error).is_some()
}

/// How the database encodes text.
///
/// # Errors
/// When the database refuses.
pub async fn encoding(pool: &PgPool) -> sqlx::Result<String> {
    sqlx::query_scalar("SHOW server_encoding")
        .fetch_one(pool)
        .await
}

/// Connects without limits, for what takes the time that it takes.
///
/// # Errors
/// When no connection can be made.
pub async fn connect_alone(url: &SecretString) -> sqlx::Result<PgConnection> {
    options(url)?.connect().await
}

/// Brings the schema up to date; one that is newer already stays as it is. Safe to run from several processes at once.
///
/// # Errors
/// When a migration can't be applied.
pub async fn migrate(connection: &mut PgConnection) -> Result<(), sqlx::migrate::MigrateError> {
    sqlx::migrate!()
        .set_ignore_missing(true)
        .run(connection)
        .await
}

/// All migrations that this program knows.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// How a database's schema stands to this program's migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// How many of this program's migrations it lacks.
    pub lacks: usize,
    /// How many it has that this program doesn't know. They don't matter: a schema grows in ways that an older program can
    /// live with.
    pub newer: usize,
}

/// How the schema stands to this program's migrations.
///
/// # Errors
/// When the database refuses.
pub async fn schema(db: &mut PgConnection) -> sqlx::Result<Schema> {
    let there: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *db)
        .await?;
    let applied: Vec<i64> = if there {
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success")
            .fetch_all(db)
            .await?
    } else {
        Vec::new()
    };
    let versions: Vec<i64> = MIGRATIONS
        .iter()
        .map(|migration| migration.version)
        .collect();
    let without =
        |known: &[i64], some: &[i64]| some.iter().filter(|it| !known.contains(it)).count();
    Ok(Schema {
        lacks: without(&applied, &versions),
        newer: without(&versions, &applied),
    })
}

/// Answers whether the database can be reached.
///
/// # Errors
/// When it can't.
pub async fn ping(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query!("SELECT 1 AS one")
        .fetch_one(pool)
        .await
        .map(drop)
}
