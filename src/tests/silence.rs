//! A connection that falls silent in the middle of an import, while both of its ends live.

use sqlx::PgPool;

use super::{
    app::{App, eventually},
    fixtures::small_backup,
    relay::Relay,
};
use crate::model::import_log::ImportStatus;

/// The import is begun again on another connection, without waiting for what the silent one has locked.
async fn falls_silent_at(pool: PgPool, word: &'static [u8]) {
    App::idle(&pool, &[]).await.stop().await;
    let relay = Relay::before(&pool, word);
    let app = App::connected(relay.options(), &[("NUMWATCH_HEARTBEAT_SECONDS", "0.5")]).await;
    let app = app.at_work();
    let id = app.queue(small_backup()).await;
    let log = app.ended(id).await;
    assert!(relay.has_silenced());
    assert_eq!(
        (log.status, log.error_message),
        (ImportStatus::Success, None)
    );
    assert_eq!(app.data().await, (1, 1));
    let again = "SELECT count(*) FROM import_events WHERE detail LIKE '%fell silent%'";
    assert_eq!(app.number(again).await, 1);
    eventually("no session holds anything", async || {
        let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'";
        (app.number(open).await == 0).then_some(())
    })
    .await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn while_rows_are_copied(pool: PgPool) {
    falls_silent_at(pool, b"PGCOPY").await;
}

#[sqlx::test(migrations = false)]
async fn when_it_is_to_be_committed(pool: PgPool) {
    falls_silent_at(pool, b"Q\0\0\0\x0bCOMMIT\0").await;
}
