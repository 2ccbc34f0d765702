//! Invariant 3: an import is atomic, all its records or none. A range is atomic per date, and its log says which
//! dates succeeded and which failed.

use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{feed, generated},
};
use crate::{
    model::import_log::{DateOutcome, FailureKind, ImportStatus},
    server::feed::simulator::Trouble,
};

#[sqlx::test(migrations = false)]
async fn invariant_3_a_backup_that_breaks_after_5000_results_brings_none(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let whole = generated(10_000);
    let cut = memchr::memmem::find(&whole, b"\"id\": 5001,").unwrap() + 20;
    let sentence = app.import(whole[..cut].to_vec()).await.problem(422);
    assert!(
        sentence.contains("ends in the middle of result 5,001"),
        "{sentence}"
    );
    let log = app.newest().await;
    assert_eq!(
        (log.status, log.games_created, log.results_created),
        (ImportStatus::Failed, 0, 0)
    );
    assert_eq!(app.data().await, (0, 0));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_3_a_backup_that_the_database_refuses_at_the_end_brings_none(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    // The very last result is refused, when thousands are in the table already.
    app.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN IF (SELECT count(*) FROM results) >= 4999 THEN RAISE 'no more'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON results FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    .await;
    let sentence = app.import(generated(5_000)).await.problem(500);
    assert!(
        !sentence.contains("no more"),
        "causes stay in the server's log: {sentence}"
    );
    let log = app.newest().await;
    assert_eq!(
        (log.status, log.failure_kind, log.attempt),
        (ImportStatus::Failed, Some(FailureKind::Internal), 1)
    );
    assert_eq!(app.data().await, (0, 0));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_3_a_range_is_atomic_per_date_and_says_which_failed(pool: PgPool) {
    let bad = "2025-06-18".parse().unwrap();
    let feed = feed(Trouble {
        bad_dates: vec![bad],
        ..Trouble::default()
    })
    .await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let reply = app
        .post("/scheduler/import-range?start_date=2025-06-16&end_date=2025-06-22")
        .await;
    assert_eq!(reply.status.as_u16(), 200);
    let json = reply.json();
    assert_eq!(json["success"], false);
    let sentence = "1 of 7 days failed: 2025-06-18 (The feed answered 500 (Internal Server Error)). Run it again to ask for it.";
    assert_eq!(json["message"], sentence);

    let log = app.newest().await;
    assert_eq!(
        (log.status, log.failure_kind),
        (ImportStatus::Failed, Some(FailureKind::SourceUnavailable))
    );
    assert_eq!(log.error_message.as_deref(), Some(sentence));
    assert_eq!((log.successful_dates, log.failed_dates), (Some(6), Some(1)));
    for date in app.state.logs.details(log.id).await.unwrap().dates {
        let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM results WHERE result_date = $1")
            .bind(date.date)
            .fetch_one(&app.pool)
            .await
            .unwrap();
        if date.date == bad {
            assert_eq!((date.outcome, stored), (DateOutcome::Failed, 0));
            assert_eq!(
                date.message.as_deref(),
                Some("The feed answered 500 (Internal Server Error).")
            );
        } else {
            assert_eq!((date.outcome, date.message), (DateOutcome::Success, None));
            assert_eq!(stored, i64::from(date.results_created));
            assert!(stored > 50, "{stored}");
        }
    }
    app.stop().await;
}

/// A day whose merge is refused leaves nothing of itself, and what came before stays.
#[sqlx::test(migrations = false)]
async fn invariant_3_a_date_that_the_database_refuses_brings_none_of_its_records(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.execute("ALTER TABLE results ADD CHECK (result_date <> '2025-06-21' OR game_id <> 30)")
        .await;
    app.post("/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-22")
        .await;
    let log = app.newest().await;
    assert_eq!(log.status, ImportStatus::Failed);
    assert_eq!(
        app.number("SELECT count(*) FROM results WHERE result_date = '2025-06-21'")
            .await,
        0
    );
    assert!(
        app.number("SELECT count(*) FROM results WHERE result_date = '2025-06-20'")
            .await
            > 50
    );
    assert_eq!(i64::from(log.results_created), app.data().await.1);
    app.stop().await;
}
