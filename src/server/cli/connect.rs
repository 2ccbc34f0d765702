//! Connects a command to the database, or says in a sentence why not.

use sqlx::{PgConnection, PgPool};

use crate::{
    model::count::count,
    server::{
        config::Config,
        db::{self, Schema, grants},
        secret::SecretString,
    },
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

/// Brings the database's schema up to date, and gives the application's role what it needs, where another owns the schema; or
/// says in a sentence why not. Answers in a sentence how the schema is then. One that is newer than this program stays as it
/// is, roles included: those of a newer program may need more than this one knows.
///
/// # Errors
/// When the database can't be reached, refuses a migration, or would let the application's role change the audit.
pub async fn migrate(config: &Config) -> Result<String, Failure> {
    const DONE: &str = "The schema is up to date.";
    let Some(owner_url) = &config.database_owner_url else {
        let mut connection = reach("DATABASE_URL", &config.database_url).await?;
        if let Some(newer) = newer(&mut connection).await? {
            return Ok(newer);
        }
        db::migrate(&mut connection).await?;
        return Ok(DONE.to_owned());
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
