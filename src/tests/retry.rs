//! Retry: a new import that points to the failed one, and puts it right.

use std::sync::{Arc, Mutex};

use axum::{
    extract::Request,
    middleware::{self, Next},
};
use serde_json::json;
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{backup, by, feed, result, serve, small_backup},
};
use crate::model::asked::Shows;
use crate::{
    model::import_log::{FailureKind, ImportStatus, Requester},
    server::feed::simulator::{self, Trouble},
};

const RANGE: &str = "/scheduler/import-range?start_date=2025-06-18&end_date=2025-06-22";

async fn unresolved(app: &App) -> (i64, Option<i32>) {
    let page = app.state.overview.page(Shows::default()).await.unwrap();
    (page.unresolved_failures, page.newest_unresolved)
}

/// `POST /import-logs/{id}/retry`; answers the new import's id once it has ended.
async fn retried(app: &App, id: i32) -> i32 {
    let reply = app.post(&format!("/import-logs/{id}/retry")).await;
    assert_eq!(reply.status.as_u16(), 202, "{}", reply.text());
    let new = reply.id("id");
    assert_eq!(reply.header("location"), format!("/import-logs/{new}"));
    app.ended(new).await.id
}

#[sqlx::test(migrations = false)]
async fn a_range_asks_only_for_the_days_that_failed_and_is_resolved(pool: PgPool) {
    let bad = ["2025-06-19", "2025-06-21"].map(|date| date.parse().unwrap());
    let troubled = feed(Trouble {
        bad_dates: bad.to_vec(),
        ..Trouble::default()
    })
    .await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &troubled.url)]).await;
    app.post(RANGE).await;
    let failed = app.newest().await.id;
    let again = retried(&app, failed).await;
    let log = app.log(again).await;
    assert_eq!(
        (log.status, log.retry_of, log.failed_dates),
        (ImportStatus::Failed, Some(failed), Some(2))
    );
    assert_eq!(
        unresolved(&app).await,
        (1, Some(again)),
        "it is one thing that is still open"
    );
    app.stop().await;

    let asked = Arc::new(Mutex::new(Vec::new()));
    let record = {
        let asked = asked.clone();
        move |request: Request, next: Next| {
            asked
                .lock()
                .unwrap()
                .push(request.uri().query().unwrap_or_default().to_owned());
            next.run(request)
        }
    };
    let mended =
        serve(simulator::router(Trouble::default()).layer(middleware::from_fn(record))).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &mended.url)]).await;
    let good = retried(&app, again).await;
    assert_eq!(
        *asked.lock().unwrap(),
        [18, 20].map(|day| format!("dateCurrent=2025-06-{day}T17%3A00%3A00.000Z"))
    );
    let log = app.log(good).await;
    assert_eq!(
        (log.status, log.retry_of, log.successful_dates),
        (ImportStatus::Success, Some(again), Some(2))
    );
    assert_eq!(app.log(again).await.resolved_by, Some(good));
    assert_eq!(
        app.log(failed).await.resolved_by,
        Some(good),
        "the whole chain is put right"
    );
    assert_eq!(unresolved(&app).await, (0, None));
    assert_eq!(
        app.number("SELECT count(DISTINCT result_date) FROM results")
            .await,
        5
    );
    assert!(!app.log(failed).await.retryable);
    app.post(&format!("/import-logs/{failed}/retry"))
        .await
        .problem(409);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_backup_is_retried_without_a_second_upload(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.refuse_small_backups().await;
    let request = super::app::upload()
        .header("x-filename", "b.json")
        .body(small_backup().into())
        .unwrap();
    app.send(request).await.problem(500);
    let failed = app.newest().await;
    app.accept_all_backups().await;

    let log = app.log(retried(&app, failed.id).await).await;
    assert_eq!(
        (log.status, log.retry_of, log.requested_by),
        (ImportStatus::Success, Some(failed.id), Some(Requester::Api))
    );
    assert_eq!(
        (&log.filename, log.file_size, &log.payload_sha256),
        (&failed.filename, failed.file_size, &failed.payload_sha256)
    );
    assert_eq!(app.data().await, (1, 1));
    app.until_nothing_is_stored().await;
    assert_eq!(
        app.number("SELECT count(*) FROM import_logs WHERE payload IS NOT NULL")
            .await,
        0
    );
    app.stop().await;
}

/// The same bytes can only fail again: they aren't kept, and no retry is offered.
#[sqlx::test(migrations = false)]
async fn input_that_is_wrong_stays_wrong_and_is_not_kept(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let all_rejected = backup(&[], &[result(1, "2025-06-22")]);
    for file in ["[]".to_owned(), all_rejected] {
        app.import(file).await.problem(422);
        let log = app.newest().await;
        assert_eq!(
            (log.failure_kind, log.retryable),
            (Some(FailureKind::InvalidInput), false)
        );
        assert_eq!(
            app.post(&format!("/import-logs/{}/retry", log.id))
                .await
                .problem(409),
            format!(
                "The file of import #{} can only fail again. Mend it, then upload it.",
                log.id
            )
        );
    }
    assert_eq!(unresolved(&app).await.0, 2);
    assert_eq!(
        app.number("SELECT count(*) FROM import_logs WHERE payload IS NOT NULL")
            .await,
        0
    );
    app.until_nothing_is_stored().await;
    app.stop().await;
}

/// Success is not said of nothing: there is no day left to ask for.
#[sqlx::test(migrations = false)]
async fn a_range_whose_days_are_all_done_is_not_retried(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.post(RANGE).await;
    let id = app.newest().await.id;
    // As one that was cancelled right behind its last day.
    app.execute("UPDATE import_logs SET status = 'failed', failure_kind = 'cancelled', error_message = 'Cancelled.'")
        .await;
    assert!(!app.log(id).await.retryable);
    assert_eq!(
        app.post(&format!("/import-logs/{id}/retry"))
            .await
            .problem(409),
        format!("All days of import #{id} have been imported; there is nothing to retry.")
    );
    assert_eq!(app.number("SELECT count(*) FROM import_logs").await, 1);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_sample_can_be_retried(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app
        .state
        .imports
        .start_sample(&by(Requester::Page))
        .await
        .unwrap()
        .id;
    app.post(&format!("/import-logs/{id}/cancel")).await;
    let again = app.post(&format!("/import-logs/{id}/retry")).await.id("id");
    app.work_on(again).await;
    assert_eq!(app.log(id).await.resolved_by, Some(again));
    assert_eq!(
        app.log(again).await.filename.as_deref(),
        Some("responseData.json")
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn two_clicks_at_once_start_one_retry(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.refuse_small_backups().await;
    app.import(small_backup()).await;
    let held = app.hold_merges().await;
    let path = format!("/import-logs/{}/retry", app.newest().await.id);
    // Nothing takes the job in between: the retry of this file would end too soon.
    app.worker.shut_down(std::time::Duration::ZERO).await;
    let (a, b, c) = tokio::join!(app.post(&path), app.post(&path), app.post(&path));
    let mut statuses = [a, b, c].map(|reply| reply.status.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409, 409]);
    assert!(
        app.post(&path)
            .await
            .problem(409)
            .contains("is being retried already, as #2")
    );
    drop(held);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_did_not_fail_or_is_not_whole_cannot_be_retried(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    let path = format!("/import-logs/{id}/retry");
    assert_eq!(
        app.post(&path).await.problem(409),
        "Import #1 did not fail; only a failed import can be retried."
    );
    app.work_on(id).await;
    app.post(&path).await.problem(409);

    app.import("").await;
    let empty = app.newest().await;
    assert!(!empty.retryable);
    let sentence = app
        .post(&format!("/import-logs/{}/retry", empty.id))
        .await
        .problem(409);
    assert_eq!(
        sentence,
        "The file of import #2 can only fail again. Mend it, then upload it."
    );

    app.execute("INSERT INTO import_logs (import_type, status) VALUES ('date_range', 'failed')")
        .await;
    app.post("/import-logs/3/retry").await.problem(409);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_upload_that_has_gone_from_the_store_is_told(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.refuse_small_backups().await;
    app.import(small_backup()).await;
    let failed = app.newest().await.id;
    let file = std::fs::read_dir(app.folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    std::fs::remove_file(file.path()).unwrap();
    let log = app.log(retried(&app, failed).await).await;
    assert_eq!((log.status, log.attempt), (ImportStatus::Failed, 1));
    assert_eq!(
        log.error_message.as_deref(),
        Some("The uploaded file is no longer in the store. Upload it again.")
    );
    assert_eq!(json!(log.failure_kind), json!("source_unavailable"));
    assert!(
        !log.retryable && !app.log(failed).await.retryable,
        "it can only fail again"
    );
    app.stop().await;
}

/// A retry that failed as well is put right by the next one, of whichever of the two that is.
#[sqlx::test(migrations = false)]
async fn a_success_resolves_the_other_retries_too(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.refuse_small_backups().await;
    app.import(small_backup()).await.problem(500);
    let first = app.newest().await.id;
    let second = retried(&app, first).await;
    assert_eq!(app.log(second).await.status, ImportStatus::Failed);
    app.accept_all_backups().await;
    let third = retried(&app, first).await;
    for failed in [first, second] {
        assert_eq!(app.log(failed).await.resolved_by, Some(third));
    }
    assert_eq!(unresolved(&app).await, (0, None));
    app.stop().await;
}

/// Two failures that keep the same upload: of their retries one runs at a time, and none takes it from the other.
#[sqlx::test(migrations = false)]
async fn an_upload_is_there_for_as_long_as_an_import_needs_it(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let first = app.queue(small_backup()).await;
    app.post(&format!("/import-logs/{first}/cancel")).await;
    let retry = async |id: i32| app.post(&format!("/import-logs/{id}/retry")).await;
    let second = retry(first).await.id("id");
    app.post(&format!("/import-logs/{second}/cancel")).await;
    let third = retry(first).await.id("id");
    assert_eq!(
        retry(second).await.problem(409),
        format!("Import #{second} is being retried already, as #{third}.")
    );
    // As two clicks at the very same moment could have it.
    app.execute("UPDATE import_logs SET payload = NULL WHERE id = 3")
        .await;
    let fourth = retry(second).await.id("id");
    app.execute("UPDATE import_logs SET payload = (SELECT payload FROM import_logs WHERE id = 4) WHERE id = 3")
        .await;
    for id in [third, fourth] {
        app.work_on(id).await;
        let log = app.log(id).await;
        assert_eq!(log.status, ImportStatus::Success, "{log:?}");
    }
    app.until_nothing_is_stored().await;
    app.stop().await;
}
