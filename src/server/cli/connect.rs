//! Connects a command to the database, or says in a sentence why not.

use sqlx::{PgConnection, PgPool};

use crate::server::{
    config::Config,
    db::{self, grants},
    secret::SecretString,
};

/// What ends a command early; shown to the person who called it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Connects to the database, or says in a sentence why not, or why it can't be used.
///
/// # Errors
/// When it can't be reached, or its schema is older than this program's.
pub async fn connect(config: &Config) -> Result<PgPool, Failure> {
    let pool = db::connect(&config.database_url, config.database_connections)
        .await
        .map_err(|error| unreachable("DATABASE_URL", &error))?;
    let encoding = db::encoding(&pool).await?;
    if encoding != "UTF8" {
        return Err(format!(
            "DATABASE_URL: the database's encoding is {encoding}, and names of games are Thai more often than not: it must be UTF8. Create it anew with ENCODING 'UTF8'."
        )
        .into());
    }
    match db::migrations_lacking(&pool).await? {
        0 => Ok(pool),
        lacking => Err(format!(
            "The database's schema is older than this program: it lacks {lacking} of its migrations. Run `numwatch migrate`, then start again."
        )
        .into()),
    }
}

/// Brings the database's schema up to date, and gives the application's role what it needs, where another owns the schema; or
/// says in a sentence why not.
///
/// # Errors
/// When the database can't be reached, refuses a migration, or would let the application's role change the audit.
pub async fn migrate(config: &Config) -> Result<(), Failure> {
    let Some(owner_url) = &config.database_owner_url else {
        let mut connection = reach("DATABASE_URL", &config.database_url).await?;
        return Ok(db::migrate(&mut connection).await?);
    };
    let mut owner = reach("DATABASE_OWNER_URL", owner_url).await?;
    let mut application = reach("DATABASE_URL", &config.database_url).await?;
    let theirs = grants::place(&mut owner).await?;
    let ours = grants::place(&mut application).await?;
    if theirs.database != ours.database {
        let ((theirs, _), (ours, _)) = (theirs.database, ours.database);
        return Err(format!(
            "DATABASE_OWNER_URL leads to the database {theirs}, and DATABASE_URL to {ours}, or to another server. Let both lead to the same one."
        )
        .into());
    }
    db::migrate(&mut owner).await?;
    let role = ours.role;
    if grants::rules(&mut owner, &role).await? {
        return Err(format!(
            "The schema is up to date, but DATABASE_URL connects as {role}, who owns the tables, is a member of the role that does, or is a superuser: so the application could change its own audit. Create a role for it (CREATE ROLE … LOGIN), let DATABASE_URL connect as that one, and migrate again; or leave out DATABASE_OWNER_URL. If {role} owns the tables from before, the role of DATABASE_OWNER_URL takes them over with REASSIGN OWNED BY."
        )
        .into());
    }
    grants::give(&mut owner, &role).await.map_err(|error| {
        format!(
            "The schema is up to date, but {} can't give {role}, as whom DATABASE_URL connects, what the application needs and no more ({error}). Let DATABASE_OWNER_URL connect as the role that owns the schema.",
            theirs.role
        )
        .into()
    })
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
