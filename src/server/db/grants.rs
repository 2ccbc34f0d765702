//! What the application's own role may do, where another role owns the schema: `grants.sql` says it, and this gives it.

use sqlx::{Connection as _, PgConnection};

/// Which role a connection has, and in which database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub role: String,
    /// Its name and number: of no two databases both are the same, but for copies of a whole cluster.
    pub database: (String, i64),
}

/// Where a connection leads.
///
/// # Errors
/// When the database refuses.
pub async fn place(db: &mut PgConnection) -> sqlx::Result<Place> {
    let place = sqlx::query!(
        r#"SELECT current_user::text AS "role!", datname::text AS "name!", oid::bigint AS "number!"
           FROM pg_database WHERE datname = current_database()"#
    )
    .fetch_one(db)
    .await?;
    Ok(Place {
        role: place.role,
        database: (place.name, place.number),
    })
}

/// Gives a role what the application needs, and takes from it what else it was given.
///
/// # Errors
/// When the owner may not give it, there is no such role, or it may change the audit all the same.
pub async fn give(owner: &mut PgConnection, application: &str) -> sqlx::Result<()> {
    let mut tx = owner.begin().await?;
    sqlx::query!(
        "SELECT set_config('numwatch.application', $1, true)",
        application
    )
    .fetch_one(&mut *tx)
    .await?;
    sqlx::raw_sql(include_str!("grants.sql"))
        .execute(&mut *tx)
        .await?;
    tx.commit().await
}

/// Whether a role rules over the tables, whatever it is given: as their owner, as a member of the owner's role, or as a
/// superuser.
///
/// # Errors
/// When the database refuses.
pub async fn rules(db: &mut PgConnection, role: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT pg_has_role($1::text::name, relowner, 'MEMBER') AS "rules!"
           FROM pg_class WHERE oid = 'audit'::regclass"#,
        role
    )
    .fetch_one(db)
    .await
}
