//! The scheduler: one tick, one import, however many processes there are; its switch outlives them.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::{
    app::{App, eventually},
    fixtures::{by, feed},
};
use crate::{
    model::import_log::{ImportStatus, Requester},
    server::{
        db::{feed_days, schedule},
        feed::simulator::Trouble,
        services::scheduler::Scheduler,
    },
};

/// The scheduler of a second process.
fn another(app: &App) -> Scheduler {
    Scheduler::new(
        app.pool.clone(),
        app.state.imports.clone(),
        app.stores.clone(),
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
    let app = App::idle(
        &pool,
        &[("EXTERNAL_API_URL", &feed.url), ("SCHEDULE", "* * * * *")],
    )
    .await;
    let (one, two) = (app.state.scheduler.clone(), another(&app));
    for minute in 0..10 {
        let tick = at(&format!("2025-06-22T10:{minute:02}:00Z"));
        let (a, b, c) = tokio::join!(one.look(tick), two.look(tick), one.look(tick));
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
        .look(at("2025-06-22T17:00:00Z"))
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
        .look(at("2025-06-22T10:00:00Z"))
        .await
        .unwrap()
        .unwrap()
        .id;
    assert!(
        scheduler
            .look(at("2025-06-22T10:05:00Z"))
            .await
            .unwrap()
            .is_none(),
        "the run before is under way"
    );
    app.work_on(id).await;
    assert!(
        scheduler
            .look(at("2025-06-22T10:05:00Z"))
            .await
            .unwrap()
            .is_none(),
        "that tick is over"
    );
    assert!(
        scheduler
            .look(at("2025-06-22T10:10:00Z"))
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
        app.state.scheduler.status().await.unwrap().enabled,
        "it is on from the beginning"
    );
    app.presents_itself().await;
    app.state.scheduler.stop(&by(Requester::Api)).await.unwrap();

    let restarted = another(&app);
    let status = restarted.status().await.unwrap();
    assert!(!status.is_running && !status.enabled && status.next_jobs.is_empty());
    assert!(status.why_not.is_some());
    let (since, door) = (status.stopped_at, status.stopped_by);
    assert!(since.is_some() && door == Some(Requester::Api));
    // Who stops it once more changes nothing of that.
    restarted.stop(&by(Requester::Page)).await.unwrap();
    let status = restarted.status().await.unwrap();
    assert_eq!((status.stopped_at, status.stopped_by), (since, door));
    assert!(
        restarted
            .look(at("2025-06-22T10:00:00Z"))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(app.number(STARTED).await, 0);

    restarted.start(&by(Requester::Api)).await.unwrap();
    let status = app.state.scheduler.status().await.unwrap();
    assert!(status.is_running && status.stopped_at.is_none() && status.stopped_by.is_none());
    assert!(
        app.state
            .scheduler
            .look(at("2025-06-22T10:05:00Z"))
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
        .look(at("2025-06-22T10:00:00Z"))
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
            .look(at("2025-06-22T10:00:00Z"))
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
            .look(at("2025-06-22T10:00:00Z"))
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
    app.presents_itself().await;
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

/// The timer itself, by the database's clock.
#[sqlx::test(migrations = false)]
async fn the_timer_starts_an_import_when_a_tick_comes_due(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let mut app = App::idle(
        &pool,
        &[("EXTERNAL_API_URL", &feed.url), ("SCHEDULE", "* * * * * *")],
    )
    .await;
    app.keep(app.keeps_time());
    eventually("a tick has come due", async || {
        (app.number(STARTED).await == 1).then_some(())
    })
    .await;
    app.stop().await;
}

/// A transaction that was left open, as a connection does that hangs, holds the schedule's row.
#[sqlx::test(migrations = false)]
async fn a_process_that_hangs_with_the_schedule_in_its_hand_holds_up_nobody(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let mut hangs = app.pool.begin().await.unwrap();
    assert!(schedule::take(&mut *hangs).await.unwrap().is_some());
    let tick = at("2025-06-22T10:00:00Z");
    let looked = tokio::time::timeout(Duration::from_secs(5), app.scheduler.look(tick)).await;
    assert!(looked.expect("it waits").unwrap().is_none());
    hangs.rollback().await.unwrap();
    assert!(app.scheduler.look(tick).await.unwrap().is_some());
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_clock_that_was_ahead_once_stops_nothing(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.execute("UPDATE schedule SET last_tick = '2035-01-01'")
        .await;
    // The first look finds that it can't be, the next tick is taken.
    assert!(
        app.scheduler
            .look(at("2025-06-22T10:01:00Z"))
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        app.scheduler
            .look(at("2025-06-22T10:05:00Z"))
            .await
            .unwrap()
            .is_some()
    );
    app.stop().await;
}

/// Days that nobody asked for are made up for after any gap of up to a month.
#[sqlx::test(migrations = false)]
async fn days_of_a_long_gap_are_incomplete_up_to_a_month(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for (last, days, first) in [
        ("2025-05-30", 22, "2025-05-31"),
        ("2025-03-01", 31, "2025-05-22"),
    ] {
        app.execute("DELETE FROM feed_days").await;
        let last = last.parse().unwrap();
        feed_days::note(&app.pool, last, Ok(1)).await.unwrap();
        let today = "2025-06-22".parse().unwrap();
        let missing = feed_days::incomplete(&app.pool, today, 3).await.unwrap();
        assert_eq!(missing.len(), days);
        assert_eq!(missing[0].date.to_string(), first);
        assert!(missing.iter().all(|day| !day.asked));
    }
    app.stop().await;
}

/// What came due meanwhile is one tick, however long it was.
#[sqlx::test(migrations = false)]
async fn ticks_that_were_missed_are_made_up_for_by_one(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    for now in ["2025-06-22T10:00:00Z", "2025-06-22T13:33:00Z"] {
        let started = app.scheduler.look(at(now)).await.unwrap().unwrap();
        app.work_on(started.id).await;
    }
    assert!(
        app.scheduler
            .look(at("2025-06-22T13:34:00Z"))
            .await
            .unwrap()
            .is_none()
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_status_names_the_days_that_are_not_complete_and_why(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.execute(
        "INSERT INTO feed_days (date, succeeded, message) VALUES
             ('2025-06-17', true, NULL), ('2025-06-19', false, 'The feed answered 503.'), ('2025-06-21', true, NULL);
         INSERT INTO games (base_game_id, game_name) VALUES ('L01-01', 'one');
         INSERT INTO results (game_id, result_date, status) VALUES (1, '2025-06-21', 'waiting'), (1, '2025-06-22', 'waiting'), (1, '2025-06-01', 'waiting')",
    )
    .await;
    let days = || async {
        let status = app.scheduler.status().await.unwrap();
        let told = status.incomplete_days.into_iter();
        told.map(|day| format!("{} {}", day.date, day.why))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        days().await,
        [
            "2025-06-19 failed: The feed answered 503",
            "2025-06-21 1 draw is still awaited"
        ]
    );
    app.execute("DELETE FROM feed_days WHERE date = '2025-06-21'; DELETE FROM results")
        .await;
    assert_eq!(
        days().await,
        [
            "2025-06-18 never asked",
            "2025-06-19 failed: The feed answered 503",
            "2025-06-20 never asked",
            "2025-06-21 never asked"
        ]
    );
    app.stop().await;
}

/// The days are remembered when logs are cleared, and when the data is: nobody wants a month fetched again by surprise.
#[sqlx::test(migrations = false)]
async fn clearing_logs_or_data_makes_no_day_incomplete(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let start = |day: &str| day.parse().unwrap();
    let api = by(Requester::Api);
    let range = app
        .imports
        .start_range(start("2025-06-19"), start("2025-06-21"), &api);
    app.work_on(range.await.unwrap().id).await;
    app.delete("/import-logs").await;
    app.delete("/clear-data").await;
    assert_eq!(app.scheduler.status().await.unwrap().incomplete_days, []);
    let tick = app
        .scheduler
        .look(at("2025-06-22T10:00:00Z"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        app.log(tick.id).await.progress_total,
        Some(1),
        "today alone"
    );
    app.stop().await;
}
