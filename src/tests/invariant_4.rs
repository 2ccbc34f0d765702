//! Invariant 4: running an import again is harmless. Its other half, the stale worker, stands in
//! [`super::invariant_4_stale`].

use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{backup, feed, game, result, small_backup},
};
use crate::server::feed::simulator::Trouble;

#[sqlx::test(migrations = false)]
async fn invariant_4_the_same_backup_twice_changes_nothing(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let first = app.import(small_backup()).await.json();
    let stored = app.get("/export-data").await.json();
    let second = app.import(small_backup()).await.json();
    assert_eq!(
        (&second["games_created"], &second["results_created"]),
        (&0.into(), &0.into())
    );
    assert_eq!(second["records_processed"], 2);
    assert_eq!(second["same_as"], first["import_id"]);
    assert_eq!(app.newest().await.results_unchanged, 1);
    assert_eq!(
        app.get("/export-data").await.json()["results"],
        stored["results"]
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_4_a_backup_leaves_what_is_stored_as_it_is(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    let mut other = result(1, "2025-06-22");
    other["result_3up"] = "999".into();
    let mut renamed = game(1, "L03-01");
    renamed["game_name"] = "another name".into();
    app.import(backup(&[renamed], &[other, result(1, "2025-06-23")]))
        .await;
    let log = app.newest().await;
    assert_eq!(
        (
            log.games_created,
            log.results_created,
            log.results_differing
        ),
        (0, 1, 1)
    );
    assert_eq!(
        app.number("SELECT count(*) FROM results WHERE result_3up = '999'")
            .await,
        0
    );
    assert_eq!(
        app.number("SELECT count(*) FROM games WHERE game_name = 'another name'")
            .await,
        0
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn invariant_4_the_same_range_twice_changes_nothing(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let range = "/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-21";
    let first = app.post(range).await.json();
    let stored = app.data().await;
    assert_eq!(first["total_results_updated"], stored.1);
    let second = app.post(range).await.json();
    assert_eq!(
        (&second["success"], &second["total_results_updated"]),
        (&true.into(), &0.into())
    );
    assert_eq!(app.data().await, stored);
    assert_eq!(i64::from(app.newest().await.results_unchanged), stored.1);
    app.stop().await;
}
