//! The scheduler: one tick, one import, however many processes there are; its switch outlives them.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::{
    app::{App, eventually},
    fixtures::feed,
};
use crate::{
    model::import_log::{ImportStatus, Requester},
    server::{feed::simulator::Trouble, jobs, services::scheduler::Scheduler},
};

/// The scheduler of a second process.
fn another(app: &App) -> Scheduler {
    Scheduler::new(
        app.pool.clone(),
        app.state.imports.clone(),
        app.importer.clock.clone(),
        &app.state.config,
    )
}

fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}

const STARTED: &str = "SELECT count(*) FROM import_logs WHERE requested_by = 'scheduler'";

#[sqlx::test(migrations = false)]
async fn a_tick_that_two_schedulers_see_starts_one_import(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let (one, two) = (app.state.scheduler.clone(), another(&app));
    for minute in 0..10 {
        let tick = at(&format!("2025-06-22T10:{minute:02}:00Z"));
        let (a, b, c) = tokio::join!(one.tick(tick), two.tick(tick), one.tick(tick));
        let started: Vec<_> = [a, b, c].into_iter().filter_map(Result::unwrap).collect();
        assert_eq!(started.len(), 1);
        app.work_on(started[0].id).await;
        let log = app.log(started[0].id).await;
        assert_eq!(
            (log.status, log.requested_by),
            (ImportStatus::Success, Some(Requester::Scheduler))
        );
    }
    assert_eq!(app.number(STARTED).await, 10);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_tick_imports_todays_date_in_bangkok(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    // Still the 22nd in London; in Bangkok the 23rd has begun.
    app.set_clock("2025-06-22T17:00:00Z");
    let id = app
        .state
        .scheduler
        .tick(at("2025-06-22T17:00:00Z"))
        .await
        .unwrap()
        .unwrap()
        .id;
    let log = app.log(id).await;
    let day = "2025-06-23".parse().ok();
    assert_eq!(
        (log.range_start, log.range_end, log.filename),
        (day, day, None)
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_tick_during_a_run_does_not_pile_up_a_second(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let scheduler = &app.state.scheduler;
    let id = scheduler
        .tick(at("2025-06-22T10:00:00Z"))
        .await
        .unwrap()
        .unwrap()
        .id;
    assert!(
        scheduler
            .tick(at("2025-06-22T10:05:00Z"))
            .await
            .unwrap()
            .is_none(),
        "the run before is under way"
    );
    app.work_on(id).await;
    assert!(
        scheduler
            .tick(at("2025-06-22T10:05:00Z"))
            .await
            .unwrap()
            .is_none(),
        "that tick is over"
    );
    assert!(
        scheduler
            .tick(at("2025-06-22T10:00:00Z"))
            .await
            .unwrap()
            .is_none(),
        "an older one all the more"
    );
    assert!(
        scheduler
            .tick(at("2025-06-22T10:10:00Z"))
            .await
            .unwrap()
            .is_some()
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn start_and_stop_outlive_the_process(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    assert!(
        app.state.scheduler.status().await.unwrap().is_running,
        "it is on from the beginning"
    );
    app.state.scheduler.stop().await.unwrap();

    let restarted = another(&app);
    let status = restarted.status().await.unwrap();
    assert!(!status.is_running && !status.enabled && status.next_jobs.is_empty());
    assert!(status.why_not.is_some());
    assert!(
        restarted
            .tick(at("2025-06-22T10:00:00Z"))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(app.number(STARTED).await, 0);

    restarted.start().await.unwrap();
    assert!(app.state.scheduler.status().await.unwrap().is_running);
    assert!(
        app.state
            .scheduler
            .tick(at("2025-06-22T10:05:00Z"))
            .await
            .unwrap()
            .is_some()
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_trigger_while_a_scheduled_run_is_under_way_is_refused(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let id = app
        .state
        .scheduler
        .tick(at("2025-06-22T10:00:00Z"))
        .await
        .unwrap()
        .unwrap()
        .id;
    app.post("/scheduler/trigger").await.problem(409);
    app.work_on(id).await;
    assert_eq!(app.post("/scheduler/trigger").await.json()["success"], true);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_second_trigger_while_the_first_runs_is_refused(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let id = app.post("/scheduler/trigger").await.id("import_id");
    app.post("/scheduler/trigger").await.problem(409);
    assert!(
        app.state
            .scheduler
            .tick(at("2025-06-22T10:00:00Z"))
            .await
            .unwrap()
            .is_none(),
        "nor does a tick pile up"
    );
    app.work_on(id).await;
    app.post("/scheduler/trigger").await.id("import_id");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn without_a_feed_a_tick_starts_nothing(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    assert!(
        app.state
            .scheduler
            .tick(at("2025-06-22T10:00:00Z"))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(app.number("SELECT count(*) FROM import_logs").await, 0);
    let status = app.state.scheduler.status().await.unwrap();
    assert!(!status.is_running && !status.external_api_configured && status.enabled);
    assert!(status.why_not.unwrap().contains("EXTERNAL_API_URL"));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_cron_expression_is_in_bangkoks_time(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(
        &pool,
        &[("EXTERNAL_API_URL", &feed.url), ("SCHEDULE", "30 16 * * *")],
    )
    .await;
    let status = app.state.scheduler.status().await.unwrap();
    assert_eq!(
        status.next_jobs,
        [
            "2025-06-23T09:30:00Z",
            "2025-06-24T09:30:00Z",
            "2025-06-25T09:30:00Z"
        ]
    );
    app.stop().await;
}

/// The timer itself, with the clock in the test's hand.
#[sqlx::test(migrations = false)]
async fn the_timer_starts_an_import_when_a_tick_comes_due(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let mut app = App::idle(
        &pool,
        &[("EXTERNAL_API_URL", &feed.url), ("SCHEDULE", "* * * * * *")],
    )
    .await;
    app.run(jobs::schedule::run(app.state.scheduler.clone()));
    let mut seconds = 0..;
    eventually("a tick has come due", async || {
        let second = seconds.next().unwrap_or(0);
        app.set_clock(&format!(
            "2025-06-22T10:{:02}:{:02}Z",
            second / 60 % 60,
            second % 60
        ));
        (app.number(STARTED).await == 1).then_some(())
    })
    .await;
    app.stop().await;
}
