//! Two workers on one database, each as in a process of its own.

use serde_json::json;
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{backup, game, generated, result, small_backup},
    process::Process,
};
use crate::{model::import_log::ImportStatus, server::jobs::worker::Worker};

#[sqlx::test(migrations = false)]
async fn each_of_20_queued_imports_runs_once(pool: PgPool) {
    let mut app = App::idle(&pool, &[]).await;
    let mut ids = Vec::new();
    for number in 0..20 {
        // Each brings a game of its own, and a result of a game that all of them share.
        let games = [game(1, "shared"), game(2, &format!("own-{number:02}"))];
        let results = [
            result(1, &format!("2025-06-{:02}", number + 1)),
            result(2, "2025-06-22"),
        ];
        ids.push(app.queue(backup(&games, &results)).await);
    }
    let other = Worker::new(
        app.importer.clone(),
        app.has.clone(),
        &app.listener,
        app.state.config.attempts,
        2,
    );
    for worker in [app.worker.clone(), other.clone()] {
        app.lets_work(&worker);
    }
    for id in &ids {
        let log = app.ended(*id).await;
        assert_eq!(
            (log.status, log.attempt, log.results_created),
            (ImportStatus::Success, 1, 2),
            "{:?}",
            log.error_message
        );
    }
    assert_eq!(app.data().await, (21, 40));
    let created = app
        .number("SELECT sum(games_created) FROM import_logs")
        .await;
    assert_eq!(
        created, 21,
        "the shared game was created once, and counted once"
    );
    other.shut_down(std::time::Duration::ZERO).await;
    app.stop().await;
}

/// One of them gets it.
#[sqlx::test(migrations = false)]
async fn an_import_that_several_workers_want_runs_once(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let other = Worker::new(
        app.importer.clone(),
        app.has.clone(),
        &app.listener,
        app.state.config.attempts,
        2,
    );
    for _ in 0..10 {
        let id = app.queue(small_backup()).await;
        tokio::join!(
            app.worker.work_on(id),
            other.work_on(id),
            app.worker.work_on(id)
        );
        let log = app.log(id).await;
        assert_eq!((log.status, log.attempt), (ImportStatus::Success, 1));
    }
    app.stop().await;
}

/// The same games and results in opposite order, in two transactions that overlap for certain.
#[sqlx::test(migrations = false)]
async fn imports_of_the_same_records_do_not_deadlock(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut backwards: serde_json::Value = serde_json::from_slice(&generated(2_000)).unwrap();
    for member in ["games", "results"] {
        backwards[member].as_array_mut().unwrap().reverse();
    }
    let ids = [
        app.queue(generated(2_000)).await,
        app.queue(json!(backwards).to_string()).await,
    ];
    let held = app.hold_merges().await;
    let [one, two] = [Process::start(&app), Process::start(&app)];
    app.until_held(2).await;
    drop(held);
    let mut created = 0;
    for id in ids {
        let log = app.ended(id).await;
        assert_eq!(
            (log.status, log.attempt),
            (ImportStatus::Success, 1),
            "{:?}",
            log.error_message
        );
        created += log.results_created;
    }
    assert_eq!((created, app.data().await), (2_000, (10, 2_000)));
    drop((one, two));
    app.stop().await;
}
