//! Connects a command to the database, or says in a sentence why not.

use sqlx::{PgConnection, PgPool};

use crate::{
    model::count::count,
    server::{
        config::Config,
        db::{
            self, Schema, grants,
            pooler::{self, Sessions},
        },
        secret::SecretString,
    },
};

/// What ends a command early; shown to the person who called it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Connects to the database, or says in a sentence why not, or why it can't be used.
///
/// # Errors
/// When it can't be reached, its schema is older than this program's, or a pooler before it doesn't do what is needed.
pub async fn connect(config: &Config) -> Result<PgPool, Failure> {
    let pool = open(config).await?;
    let encoding = db::encoding(&pool).await?;
    if encoding != "UTF8" {
        return Err(format!(
            "DATABASE_URL: the database's encoding is {encoding}, and names of games are Thai more often than not: it must be UTF8. Create it anew with ENCODING 'UTF8'."
        )
        .into());
    }
    let Schema { lacks, newer } = db::schema(&mut *pool.acquire().await?).await?;
    if lacks > 0 {
        return Err(format!(
            "The database's schema is older than this program: it lacks {lacks} of its migrations. Run `numwatch migrate`, then start again."
        )
        .into());
    }
    if newer > 0 {
        tracing::info!(
            migrations = newer,
            "the schema is newer than this program, which runs beside it"
        );
    }
    Ok(pool)
}

const DATABASE: &str = "DATABASE_URL";
const OWNER: &str = "DATABASE_OWNER_URL";
const DIRECT: &str = "NUMWATCH_DATABASE_DIRECT_URL";

/// Opens the connections, as suits what they lead to.
async fn open(config: &Config) -> Result<PgPool, Failure> {
    let (url, connections) = (&config.database_url, config.database_connections);
    let unreachable = |error| unreachable(DATABASE, &error);
    let sessions = pooler::sessions(url).await.map_err(unreachable)?;
    if sessions == Sessions::SharedWithoutStatements {
        return Err(format!(
            "{DATABASE}: a pooler stands before the database, lends a session for one transaction at a time (transaction pooling), and forgets the statements that NumWatch has prepared. Let it lend a session for as long as a connection lasts (PgBouncer: pool_mode = session); or let it keep prepared statements (PgBouncer 1.21 or newer: max_prepared_statements = 200) and set {DIRECT} to the address of PostgreSQL itself; or let {DATABASE} lead there."
        )
        .into());
    }
    let has_direct = check_direct(config).await?;
    if sessions == Sessions::Own {
        return db::connect(url, connections).await.map_err(unreachable);
    }
    if !has_direct {
        return Err(format!(
            "{DATABASE}: a pooler stands before the database and lends a session for one transaction at a time (transaction pooling), but NumWatch needs one of its own to hear what PostgreSQL tells. Set {DIRECT} to the address of PostgreSQL itself; or let the pooler lend a session for as long as a connection lasts (PgBouncer: pool_mode = session)."
        )
        .into());
    }
    let pool = db::connect_sharing(url, connections).await;
    let pool = pool.map_err(unreachable)?;
    if !pooler::has_limits(&pool).await? {
        tracing::warn!(
            "{DATABASE} leads to a pooler that shares sessions, so NumWatch can't limit how long a statement takes. Let its role do so: ALTER ROLE … SET statement_timeout = '30s', and the same with lock_timeout = '10s' and idle_in_transaction_session_timeout = '30s'."
        );
    }
    Ok(pool)
}

/// Makes sure that what is to lead to PostgreSQL itself does, and to the same database. Answers whether there is such a thing.
async fn check_direct(config: &Config) -> Result<bool, Failure> {
    let Some(direct) = &config.database_direct_url else {
        return Ok(false);
    };
    let mut direct = reach_alone(DIRECT, direct).await?;
    let mut pooled = reach(DATABASE, &config.database_url).await?;
    let direct = grants::place(&mut direct).await?.database;
    let pooled = grants::place(&mut pooled).await?.database;
    same_database((DIRECT, &direct.0, direct == pooled), (DATABASE, &pooled.0))?;
    Ok(true)
}

/// Brings the database's schema up to date, and gives the application's role what it needs, where another owns the schema; or
/// says in a sentence why not. Answers in a sentence how the schema is then. One that is newer than this program stays as it
/// is, roles included: those of a newer program may need more than this one knows.
///
/// # Errors
/// When the database can't be reached, refuses a migration, or would let the application's role change the audit.
pub async fn migrate(config: &Config) -> Result<String, Failure> {
    const DONE: &str = "The schema is up to date.";
    let Some(owner_url) = &config.database_owner_url else {
        let mut connection = match &config.database_direct_url {
            Some(direct) => {
                check_direct(config).await?;
                reach_alone(DIRECT, direct).await?
            }
            None => reach_alone(DATABASE, &config.database_url).await?,
        };
        if let Some(newer) = newer(&mut connection).await? {
            return Ok(newer);
        }
        db::migrate(&mut connection).await?;
        return Ok(DONE.to_owned());
    };
    let mut owner = reach_alone(OWNER, owner_url).await?;
    let mut application = reach(DATABASE, &config.database_url).await?;
    let theirs = grants::place(&mut owner).await?;
    let ours = grants::place(&mut application).await?;
    let are_same = theirs.database == ours.database;
    same_database(
        (OWNER, &theirs.database.0, are_same),
        (DATABASE, &ours.database.0),
    )?;
    if let Some(newer) = newer(&mut owner).await? {
        return Ok(newer);
    }
    db::migrate(&mut owner).await?;
    let role = ours.role;
    if grants::rules(&mut owner, &role).await? {
        return Err(format!(
            "The schema is up to date, but DATABASE_URL connects as {role}, who owns the tables, is a member of the role that does, or is a superuser: so the application could change its own audit. Create a role for it (CREATE ROLE … LOGIN), let DATABASE_URL connect as that one, and migrate again; or leave out DATABASE_OWNER_URL. If {role} owns the tables from before, the role of DATABASE_OWNER_URL takes them over with REASSIGN OWNED BY."
        )
        .into());
    }
    grants::give(&mut owner, &role).await.map_err(|error| -> Failure {
        format!(
            "The schema is up to date, but {} can't give {role}, as whom DATABASE_URL connects, what the application needs and no more ({error}). Let DATABASE_OWNER_URL connect as the role that owns the schema.",
            theirs.role
        )
        .into()
    })?;
    Ok(DONE.to_owned())
}

/// What is to be said where a newer program has migrated the schema, and nothing of this one's is lacking.
async fn newer(connection: &mut PgConnection) -> sqlx::Result<Option<String>> {
    let Schema { lacks, newer } = db::schema(connection).await?;
    if lacks > 0 || newer == 0 {
        return Ok(None);
    }
    let newer = i64::try_from(newer).unwrap_or(i64::MAX);
    let migrations = count(newer, "migration", "migrations");
    Ok(Some(format!(
        "The schema is newer than this program: it has {migrations} more. Nothing was changed; this program can run beside it."
    )))
}

/// Two connections are to lead to one database.
fn same_database(
    (variable, name, are_same): (&str, &str, bool),
    (other_variable, other): (&str, &str),
) -> Result<(), Failure> {
    if are_same {
        return Ok(());
    }
    Err(format!(
        "{variable} leads to the database {name}, and {other_variable} to {other}, or to another server. Let both lead to the same one."
    )
    .into())
}

/// Connects to a session of its own, as whoever holds a lock or listens needs one; or says in a sentence that a pooler lends
/// none.
async fn reach_alone(variable: &str, url: &SecretString) -> Result<PgConnection, Failure> {
    let sessions = pooler::sessions(url).await;
    match sessions.map_err(|error| unreachable(variable, &error))? {
        Sessions::Own => reach(variable, url).await,
        Sessions::Shared | Sessions::SharedWithoutStatements => Err(format!(
            "{variable}: it leads to a pooler, which lends a session for one transaction at a time (transaction pooling), and here one of its own is needed. Let {} lead to PostgreSQL itself.",
            if variable == DATABASE { DIRECT } else { variable }
        )
        .into()),
    }
}

async fn reach(variable: &str, url: &SecretString) -> Result<PgConnection, Failure> {
    let connected = db::connect_alone(url).await;
    connected.map_err(|error| unreachable(variable, &error))
}

fn unreachable(variable: &str, error: &sqlx::Error) -> Failure {
    format!(
        "{variable}: the database can't be reached ({error}). Check that PostgreSQL runs; `scripts/postgres start` starts the project's own."
    )
    .into()
}
