//! `sign_in_attempts`: how often somebody has tried to sign in of late, at whichever process.

use std::time::Duration;

use sqlx::PgConnection;

/// Attempts are counted for so long.
pub const COUNTED: Duration = Duration::from_mins(15);

/// So many are allowed in that time for a name from one address, for a name from all of them (so that nobody can lock
/// somebody else out with a few), and from an address for all names.
const OF_BOTH: i64 = 5;
const OF_NAME: i64 = 50;
const OF_ADDRESS: i64 = 20;

/// Counts an attempt before its outcome is known, so that many at once count too. Or answers how long to wait when there were
/// too many. The caller's transaction makes those who try for the same name or from the same address take turns.
///
/// # Errors
/// When the database refuses.
pub async fn begin(
    db: &mut PgConnection,
    name: &str,
    address: &str,
) -> sqlx::Result<Result<(), Duration>> {
    /// Of these advisory locks (PostgreSQL manual, "Advisory Locks"): those of addresses are taken first.
    const ADDRESSES: i32 = 20058;
    const NAMES: i32 = 20059;
    for (class, key) in [(ADDRESSES, address), (NAMES, name)] {
        sqlx::query!("SELECT pg_advisory_xact_lock($1, hashtext($2))", class, key)
            .execute(&mut *db)
            .await?;
    }
    let window = COUNTED.as_secs_f64();
    sqlx::query!(
        // The oldest, whosever they are: none is left behind for long.
        "DELETE FROM sign_in_attempts
         WHERE id IN (SELECT id FROM sign_in_attempts ORDER BY id LIMIT 100)
           AND at < clock_timestamp() - make_interval(secs => $1)",
        window
    )
    .execute(&mut *db)
    .await?;
    let wait = sqlx::query_scalar!(
        "SELECT extract(epoch FROM greatest(
             (SELECT at FROM sign_in_attempts WHERE name = $1 AND address = $2 ORDER BY at DESC OFFSET $4 LIMIT 1),
             (SELECT at FROM sign_in_attempts WHERE name = $1 ORDER BY at DESC OFFSET $5 LIMIT 1),
             (SELECT at FROM sign_in_attempts WHERE address = $2 ORDER BY at DESC OFFSET $6 LIMIT 1))
             + make_interval(secs => $3) - clock_timestamp())::double precision",
        name,
        address,
        window,
        OF_BOTH - 1,
        OF_NAME - 1,
        OF_ADDRESS - 1
    )
    .fetch_one(&mut *db)
    .await?;
    if let Some(seconds) = wait.filter(|seconds| *seconds > 0.0) {
        return Ok(Err(Duration::from_secs_f64(seconds)));
    }
    sqlx::query!(
        "INSERT INTO sign_in_attempts (name, address) VALUES ($1, $2)",
        name,
        address
    )
    .execute(db)
    .await?;
    Ok(Ok(()))
}

/// Forgets those of a name from an address: it has signed in.
///
/// # Errors
/// When the database refuses.
pub async fn forget(db: &mut PgConnection, name: &str, address: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM sign_in_attempts WHERE name = $1 AND address = $2",
        name,
        address
    )
    .execute(db)
    .await
    .map(drop)
}
