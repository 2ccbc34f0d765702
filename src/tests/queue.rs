//! Whose turn it is: what waits, what may run where, and what becomes of an import that nobody can run.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, PgPool};
use tokio::time::Instant;

use super::{
    app::{App, eventually},
    fixtures::{by, feed, generated, small_backup},
};
use crate::{
    model::import_log::{FailureKind, ImportStatus, Phase, Requester},
    server::{
        db::{
            self,
            attempts::{self, AttemptKey, Progress},
            processes::{self, Presence},
            runs::{self, Again, Lane, Needs, Wanted},
        },
        feed::simulator::Trouble,
        jobs::housekeeping::Housekeeping,
        services::ServiceError,
    },
};

fn day(date: &str) -> NaiveDate {
    date.parse().unwrap()
}

async fn start_range(app: &App, start: &str, end: &str) -> i32 {
    let by = by(Requester::Api);
    let started = app.imports.start_range(day(start), day(end), &by).await;
    started.unwrap().id
}

/// Housekeeping of a process that has been there for long.
fn old_housekeeping(app: &App) -> Housekeeping {
    Housekeeping {
        since: Instant::now().checked_sub(Duration::from_mins(5)).unwrap(),
        ..app.housekeeping.clone()
    }
}

/// A process that runs imports with what it has.
async fn another_process(app: &App, has: &Needs) {
    let presence = Presence {
        id: uuid::Uuid::new_v4(),
        name: "another".into(),
        runs_imports: true,
        has_timer: false,
        store: has.store.clone(),
        feed: has.feed.clone(),
    };
    processes::be_seen(&app.pool, &presence).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_short_import_does_not_wait_for_slow_feeds_or_large_files(pool: PgPool) {
    const FETCHING: &str = "SELECT count(*) FROM import_runs WHERE phase = 'fetching'";
    let feed = feed(Trouble::default()).await;
    let variables = [
        ("EXTERNAL_API_URL", feed.url.as_str()),
        ("FEED_DELAY_SECONDS", "3600"),
        ("NUMWATCH_WORKERS", "2"),
    ];
    let mut app = App::idle(&pool, &variables).await;
    for start in ["2025-06-01", "2025-06-02", "2025-06-03"] {
        start_range(&app, start, "2025-06-20").await;
    }
    app.keep(app.works());
    // Two of the ranges have a slot, and an hour to wait in it.
    eventually("two ranges run", async || {
        (app.number(FETCHING).await == 2).then_some(())
    })
    .await;
    let sample = app
        .imports
        .start_sample(&by(Requester::Page))
        .await
        .unwrap()
        .id;
    assert_eq!(app.ended(sample).await.status, ImportStatus::Success);
    let large = app.queue(generated(13_000)).await;
    assert_eq!(app.ended(large).await.status, ImportStatus::Success);
    assert_eq!(app.number(FETCHING).await, 2, "the third waits");
    app.stop().await;
}

#[test]
fn a_file_is_short_up_to_a_megabyte() {
    assert_eq!(Lane::of_file(1 << 20), Lane::Short);
    assert_eq!(Lane::of_file((1 << 20) + 1), Lane::File);
}

#[sqlx::test(migrations = false)]
async fn an_import_that_waits_tells_its_place_in_line(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let ids = [
        app.queue(small_backup()).await,
        app.queue(small_backup()).await,
        app.queue(small_backup()).await,
    ];
    for (id, place) in ids.into_iter().zip(1..) {
        assert_eq!(app.log(id).await.queue_position, Some(place));
    }
    app.work_on(ids[0]).await;
    assert_eq!(app.log(ids[0]).await.queue_position, None);
    assert_eq!(app.log(ids[2]).await.queue_position, Some(2));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_same_range_is_refused_with_the_number_of_the_one_that_waits(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let range = "/scheduler/import-range?start_date=2025-06-01&end_date=2025-06-03";
    let asked = || async {
        app.imports
            .start_range(day("2025-06-01"), day("2025-06-03"), &by(Requester::Api))
            .await
    };
    let (one, two) = tokio::join!(asked(), asked());
    let (started, refused): (Vec<_>, Vec<_>) = [one, two].into_iter().partition(Result::is_ok);
    assert_eq!(
        (started.len(), refused.len()),
        (1, 1),
        "at the same moment, too"
    );
    let sentence = app.post(range).await.problem(409);
    assert!(
        sentence.starts_with(
            "The range from 2025-06-01 to 2025-06-03 is being imported already, as #1."
        ),
        "{sentence}"
    );
    start_range(&app, "2025-06-01", "2025-06-02").await;
    app.work_on(1).await;
    start_range(&app, "2025-06-01", "2025-06-03").await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn only_a_process_that_has_the_feed_and_the_store_takes_an_import(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let url = feed.url.replace("http://", "http://name:password@");
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &url)]).await;
    assert!(
        !app.has.feed.as_deref().unwrap().contains("password"),
        "{:?}",
        app.has
    );
    let range = start_range(&app, "2025-06-20", "2025-06-20").await;
    let backup = app.queue(small_backup()).await;
    let stranger = Needs {
        store: Some("another".into()),
        feed: Some("http://another/".into()),
    };
    for id in [range, backup] {
        let wanted = Wanted {
            lanes: &Lane::ALL,
            has: &stranger,
            import_id: None,
            lease: Duration::from_secs(15),
        };
        assert!(runs::claim(&app.pool, &wanted).await.unwrap().is_none());
        assert_eq!(app.claim(id).await.unwrap().id, id);
    }
    app.stop().await;
}

/// A retry needs the store that the file is in, not the one that the process has that was asked for it.
#[sqlx::test(migrations = false)]
async fn a_retry_needs_the_store_that_its_file_is_in(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.refuse_small_backups().await;
    let failed = app.queue(small_backup()).await;
    app.work_on(failed).await;
    app.execute("UPDATE import_logs SET payload_store = 'far away'")
        .await;
    let retry = app
        .imports
        .retry(failed, &by(Requester::Page))
        .await
        .unwrap()
        .id;
    assert!(app.claim(retry).await.is_none());
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_no_process_can_run_fails_with_the_reason(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let range = start_range(&app, "2025-06-20", "2025-06-20").await;
    let backup = app.queue(small_backup()).await;
    let sample = app
        .imports
        .start_sample(&by(Requester::Page))
        .await
        .unwrap()
        .id;
    let recover = || async { old_housekeeping(&app).recover().await.unwrap().failed };
    assert_eq!(recover().await, 0, "they have only just come");
    app.execute("UPDATE import_runs SET queued_at = now() - interval '1 minute', due_at = now() - interval '1 minute'")
        .await;
    assert_eq!(
        app.housekeeping.recover().await.unwrap().failed,
        0,
        "other processes may still be starting"
    );
    // This one has the store, but not the feed.
    let without_feed = Needs {
        feed: None,
        ..app.has.clone()
    };
    another_process(&app, &without_feed).await;
    assert_eq!(recover().await, 1);
    let log = app.log(range).await;
    assert_eq!(
        (log.status, log.failure_kind),
        (ImportStatus::Failed, Some(FailureKind::Interrupted))
    );
    let sentence = log.error_message.unwrap();
    assert!(
        sentence.starts_with("No process that runs imports with the feed http://127.0.0.1:")
            && sentence
                .ends_with("is alive. Start one (numwatch serve, or numwatch worker), then retry."),
        "{sentence}"
    );
    assert_eq!(app.log(backup).await.phase, Phase::Queued);
    // And now there is none at all.
    app.execute("UPDATE processes SET seen_at = now() - interval '1 minute'")
        .await;
    assert_eq!(recover().await, 2);
    assert_eq!(
        app.log(sample).await.error_message.as_deref(),
        Some(
            "No process that runs imports is alive. Start one (numwatch serve, or numwatch worker), then retry."
        )
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_attempt_that_failed_is_followed_by_another_after_a_growing_pause(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    for (attempt, pause) in [(1, 2), (2, 10), (3, 50), (4, 60)] {
        app.make_due().await;
        let claimed = app.claim(id).await.unwrap();
        let key = AttemptKey {
            import_id: id,
            number: claimed.attempt,
        };
        assert_eq!(claimed.attempt, attempt);
        let why = "The database could not be reached.";
        assert!(
            runs::hand_back(&app.pool, key, Again::Failed(why))
                .await
                .unwrap()
        );
        let log = app.log(id).await;
        assert_eq!(
            (log.phase, log.trouble.as_deref()),
            (Phase::Queued, Some(why))
        );
        let now: DateTime<Utc> = sqlx::query_scalar("SELECT now()")
            .fetch_one(&app.pool)
            .await
            .unwrap();
        let left = (log.waits_until.unwrap() - now).as_seconds_f64();
        assert!(
            left > f64::from(pause) - 2.0 && left <= f64::from(pause),
            "{left} s before attempt {}",
            attempt + 1
        );
        assert!(app.claim(id).await.is_none(), "it is not due yet");
    }
    app.stop().await;
}

/// The application's clock is nobody's business here: what is queued is due, even if that clock is days ahead.
#[sqlx::test(migrations = false)]
async fn a_clock_that_is_ahead_keeps_no_import_waiting(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.set_clock("2035-01-01T00:00:00Z");
    let id = app.queue(small_backup()).await;
    assert_eq!(app.ended(id).await.status, ImportStatus::Success);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_notification_that_got_lost_delays_an_import_by_a_second(pool: PgPool) {
    let mut app = App::idle(&pool, &[]).await;
    app.execute(
        "DROP TRIGGER import_queued ON import_runs; DROP TRIGGER import_requeued ON import_runs",
    )
    .await;
    app.keep(app.works());
    let id = app.queue(small_backup()).await;
    assert_eq!(app.ended(id).await.status, ImportStatus::Success);
    app.stop().await;
}

/// The lease and the progress are written each second: each such update stays within its page and leaves all indexes
/// alone (PostgreSQL manual, "Heap-Only Tuples").
#[sqlx::test(migrations = false)]
async fn a_heartbeat_changes_no_index(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    let claimed = app.claim(id).await.unwrap();
    let key = AttemptKey {
        import_id: id,
        number: claimed.attempt,
    };
    let mut tx = app.pool.begin().await.unwrap();
    let before = updates(&mut tx).await;
    for done in 1..=10 {
        let progress = Progress {
            phase: Phase::Reading,
            done,
            total: Some(10),
            records: Some(1),
            bytes_per_second: Some(1),
            seconds_left: Some(1),
            waits_until: None,
            trouble: None,
        };
        attempts::heartbeat(&mut *tx, key, Duration::from_secs(15), &progress)
            .await
            .unwrap();
    }
    let after = updates(&mut tx).await;
    let [runs, in_place, logs] = [0, 1, 2].map(|which| after[which] - before[which]);
    assert_eq!((runs, in_place, logs), (10, 10, 0));
    drop(tx);
    app.stop().await;
}

/// How often this session has updated runs, how many of those in place, and how often logs.
async fn updates(db: &mut PgConnection) -> [i64; 3] {
    let (runs, in_place, logs) = sqlx::query_as(
        "SELECT sum(n_tup_upd) FILTER (WHERE relname = 'import_runs')::bigint,
                sum(n_tup_hot_upd) FILTER (WHERE relname = 'import_runs')::bigint,
                sum(n_tup_upd) FILTER (WHERE relname = 'import_logs')::bigint
         FROM pg_stat_xact_user_tables",
    )
    .fetch_one(db)
    .await
    .unwrap();
    [runs, in_place, logs]
}

#[sqlx::test(migrations = false)]
async fn each_connection_has_limits_of_its_own(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for (limit, value) in [
        ("statement_timeout", "30s"),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ] {
        let set: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(limit)
            .fetch_one(&app.pool)
            .await
            .unwrap();
        assert_eq!(set, value, "{limit}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn trouble_with_the_database_is_called_what_it_is(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for (sql, said) in [
        ("SET TRANSACTION READ ONLY; DELETE FROM games", "read-only"),
        (
            "SET LOCAL statement_timeout = 1; SELECT pg_sleep(10)",
            "took too long",
        ),
    ] {
        let mut tx = app.pool.begin().await.unwrap();
        let error = sqlx::raw_sql(sql).execute(&mut *tx).await.unwrap_err();
        assert!(db::is_passing(&error), "{error}");
        let told = ServiceError::from(error).tell().message;
        assert!(told.contains(said), "{told}");
    }
    app.stop().await;
}
