//! Housekeeping: what nobody needs any more goes, and nothing else.

use sqlx::PgPool;

use super::{app::App, fixtures::small_backup};

/// Sets the clock so far ahead of the payloads' own times that they count as old.
async fn two_days_later(app: &App) {
    let later = app.number("SELECT extract(epoch FROM now() + interval '2 days')::bigint");
    let later = chrono::DateTime::from_timestamp(later.await, 0).unwrap();
    app.set_clock(&later.to_rfc3339());
}

#[sqlx::test(migrations = false)]
async fn only_uploads_that_no_log_refers_to_are_removed(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.refuse_small_backups().await;
    let ids = [
        app.queue(small_backup()).await,
        app.queue(small_backup()).await,
        app.queue(small_backup()).await,
    ];
    for id in &ids[1..] {
        app.work_on(*id).await;
    }
    // Of the two that failed one is forgotten; and an upload broke off with its process.
    app.execute("DELETE FROM import_logs WHERE id = 2").await;
    std::fs::write(app.folder.path().join("0198#1"), "half").unwrap();
    let folder = app.folder.path().to_owned();
    let files = || std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files(), 4);

    app.housekeeping.tidy().await.unwrap();
    assert_eq!(
        files(),
        4,
        "what is seen unused for the first time may be about to be used"
    );
    two_days_later(&app).await;
    app.housekeeping.tidy().await.unwrap();
    assert_eq!(files(), 2);
    for id in [ids[0], ids[2]] {
        let key: String = sqlx::query_scalar("SELECT payload FROM import_logs WHERE id = $1")
            .bind(id)
            .fetch_one(&app.pool)
            .await
            .unwrap();
        assert!(
            app.folder.path().join(key).is_file(),
            "#{id} still needs it"
        );
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_upload_that_arrives_just_now_is_left_alone(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    std::fs::write(app.folder.path().join("0198#1"), "half").unwrap();
    std::fs::write(
        app.folder.path().join("0199"),
        "whole, its log about to be written",
    )
    .unwrap();
    app.housekeeping.tidy().await.unwrap();
    assert_eq!(std::fs::read_dir(app.folder.path()).unwrap().count(), 2);
    app.stop().await;
}
