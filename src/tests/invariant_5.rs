//! Invariant 5: counters are what happened in the database.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{backup, backup_results_first, feed, game, result},
};
use crate::{model::import_log::ImportStatus, server::feed::simulator::Trouble};

#[sqlx::test(migrations = false)]
async fn invariant_5_counters_of_a_backup_are_what_the_database_holds(pool: PgPool) {
    counters_of_a_backup(&pool, backup).await;
}

/// All of it is merged then, while otherwise results of new games are added without.
#[sqlx::test(migrations = false)]
async fn invariant_5_the_same_when_the_results_come_first(pool: PgPool) {
    counters_of_a_backup(&pool, backup_results_first).await;
}

async fn counters_of_a_backup(pool: &PgPool, backup: fn(&[Value], &[Value]) -> String) {
    let app = App::working(pool, &[]).await;
    app.import(backup(
        &[game(1, "A"), game(2, "B")],
        &[result(1, "2025-06-20"), result(2, "2025-06-20")],
    ))
    .await;

    // Of everything some: known, new, repeated, and of no use.
    let games = [
        game(8, "B"),
        game(9, "C"),
        game(10, "C"),
        json!({ "id": 11 }),
    ];
    let results = [
        result(8, "2025-06-20"),  // known
        result(8, "2025-06-21"),  // new
        result(8, "2025-06-21"),  // repeats it
        result(9, "2025-06-21"),  // new
        result(10, "2025-06-21"), // repeats it, by the game's other id
        result(77, "2025-06-21"), // of no game
        json!({ "game_id": 8, "result_date": "2025-02-30", "status": "completed" }), // no date
    ];
    let reply = app.import(backup(&games, &results)).await.json();
    let log = app.newest().await;
    assert_eq!(log.status, ImportStatus::Success);
    assert_eq!(log.records_processed, 11);
    assert_eq!((log.games_created, log.results_created), (1, 2));
    assert_eq!((log.results_updated, log.results_unchanged), (0, 1));
    assert_eq!((log.duplicates, log.records_rejected), (3, 3));
    assert_eq!(app.data().await, (3, 4));
    for member in [
        "games_created",
        "results_created",
        "records_processed",
        "records_rejected",
    ] {
        assert_eq!(reply[member], json!(log)[member], "{member}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_5_counters_of_a_sample_are_what_the_database_holds(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.post("/import-sample-data").await;
    let log = app.newest().await;
    assert_eq!(
        (i64::from(log.games_created), i64::from(log.results_created)),
        app.data().await
    );
    assert_eq!(log.records_processed, log.results_created);
    assert_eq!(
        log.duplicates, 0,
        "the feed's sections repeat each other: that is how it is"
    );

    app.execute("DELETE FROM results WHERE game_id <= 5; UPDATE results SET result_3up = '000' WHERE game_id BETWEEN 6 AND 8").await;
    app.post("/import-sample-data").await;
    let again = app.newest().await;
    assert_eq!(
        (
            again.games_created,
            again.results_created,
            again.results_updated
        ),
        (0, 5, 3)
    );
    assert_eq!(again.results_unchanged, log.results_created - 8);
    assert_eq!(again.records_processed, log.records_processed);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_5_counters_of_a_range_are_the_sums_of_its_dates(pool: PgPool) {
    let feed = feed(Trouble {
        bad_dates: vec!["2025-06-19".parse().unwrap()],
        ..Trouble::default()
    })
    .await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.post("/scheduler/import-range?start_date=2025-06-17&end_date=2025-06-20")
        .await;
    let log = app.newest().await;
    assert_eq!(
        (i64::from(log.games_created), i64::from(log.results_created)),
        app.data().await
    );
    let dates = app.state.logs.details(log.id).await.unwrap().dates;
    let sum = |part: fn(&crate::model::import_log::ImportDate) -> i32| {
        dates.iter().map(part).sum::<i32>()
    };
    assert_eq!(sum(|date| date.records_processed), log.records_processed);
    assert_eq!(sum(|date| date.games_created), log.games_created);
    assert_eq!(sum(|date| date.results_created), log.results_created);
    assert_eq!(sum(|date| date.results_updated), log.results_updated);
    app.stop().await;
}

/// Which of two that contradict each other counts is the file's order, never chance.
#[sqlx::test(migrations = false)]
async fn invariant_5_of_records_that_repeat_each_other_the_first_counts(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let mut games = Vec::new();
    let mut results = Vec::new();
    for number in 0..20 {
        let mut repeated = game(number, "A");
        repeated["game_name"] = format!("name {number}").into();
        games.push(repeated);
        let mut repeated = result(number, "2025-06-22");
        repeated["result_2down"] = format!("{number:02}").into();
        results.push(repeated);
    }
    app.import(backup(&games, &results)).await;
    let log = app.newest().await;
    assert_eq!((log.games_created, log.results_created), (1, 1));
    assert_eq!((log.duplicates, log.records_rejected), (38, 0));
    let first = "SELECT count(*) FROM results JOIN games ON games.id = game_id WHERE game_name = 'name 0' AND result_2down = '00'";
    assert_eq!(app.number(first).await, 1);
    app.stop().await;
}

/// More games than an import keeps in mind: their results are merged.
#[sqlx::test(migrations = false)]
async fn invariant_5_counters_of_a_backup_with_very_many_games(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let games: Vec<_> = (0..5_000).map(|id| game(id, &format!("G{id}"))).collect();
    let mut results: Vec<_> = (0..5_000).map(|id| result(id, "2025-06-22")).collect();
    results.push(result(7, "2025-06-22"));
    app.import(backup(&games, &results)).await;
    let log = app.newest().await;
    assert_eq!((log.games_created, log.results_created), (5_000, 5_000));
    assert_eq!((log.duplicates, log.records_processed), (1, 10_001));
    assert_eq!(app.data().await, (5_000, 5_000));
    app.stop().await;
}
