//! Connections and processes that are stuck half-way: they hold up nobody.

use sqlx::{Connection as _, PgConnection, PgPool, postgres::PgConnectOptions};
use tokio_util::task::AbortOnDropHandle;

use super::{
    app::{App, eventually},
    fixtures::{by, small_backup},
};
use crate::{
    error::ErrorKind,
    model::import_log::{ImportStatus, Requester},
    server::{
        db::{self, attempts::AttemptKey, sessions},
        services::ServiceError,
    },
};

/// What a frozen process leaves: an open transaction that has marked itself and written a game.
async fn frozen_writer(options: &PgConnectOptions, import_id: i32) -> PgConnection {
    let mut writer = PgConnection::connect_with(options).await.unwrap();
    sqlx::raw_sql("BEGIN").execute(&mut writer).await.unwrap();
    let key = AttemptKey {
        import_id,
        number: 0,
    };
    sessions::write_import(&mut writer, key).await.unwrap();
    sqlx::raw_sql("INSERT INTO games (base_game_id, game_name) VALUES ('L03-01', 'half done')")
        .execute(&mut writer)
        .await
        .unwrap();
    writer
}

#[sqlx::test(migrations = false)]
async fn the_next_attempt_does_not_wait_for_a_frozen_one(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    let _frozen = frozen_writer(&pool.connect_options(), id).await;
    app.work_on(id).await;
    assert_eq!(app.log(id).await.error_message, None);
    let own = "SELECT count(*) FROM games WHERE game_name <> 'half done'";
    assert_eq!((app.data().await, app.number(own).await), ((1, 1), 1));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn other_imports_wait_for_a_frozen_one_until_its_lease_ends(pool: PgPool) {
    let mut app = App::idle(&pool, &[]).await;
    let frozen = app.queue(small_backup()).await;
    app.execute("UPDATE import_runs SET phase = 'reading', attempt = 1, lease_until = now() + interval '1 hour'").await;
    let _writer = frozen_writer(&pool.connect_options(), frozen).await;
    let id = app.queue(small_backup()).await;
    let worker = app.worker.clone();
    app.run(async move { worker.work_on(id).await });
    app.until_held(1).await;

    app.housekeeping.recover().await.unwrap();
    app.until_held(1).await; // it lives, as far as anybody knows
    app.execute("UPDATE import_runs SET lease_until = now() WHERE import_id = 1")
        .await;
    app.housekeeping.recover().await.unwrap();
    assert_eq!(app.ended(id).await.status, ImportStatus::Success);
    app.work_on(frozen).await;
    assert_eq!(app.log(frozen).await.results_unchanged, 1);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_connection_that_was_left_in_a_transaction_is_given_to_nobody(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let left = db::pool_options()
        .max_connections(1)
        .connect_lazy_with((*app.pool.connect_options()).clone());
    for unsound in ["BEGIN", "BEGIN; SELECT 1"] {
        let mut connection = left.acquire().await.unwrap();
        sqlx::raw_sql(unsound)
            .execute(&mut *connection)
            .await
            .unwrap();
        drop(connection);
        sqlx::raw_sql("UPDATE installation SET id = gen_random_uuid()")
            .execute(&left)
            .await
            .unwrap();
        eventually("nobody is in a transaction", async || {
            let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'";
            (app.number(open).await == 0).then_some(())
        })
        .await;
    }
    left.close().await;
    app.stop().await;
}

/// PostgreSQL's own word that it restarts is no fault of NumWatch.
#[sqlx::test(migrations = false)]
async fn a_session_that_an_operator_ends_is_no_fault_of_ours(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let ended = sqlx::query("SELECT pg_terminate_backend(pg_backend_pid())")
        .execute(&app.pool)
        .await
        .unwrap_err();
    assert_eq!(
        ServiceError::from(ended).tell().kind,
        ErrorKind::Unavailable
    );
    app.stop().await;
}

/// A worker that wakes up late ends nobody's session, and writes nothing while the other one does.
#[sqlx::test(migrations = false)]
async fn a_stale_attempt_does_not_end_the_one_that_took_over(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    let mut lives = frozen_writer(&pool.connect_options(), id).await;
    app.execute("UPDATE import_runs SET phase = 'reading', attempt = 2")
        .await;
    let key = AttemptKey {
        import_id: id,
        number: 1,
    };
    let pool = app.pool.clone();
    let stale = AbortOnDropHandle::new(tokio::spawn(async move {
        let mut stale = pool.begin().await.unwrap();
        sessions::write_import(&mut stale, key).await
    }));
    app.until_held(1).await;
    lives.ping().await.unwrap();
    drop(stale);
    app.stop().await;
}

/// A clearing waits for what is being imported, and everything waits behind it: not for one that nobody waits for any more.
#[sqlx::test(migrations = false)]
async fn a_clearing_whose_client_has_left_holds_up_no_import(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut writes = app.pool.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE games IN ROW EXCLUSIVE MODE")
        .execute(&mut *writes)
        .await
        .unwrap();
    let data = app.data.clone();
    let clearing = AbortOnDropHandle::new(tokio::spawn(async move {
        data.clear(&by(Requester::Api)).await.map(drop)
    }));
    app.until_held(1).await;
    drop(clearing);
    let id = app.queue(small_backup()).await;
    app.work_on(id).await;
    let log = app.log(id).await;
    assert_eq!((log.status, log.attempt), (ImportStatus::Success, 1));
    drop(writes);
    app.stop().await;
}
