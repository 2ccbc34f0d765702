//! Invariant 2: a running row is being worked on or will be, or it fails with a reason. Whatever process is
//! killed at whatever moment, none is left running, and no data is half there.

use std::time::Duration;

use sqlx::PgPool;

use super::{
    app::{App, eventually},
    fixtures::{by, feed, generated, small_backup},
    process::Process,
};
use crate::{
    model::import_log::{DateOutcome, FailureKind, ImportStatus, Phase, Requester},
    server::{feed::simulator::Trouble, jobs::recovery::Recovered, services::upload::Announced},
};

/// About 3 MB.
const RESULTS: u32 = 13_000;

/// Kills a process that has read so much of a backup, and lets another finish.
async fn killed_while_reading(pool: &PgPool, bytes: i64) {
    let app = App::idle(pool, &[]).await;
    let id = app.queue(generated(RESULTS)).await;
    let process = Process::reading_slowly(&app, Duration::from_millis(100));
    eventually("so much is read", async || {
        let log = app.log(id).await;
        assert_eq!(log.status, ImportStatus::Running);
        (log.phase == Phase::Reading && log.progress >= bytes).then_some(())
    })
    .await;
    process.kill();
    finished_by_another(&app, id).await;
    app.stop().await;
}

/// After a kill: nothing of it is there, the log is found again, and the next worker brings all of it.
async fn finished_by_another(app: &App, id: i32) {
    assert_eq!(app.data().await, (0, 0));
    assert_eq!(app.log(id).await.status, ImportStatus::Running);
    assert_eq!(
        app.housekeeping.recover().await.unwrap(),
        Recovered::default(),
        "its lease has not ended"
    );
    app.expire_leases().await;
    assert_eq!(
        app.housekeeping.recover().await.unwrap(),
        Recovered {
            failed: 0,
            requeued: 1
        }
    );
    app.work_on(id).await;
    let log = app.log(id).await;
    assert_eq!(
        (log.status, log.attempt, log.error_message),
        (ImportStatus::Success, 2, None)
    );
    assert_eq!(
        (log.games_created, log.results_created),
        (10, i32::try_from(RESULTS).unwrap())
    );
    assert_eq!(app.data().await, (10, RESULTS.into()));
}

#[sqlx::test(migrations = false)]
async fn invariant_2_killed_in_the_middle_of_decode(pool: PgPool) {
    killed_while_reading(&pool, 1).await;
}

#[sqlx::test(migrations = false)]
async fn invariant_2_killed_in_the_middle_of_staging(pool: PgPool) {
    // Rows are sent to PostgreSQL at 256 kB, so some are staged by now.
    killed_while_reading(&pool, 800_000).await;
}

#[sqlx::test(migrations = false)]
async fn invariant_2_killed_in_the_middle_of_the_merge(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(generated(RESULTS)).await;
    let held = app.hold_merges().await;
    let process = Process::start(&app);
    app.until_held(1).await;
    process.kill();
    drop(held);
    app.until_held(0).await;
    finished_by_another(&app, id).await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_2_killed_at_every_attempt_it_fails_as_interrupted(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_MAX_ATTEMPTS", "3")]).await;
    let id = app.queue(small_backup()).await;
    for attempt in 1..=3 {
        let held = app.hold_merges().await;
        let process = Process::start(&app);
        app.until_held(1).await;
        assert_eq!(app.log(id).await.attempt, attempt);
        process.kill();
        drop(held);
        app.until_held(0).await;
        app.expire_leases().await;
        if attempt == 3 {
            assert!(app.claim(id).await.is_none(), "there is no fourth attempt");
        }
        let found = app.housekeeping.recover().await.unwrap();
        let expected = if attempt < 3 {
            Recovered {
                failed: 0,
                requeued: 1,
            }
        } else {
            Recovered {
                failed: 1,
                requeued: 0,
            }
        };
        assert_eq!(found, expected);
        app.make_due().await;
    }
    let log = app.log(id).await;
    assert_eq!(
        (log.status, log.failure_kind),
        (ImportStatus::Failed, Some(FailureKind::Interrupted))
    );
    let sentence = "Interrupted: the server stopped in the middle, 3 times. Nothing half done was kept; retry it.";
    assert_eq!(log.error_message.as_deref(), Some(sentence));
    assert!(log.retryable, "its upload is kept");
    assert_eq!(app.data().await, (0, 0));

    app.work_on(id).await;
    assert_eq!(app.log(id).await, log, "what has failed stays so");
    let retried = app
        .state
        .imports
        .retry(id, &by(Requester::Page))
        .await
        .unwrap()
        .id;
    app.work_on(retried).await;
    assert_eq!(app.log(retried).await.status, ImportStatus::Success);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_2_a_killed_range_goes_on_where_it_was(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    // After the first day it waits for an hour.
    let app = App::idle(
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
    let process = Process::start(&app);
    eventually("the first day is done", async || {
        (app.log(id).await.successful_dates == Some(1)).then_some(())
    })
    .await;
    process.kill();
    let kept = app.data().await;
    assert!(kept.1 > 0);

    app.expire_leases().await;
    assert_eq!(app.housekeeping.recover().await.unwrap().requeued, 1);
    app.work_on(id).await;
    let log = app.log(id).await;
    assert_eq!(
        (
            log.status,
            log.attempt,
            log.successful_dates,
            log.failed_dates
        ),
        (ImportStatus::Success, 2, Some(2), Some(0))
    );
    assert_eq!(
        i64::from(log.results_created),
        app.data().await.1,
        "each day is counted once"
    );
    let dates = app.state.logs.details(id).await.unwrap().dates;
    assert!(
        dates
            .iter()
            .all(|date| date.outcome == DateOutcome::Success)
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_2_an_import_that_waits_its_turn_is_no_orphan(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    for _ in 0..3 {
        app.expire_leases().await;
        assert_eq!(
            app.housekeeping.recover().await.unwrap(),
            Recovered::default()
        );
    }
    assert_eq!(app.log(id).await.phase, Phase::Queued);
    app.work_on(id).await;
    assert_eq!(app.log(id).await.status, ImportStatus::Success);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_2_a_row_that_somebody_else_inserted_does_not_run_for_ever(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute("INSERT INTO import_logs (import_type) VALUES ('backup')")
        .await;
    let id = app.newest().await.id;
    assert_eq!(
        app.housekeeping.recover().await.unwrap(),
        Recovered::default(),
        "it is given a minute"
    );
    app.expire_leases().await;
    assert_eq!(
        app.housekeeping.recover().await.unwrap(),
        Recovered {
            failed: 1,
            requeued: 0
        }
    );
    let log = app.log(id).await;
    assert_eq!(
        (log.status, log.failure_kind),
        (ImportStatus::Failed, Some(FailureKind::Interrupted))
    );
    assert_eq!(
        log.error_message.as_deref(),
        Some("Nothing is working on this import. Start it again.")
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_2_housekeeping_finds_abandoned_work_by_itself(pool: PgPool) {
    let mut app = App::idle(&pool, &[]).await;
    app.execute("INSERT INTO import_logs (import_type, created_at) VALUES ('backup', now() - interval '1 minute')").await;
    let id = app.newest().await.id;
    let recovering = app.recovers();
    app.keep(recovering);
    assert_eq!(app.ended(id).await.status, ImportStatus::Failed);
    app.stop().await;
}

/// Whoever loses the database in the moment in which an upload begins has told of no heartbeat, and never will.
#[sqlx::test(migrations = false)]
async fn an_upload_of_which_no_heartbeat_came_is_given_up_as_soon_as_any_other(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let announced = Announced::default();
    let upload = app
        .imports
        .begin_upload(announced, &by(Requester::Api))
        .await;
    drop(upload.unwrap());
    let longer =
        "SELECT count(*) FROM import_runs WHERE lease_until > now() + interval '30 seconds'";
    assert_eq!(app.number(longer).await, 0);
    assert_eq!(app.number("SELECT count(*) FROM import_runs").await, 1);
    app.stop().await;
}
