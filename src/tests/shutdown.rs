//! A process that is asked to stop: short imports finish, the others go back to the queue, nothing is lost.

use std::time::Duration;

use sqlx::PgPool;

use super::{
    app::{App, run},
    fixtures::{by, feed, small_backup},
};
use crate::{
    model::import_log::{ImportStatus, Phase, Requester},
    server::{feed::simulator::Trouble, jobs::worker::Worker},
};

const SHORT: Duration = Duration::from_millis(50);

fn another_worker(app: &App) -> Worker {
    Worker::new(
        app.importer.clone(),
        app.has.clone(),
        &app.listener,
        app.state.config.attempts,
        2,
    )
}

/// Only one attempt is allowed: one that is handed back doesn't count.
#[sqlx::test(migrations = false)]
async fn an_import_that_is_handed_back_is_finished_by_another_worker(pool: PgPool) {
    let mut app = App::working(&pool, &[("NUMWATCH_MAX_ATTEMPTS", "1")]).await;
    let held = app.hold_merges().await;
    let id = app.queue(small_backup()).await;
    app.until_held(1).await;
    app.worker.shut_down(SHORT).await;
    let log = app.log(id).await;
    assert_eq!(
        (log.status, log.phase, log.attempt),
        (ImportStatus::Running, Phase::Queued, 1)
    );
    drop(held);
    app.until_held(0).await;
    assert_eq!(app.data().await, (0, 0));

    let other = another_worker(&app);
    app.lets_work(&other);
    let log = app.ended(id).await;
    assert_eq!(
        (log.status, log.attempt, log.results_created),
        (ImportStatus::Success, 2, 1)
    );
    assert_eq!(app.data().await, (1, 1));
    other.shut_down(Duration::ZERO).await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_rolling_restart_never_uses_up_the_attempts(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_MAX_ATTEMPTS", "2")]).await;
    let id = app.queue(small_backup()).await;
    for restart in 1..=5 {
        let held = app.hold_merges().await;
        let worker = another_worker(&app);
        let working = tokio::spawn({
            let worker = worker.clone();
            async move { worker.work_on(id).await }
        });
        app.until_held(1).await;
        worker.shut_down(Duration::ZERO).await;
        working.await.unwrap();
        drop(held);
        app.until_held(0).await;
        let log = app.log(id).await;
        assert_eq!((log.status, log.attempt), (ImportStatus::Running, restart));
    }
    app.work_on(id).await;
    assert_eq!(app.log(id).await.status, ImportStatus::Success);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_import_that_finishes_within_the_grace_is_left_to(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let held = app.hold_merges().await;
    let id = app.queue(small_backup()).await;
    app.until_held(1).await;
    let release = async {
        tokio::task::yield_now().await;
        drop(held);
    };
    tokio::join!(app.worker.shut_down(Duration::from_mins(1)), release);
    let log = app.log(id).await;
    assert_eq!(
        (log.status, log.attempt),
        (ImportStatus::Success, 1),
        "it had ended when shut_down did"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_worker_that_was_shut_down_begins_nothing(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    app.worker.shut_down(Duration::from_mins(1)).await;
    app.work_on(id).await;
    app.worker.round().await.unwrap();
    let log = app.log(id).await;
    assert_eq!(
        (log.status, log.phase, log.attempt),
        (ImportStatus::Running, Phase::Queued, 0)
    );
    run(&another_worker(&app), id).await;
    assert_eq!(app.log(id).await.status, ImportStatus::Success);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_range_that_is_handed_back_goes_on_with_its_next_day(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(
        &pool,
        &[
            ("EXTERNAL_API_URL", &feed.url),
            ("FEED_DELAY_SECONDS", "3600"),
        ],
    )
    .await;
    let [start, end] = ["2025-06-20", "2025-06-21"].map(|date| date.parse().unwrap());
    let id = app
        .state
        .imports
        .start_range(start, end, &by(Requester::Api))
        .await
        .unwrap()
        .id;
    super::app::eventually("the first day is done", async || {
        (app.log(id).await.successful_dates == Some(1)).then_some(())
    })
    .await;
    app.worker.shut_down(Duration::ZERO).await;
    run(&another_worker(&app), id).await;
    let log = app.log(id).await;
    assert_eq!(
        (log.status, log.attempt, log.successful_dates),
        (ImportStatus::Success, 2, Some(2))
    );
    assert_eq!(i64::from(log.results_created), app.data().await.1);
    app.stop().await;
}
