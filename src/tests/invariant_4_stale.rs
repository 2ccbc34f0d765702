//! Invariant 4, the other half: a stale worker that wakes up late can neither change a log nor commit data.

use std::time::Duration;

use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{by, feed, small_backup},
};
use crate::{
    model::import_log::{FailureKind, ImportStatus, Phase, Requester},
    server::{
        attempt::Attempt,
        config::Lease,
        db::{
            attempts::{self, AttemptKey, Heartbeat, Progress},
            import_rejects,
            outcomes::{self, Brought, Counters},
            runs::{self, Again, Claimed},
        },
        feed::simulator::Trouble,
        importer::{error::ImportError, rejects::Rejects},
    },
};

const LEASE: Lease = Lease {
    length: Duration::from_secs(15),
    heartbeat: Duration::from_secs(1),
};

/// Runs an attempt whose import is no longer its own, to its end.
async fn runs_in_vain(app: &App, import: &Claimed, key: AttemptKey) {
    let attempt = Attempt::begin(app.pool.clone(), key, LEASE, Phase::Reading);
    let rejects = Rejects::new(app.pool.clone(), key);
    let result = app.importer.run(import, &attempt, &rejects).await;
    assert!(matches!(result, Err(ImportError::Lost)), "{result:?}");
}

/// The first attempt's process was stopped for so long that its import was given to another.
async fn overtaken(app: &App, id: i32) -> (Claimed, AttemptKey) {
    let stale = app.claim(id).await.expect("it waits");
    assert_eq!(stale.attempt, 1);
    assert!(app.claim(id).await.is_none(), "it has a worker");
    app.expire_leases().await;
    app.housekeeping.recover().await.unwrap();
    app.work_on(id).await;
    let key = AttemptKey {
        import_id: id,
        number: stale.attempt,
    };
    (stale, key)
}

#[sqlx::test(migrations = false)]
async fn invariant_4_a_stale_attempt_cannot_change_the_log(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    let (_, stale) = overtaken(&app, id).await;
    let ended = app.log(id).await;
    assert_eq!((ended.status, ended.attempt), (ImportStatus::Success, 2));

    let now = app.importer.clock.now();
    let mut db = app.pool.acquire().await.unwrap();
    assert!(
        !outcomes::succeed(&mut db, stale, now, &Brought::default())
            .await
            .unwrap()
    );
    assert!(
        !outcomes::succeed_range(&mut db, stale, now, None)
            .await
            .unwrap()
    );
    assert!(
        !outcomes::fail(&mut *db, stale, now, FailureKind::Internal, "late")
            .await
            .unwrap()
    );
    assert!(
        !outcomes::add_date(
            &mut db,
            stale,
            &Brought {
                counters: Counters {
                    records: 7,
                    ..Counters::default()
                },
                ..Brought::default()
            },
            Some("2025-06-21".parse().unwrap())
        )
        .await
        .unwrap()
    );
    assert!(
        !runs::hand_back(&mut *db, stale, Again::Failed("late"))
            .await
            .unwrap()
    );
    assert!(
        !import_rejects::keep(&mut db, stale, &[], 7, 0)
            .await
            .unwrap()
    );
    assert!(!import_rejects::forget(&mut db, stale).await.unwrap());
    attempts::name(&mut *db, stale, "late.json").await.unwrap();
    let progress = Progress {
        phase: Phase::Reading,
        done: 9,
        total: Some(9),
        records: Some(9),
        bytes_per_second: None,
        seconds_left: None,
        waits_until: None,
        trouble: None,
    };
    assert_eq!(
        attempts::heartbeat(&mut *db, stale, LEASE.length, &progress)
            .await
            .unwrap(),
        Heartbeat::Lost
    );
    assert_eq!(app.log(id).await, ended);
    drop(db);
    app.stop().await;
}

/// The same while the second attempt still runs: its log is as little the first one's.
#[sqlx::test(migrations = false)]
async fn invariant_4_a_stale_attempt_cannot_change_a_running_log(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    let first = app.claim(id).await.unwrap();
    app.expire_leases().await;
    app.housekeeping.recover().await.unwrap();
    app.make_due().await;
    let second = app.claim(id).await.unwrap();
    assert_eq!((first.attempt, second.attempt, second.tries), (1, 2, 2));

    let stale = AttemptKey {
        import_id: id,
        number: 1,
    };
    let before = app.log(id).await;
    let mut db = app.pool.acquire().await.unwrap();
    assert!(
        !outcomes::succeed(
            &mut db,
            stale,
            app.importer.clock.now(),
            &Brought::default()
        )
        .await
        .unwrap()
    );
    assert!(
        !outcomes::fail(
            &mut *db,
            stale,
            app.importer.clock.now(),
            FailureKind::Internal,
            "late"
        )
        .await
        .unwrap()
    );
    assert!(
        !runs::hand_back(&mut *db, stale, Again::Stopping)
            .await
            .unwrap()
    );
    let late = Progress {
        phase: Phase::Finishing,
        done: 9,
        total: None,
        records: Some(9),
        bytes_per_second: None,
        seconds_left: None,
        waits_until: None,
        trouble: None,
    };
    let told = attempts::heartbeat(&mut *db, stale, LEASE.length, &late).await;
    assert_eq!(told.unwrap(), Heartbeat::Lost);
    assert_eq!(app.log(id).await, before);
    let current = AttemptKey {
        import_id: id,
        number: 2,
    };
    assert!(
        outcomes::succeed(
            &mut db,
            current,
            app.importer.clock.now(),
            &Brought::default()
        )
        .await
        .unwrap()
    );
    drop(db);
    app.stop().await;
}

/// The stale worker runs the whole pipeline, to its commit.
#[sqlx::test(migrations = false)]
async fn invariant_4_a_stale_attempt_cannot_commit_data(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app
        .state
        .imports
        .start_sample(&by(Requester::Page))
        .await
        .unwrap()
        .id;
    let (stale, key) = overtaken(&app, id).await;
    let ended = app.log(id).await;
    app.delete("/clear-data").await;
    runs_in_vain(&app, &stale, key).await;
    assert_eq!((app.data().await, app.log(id).await), ((0, 0), ended));
    app.stop().await;
}

/// The same when it is overtaken in the middle, with all but the commit behind it.
#[sqlx::test(migrations = false)]
async fn invariant_4_a_backup_that_is_overtaken_in_the_middle_cannot_commit(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    let first = app.claim(id).await.unwrap();
    let key = AttemptKey {
        import_id: id,
        number: 1,
    };
    let held = app.hold_results().await;
    let overtake = async {
        app.until_held(1).await;
        app.hand_to_another(id).await;
        drop(held);
    };
    tokio::join!(runs_in_vain(&app, &first, key), overtake);
    assert_eq!(app.data().await, (0, 0));
    assert_eq!(app.log(id).await.status, ImportStatus::Running);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_4_a_stale_attempt_cannot_commit_a_backup_or_a_day(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let day = "2025-06-20".parse().unwrap();
    let backup = app.queue(small_backup()).await;
    let range = app
        .state
        .imports
        .start_range(day, day, &by(Requester::Api))
        .await
        .unwrap()
        .id;
    for id in [backup, range] {
        let stale = app.claim(id).await.unwrap();
        app.hand_to_another(id).await;
        let key = AttemptKey {
            import_id: id,
            number: 1,
        };
        runs_in_vain(&app, &stale, key).await;
        let log = app.log(id).await;
        assert_eq!(
            (log.status, log.attempt, log.successful_dates.unwrap_or(0)),
            (ImportStatus::Running, 2, 0)
        );
    }
    assert_eq!(app.data().await, (0, 0));
    app.stop().await;
}

/// An upload's or a worker's last heartbeat may be on its way when the import is handed on.
#[sqlx::test(migrations = false)]
async fn invariant_4_a_heartbeat_that_comes_late_leaves_the_import_on_the_queue(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    let before = app.log(id).await;
    let key = AttemptKey {
        import_id: id,
        number: 0,
    };
    let late = Progress {
        phase: Phase::Uploading,
        done: 1,
        total: None,
        records: None,
        bytes_per_second: None,
        seconds_left: None,
        waits_until: None,
        trouble: None,
    };
    let told = attempts::heartbeat(&app.pool, key, LEASE.length, &late).await;
    assert_eq!(told.unwrap(), Heartbeat::Lost);
    assert_eq!(app.log(id).await, before);
    app.work_on(id).await;
    assert_eq!(app.log(id).await.status, ImportStatus::Success);
    app.stop().await;
}
