//! Connects a command to the database, or says in a sentence why not.

use sqlx::{PgPool, migrate::MigrateError};

use crate::server::{config::Config, db};

/// What ends a command early; shown to the person who called it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Connects to the database, or says in a sentence why not, or why it can't be used.
///
/// # Errors
/// When it can't be reached, or its schema is older than this program's.
pub async fn connect(config: &Config) -> Result<PgPool, Failure> {
    let pool = db::connect(&config.database_url, config.database_connections)
        .await
        .map_err(|error| unreachable(&error))?;
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

/// Brings the database's schema up to date, or says in a sentence why not.
///
/// # Errors
/// When it can't be reached or refuses a migration.
pub async fn migrate(config: &Config) -> Result<(), Failure> {
    let migrated = db::migrate(&config.database_url).await;
    migrated.map_err(|error| match error {
        MigrateError::Execute(error) => unreachable(&error),
        other => other.into(),
    })
}

fn unreachable(error: &sqlx::Error) -> Failure {
    format!(
        "DATABASE_URL: the database can't be reached ({error}). Check that PostgreSQL runs; `scripts/postgres start` starts the project's own."
    )
    .into()
}
