//! Cancel: it ends as failed, says who asked, and leaves nothing half there.

use axum::body::{Body, Bytes};
use futures::{StreamExt as _, stream};
use sqlx::PgPool;

use super::{
    app::{App, eventually},
    fixtures::{by, feed, small_backup},
};
use crate::{
    model::import_log::{DateOutcome, FailureKind, ImportLog, ImportStatus, Phase, Requester},
    server::{
        db::{attempts, outcomes},
        feed::simulator::Trouble,
    },
};

fn assert_cancelled(log: &ImportLog, sentence: &str) {
    assert_eq!(
        (log.status, log.failure_kind),
        (ImportStatus::Failed, Some(FailureKind::Cancelled))
    );
    assert_eq!(log.error_message.as_deref(), Some(sentence));
    assert!(log.completed_at.is_some());
}

const FROM_API: &str =
    "Cancelled from the api. Nothing of it was imported; run it again whenever you like.";

async fn cancel(app: &App, id: i32) {
    let reply = app.post(&format!("/import-logs/{id}/cancel")).await;
    assert_eq!(reply.status.as_u16(), 202, "{}", reply.text());
    assert_eq!(reply.header("location"), format!("/import-logs/{id}"));
}

#[sqlx::test(migrations = false)]
async fn a_running_backup_stops_and_nothing_of_it_stays(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let held = app.hold_merges().await;
    let id = app.queue(small_backup()).await;
    app.until_held(1).await;
    cancel(&app, id).await;
    // It ends while the lock is still held: a cancel waits for nobody.
    assert_cancelled(&app.ended(id).await, FROM_API);
    // Nor does PostgreSQL go on with its statement.
    app.until_held(0).await;
    drop(held);
    assert_eq!(app.data().await, (0, 0));

    let log = app.log(id).await;
    assert!(log.retryable && log.cancel_requested);
    let again = app.post(&format!("/import-logs/{id}/retry")).await.id("id");
    assert_eq!(app.ended(again).await.status, ImportStatus::Success);
    assert_eq!(
        (app.log(id).await.resolved_by, app.data().await),
        (Some(again), (1, 1))
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_queued_import_ends_at_once(pool: PgPool) {
    let mut app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    cancel(&app, id).await;
    let log = app.log(id).await;
    assert_cancelled(&log, FROM_API);

    let next = app.queue(small_backup()).await;
    app.keep(app.works());
    assert_eq!(app.ended(next).await.status, ImportStatus::Success);
    // Those very bytes have come since.
    let resolved = ImportLog {
        resolved_by: Some(next),
        retryable: false,
        ..log
    };
    assert_eq!(app.log(id).await, resolved);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_upload_that_is_cancelled_ends_and_tells_its_client(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let begun =
        stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))]).chain(stream::pending());
    let cancel = async {
        let id = app.logged().await;
        cancel(&app, id).await;
        id
    };
    let (reply, id) = tokio::join!(app.import(Body::from_stream(begun)), cancel);
    let sentence =
        "The upload was cancelled from the api. Upload the file again whenever you like.";
    assert_eq!(reply.problem(409), sentence);
    assert_cancelled(&app.log(id).await, sentence);
    app.until_nothing_is_stored().await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_range_keeps_its_finished_days_and_says_which(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    // Between the days it waits for an hour, so the second is never asked for.
    let app = App::working(
        &pool,
        &[
            ("EXTERNAL_API_URL", &feed.url),
            ("FEED_DELAY_SECONDS", "3600"),
        ],
    )
    .await;
    let [start, end] = ["2025-06-20", "2025-06-22"].map(|date| date.parse().unwrap());
    let id = app
        .state
        .imports
        .start_range(start, end, &by(Requester::Page))
        .await
        .unwrap()
        .id;
    eventually("the first day is done", async || {
        (app.log(id).await.successful_dates == Some(1)).then_some(())
    })
    .await;
    app.state
        .imports
        .cancel(id, &by(Requester::Page))
        .await
        .unwrap();
    let log = app.ended(id).await;
    assert_cancelled(
        &log,
        "Cancelled from the page after 1 of 3 days. What was imported stays: 2025-06-20. Run it again for the rest.",
    );
    let stored = app.data().await;
    assert_eq!(
        (i64::from(log.games_created), i64::from(log.results_created)),
        stored
    );
    assert_eq!(
        app.number("SELECT count(DISTINCT result_date) FROM results")
            .await,
        1
    );
    let outcomes: Vec<_> = app
        .state
        .logs
        .details(id)
        .await
        .unwrap()
        .dates
        .iter()
        .map(|date| date.outcome)
        .collect();
    assert_eq!(
        outcomes,
        [
            DateOutcome::Success,
            DateOutcome::Pending,
            DateOutcome::Pending
        ]
    );

    let again = app
        .state
        .imports
        .retry(id, &by(Requester::Page))
        .await
        .unwrap()
        .id;
    let asked: Vec<_> = app
        .state
        .logs
        .details(again)
        .await
        .unwrap()
        .dates
        .iter()
        .map(|date| date.date.to_string())
        .collect();
    assert_eq!(asked, ["2025-06-21", "2025-06-22"]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_has_ended_cannot_be_cancelled(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    app.import("[]").await;
    let sentence = app.post("/import-logs/1/cancel").await.problem(409);
    assert_eq!(
        sentence,
        "Import #1 has ended already (success); there is nothing to cancel."
    );
    app.post("/import-logs/2/cancel").await.problem(409);
    assert_eq!(app.log(1).await.status, ImportStatus::Success);
    app.stop().await;
}

/// The cancel was acknowledged, so a commit that comes after it must not bring the data.
#[sqlx::test(migrations = false)]
async fn a_commit_that_comes_after_the_cancel_is_refused(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    let claimed = app.claim(id).await.unwrap();
    cancel(&app, id).await;
    assert_eq!(
        app.log(id).await.status,
        ImportStatus::Running,
        "it is its worker's to end"
    );
    let key = attempts::AttemptKey {
        import_id: id,
        number: claimed.attempt,
    };
    let now = app.importer.clock.now();
    let mut db = app.pool.acquire().await.unwrap();
    assert!(
        !outcomes::succeed(&mut db, key, now, &outcomes::Brought::default())
            .await
            .unwrap()
    );
    drop(db);
    app.stop().await;
}

/// Nothing of it is missing: to call it a failure would be to lie, and there would be nothing to retry.
#[sqlx::test(migrations = false)]
async fn a_range_that_is_cancelled_when_all_its_days_were_imported_has_succeeded(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let day = "2025-06-20".parse().unwrap();
    let started = app.imports.start_range(day, day, &by(Requester::Api)).await;
    let id = started.unwrap().id;
    app.claim(id).await.unwrap();
    app.execute("UPDATE import_dates SET outcome = 'success'")
        .await;
    cancel(&app, id).await;
    app.expire_leases().await;
    app.housekeeping.recover().await.unwrap();
    let log = app.log(id).await;
    assert_eq!(
        (log.status, log.failure_kind, log.cancel_requested),
        (ImportStatus::Success, None, false)
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_cancel_whose_worker_has_died_is_carried_out_by_housekeeping(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    app.claim(id).await.unwrap();
    cancel(&app, id).await;
    cancel(&app, id).await;
    app.expire_leases().await;
    assert!(app.claim(id).await.is_none(), "nobody begins it again");
    app.housekeeping.recover().await.unwrap();
    let log = app.log(id).await;
    assert_eq!(
        (log.status, log.failure_kind),
        (ImportStatus::Failed, Some(FailureKind::Cancelled))
    );
    assert!(
        log.error_message
            .unwrap()
            .starts_with("Cancelled from the api.")
    );
    app.stop().await;
}

/// A range that waits for another worker, having done some of its days, keeps them and says which.
#[sqlx::test(migrations = false)]
async fn a_range_that_was_handed_back_says_which_days_stay(pool: PgPool) {
    let feed = feed(Trouble {
        bad_dates: vec!["2025-05-21".parse().unwrap()],
        ..Trouble::default()
    })
    .await;
    let app = App::working(
        &pool,
        &[
            ("EXTERNAL_API_URL", &feed.url),
            ("FEED_DELAY_SECONDS", "0.5"),
            ("FEED_RETRIES", "0"),
        ],
    )
    .await;
    let [start, end] = ["2025-05-20", "2025-06-19"].map(|date| date.parse().unwrap());
    let by = by(Requester::Api);
    let started = app.state.imports.start_range(start, end, &by);
    let id = started.await.unwrap().id;
    eventually("two days are done", async || {
        let log = app.log(id).await;
        (log.failed_dates == Some(1) && log.successful_dates == Some(1)).then_some(())
    })
    .await;
    app.worker.shut_down(std::time::Duration::ZERO).await;
    assert_eq!(app.log(id).await.phase, Phase::Queued);
    cancel(&app, id).await;
    assert_cancelled(
        &app.log(id).await,
        "Cancelled from the api after 2 of 31 days, of which 1 failed. What was imported stays: 2025-05-20. \
         Run it again for the rest.",
    );
    app.stop().await;
}

/// Whoever stops or hands on an import that was cancelled ends it, instead of leaving it to housekeeping.
#[sqlx::test(migrations = false)]
async fn what_was_cancelled_is_not_handed_on(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let held = app.hold_merges().await;
    let id = app.queue(small_backup()).await;
    app.until_held(1).await;
    app.execute("UPDATE import_runs SET cancelled_by = 'api'")
        .await;
    app.worker.shut_down(std::time::Duration::ZERO).await;
    assert_cancelled(&app.log(id).await, FROM_API);
    drop(held);
    app.stop().await;
}
