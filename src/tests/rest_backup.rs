//! `POST /import-backup` (`formats.md` §2 and §3).

use axum::body::{Body, Bytes};
use futures::stream;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    app::{App, upload},
    fixtures::{backup, backup_results_first, game, generated, result, sha256, small_backup},
};
use crate::{model::import_log::Requester, server_fns::imports::SameFile};

/// The small backup with a `_metadata` as the first or the last member.
fn with_metadata(metadata: &Value, last: bool) -> String {
    let rest = small_backup();
    let rest = rest.trim_start_matches('{').trim_end_matches('}');
    if last {
        format!("{{{rest},\"_metadata\":{metadata}}}")
    } else {
        format!("{{\"_metadata\":{metadata},{rest}}}")
    }
}

#[sqlx::test(migrations = false)]
async fn a_backup_answers_with_its_counts_when_it_has_ended(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let file = generated(500);
    let reply = app.import(file.clone()).await;
    assert_eq!(reply.status.as_u16(), 200);
    let json = reply.json();
    assert_eq!(
        (&json["games_created"], &json["results_created"]),
        (&json!(10), &json!(500))
    );
    assert_eq!(
        (
            &json["records_processed"],
            &json["records_rejected"],
            &json["same_as"]
        ),
        (&json!(510), &json!(0), &Value::Null)
    );
    assert_eq!(json["message"], "Added 10 games and 500 results.");
    let log = app.log(reply.id("import_id")).await;
    assert_eq!(log.file_size, i64::try_from(file.len()).ok());
    assert_eq!(log.payload_sha256, Some(sha256(&file)));
    assert_eq!(log.requested_by, Some(Requester::Api));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_backup_answers_at_once_when_asked_to(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let reply = app
        .send(
            upload()
                .header("prefer", "respond-async")
                .body(small_backup().into())
                .unwrap(),
        )
        .await;
    assert_eq!(reply.status.as_u16(), 202);
    let id = reply.id("id");
    assert_eq!(reply.header("location"), format!("/import-logs/{id}"));
    app.work_on(id).await;
    assert_eq!(
        app.get(reply.header("location")).await.json()["status"],
        "success"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn name_and_size_come_from_metadata_when_the_upload_says_neither(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    for last in [false, true] {
        let file = with_metadata(
            &json!({ "filename": "สำรอง-2025.json", "file_size": 48_213 }),
            last,
        );
        app.import(file.clone()).await;
        let log = app.newest().await;
        assert_eq!(log.filename.as_deref(), Some("สำรอง-2025.json"));
        assert_eq!(
            log.file_size,
            i64::try_from(file.len()).ok(),
            "the size that was counted wins"
        );
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_uploads_own_name_wins_over_metadata(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let file = with_metadata(&json!({ "filename": "inside.json" }), false);
    let name = "%E0%B8%AA%20b.json";
    app.send(
        upload()
            .header("x-filename", name)
            .body(file.into())
            .unwrap(),
    )
    .await;
    let log = app.newest().await;
    assert_eq!(
        (log.filename.as_deref(), log.requested_by),
        (Some("ส b.json"), Some(Requester::Api))
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_name_longer_than_its_column_is_cut(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let long = "ก".repeat(300);
    app.import(with_metadata(&json!({ "filename": long }), false))
        .await;
    assert_eq!(app.newest().await.filename.unwrap().chars().count(), 255);
    let request = upload()
        .header("x-filename", "a".repeat(400))
        .body(small_backup().into())
        .unwrap();
    app.send(request).await;
    assert_eq!(app.newest().await.filename.unwrap().len(), 255);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_name_that_no_column_can_hold_ends_no_import(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(with_metadata(&json!({ "filename": "a\u{0}b.json" }), false))
        .await;
    assert_eq!(app.newest().await.error_message, None);
    app.send(
        upload()
            .header("x-filename", "a%00b.json")
            .body(small_backup().into())
            .unwrap(),
    )
    .await;
    let log = app.newest().await;
    assert_eq!((log.id, log.error_message), (2, None));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn game_ids_are_those_of_the_file_and_never_of_the_database(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(backup(&[game(2, "A"), game(1, "B")], &[])).await;
    // In this file the ids are the other way round, and results come before games.
    app.import(backup_results_first(
        &[game(1, "A"), game(2, "B")],
        &[result(1, "2025-06-22")],
    ))
    .await;
    let drawn =
        "SELECT count(*) FROM results JOIN games ON games.id = game_id WHERE base_game_id = 'A'";
    assert_eq!((app.data().await, app.number(drawn).await), ((2, 1), 1));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_backup_may_come_byte_by_byte_and_with_a_bom(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let file = format!("\u{feff}{}", small_backup()).into_bytes();
    let bytes = stream::iter(
        file.into_iter()
            .map(|byte| Ok::<_, std::io::Error>(Bytes::from(vec![byte]))),
    );
    app.import(Body::from_stream(bytes)).await;
    assert_eq!(app.data().await, (1, 1));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_empty_backup_is_no_failure(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let json = app.import(backup(&[], &[])).await.json();
    assert_eq!(
        (&json["records_processed"], &json["games_created"]),
        (&json!(0), &json!(0))
    );
    app.stop().await;
}

/// Nothing of an upload is left once it is imported, or can only fail again; of another failed one its file is, to be
/// retried.
#[sqlx::test(migrations = false)]
async fn an_upload_is_kept_for_as_long_as_it_is_of_use(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.refuse_small_backups().await;
    let files = || std::fs::read_dir(app.folder.path()).unwrap().count();
    let good = app.queue(backup(&[game(1, "A")], &[])).await;
    let bad = app.queue("not JSON").await;
    let refused = app.queue(small_backup()).await;
    assert_eq!(files(), 3);
    for id in [good, bad, refused] {
        app.work_on(id).await;
    }
    assert_eq!(files(), 1);
    let retryable = [good, bad, refused].map(async |id| app.log(id).await.retryable);
    assert_eq!(
        futures::future::join_all(retryable).await,
        [false, false, true]
    );
    app.stop().await;
}

/// What the page asks before it sends a file.
#[sqlx::test(migrations = false)]
async fn a_file_that_was_imported_before_is_known_by_its_sum(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let ask = async |sum: &str| app.read(SameFile { sha256: sum.into() }).await;
    app.import("not JSON").await;
    let failed = app.newest().await.payload_sha256.unwrap();
    assert_eq!(ask(&failed).await, None, "a failure brought nothing");

    app.import(small_backup()).await;
    let log = app.newest().await;
    let sum = log.payload_sha256.unwrap();
    let earlier = ask(&sum).await.unwrap();
    assert_eq!(
        (earlier.id, Some(earlier.ended)),
        (log.id, log.completed_at)
    );
    let again = app.import(small_backup()).await.json();
    assert_eq!(again["same_as"], log.id);
    let request = upload().header("prefer", "respond-async");
    let at_once = app.send(request.body(small_backup().into()).unwrap()).await;
    assert_eq!(at_once.json()["same_as"], again["import_id"]);
    for odd in ["", "no+sum", &"a".repeat(5_000)] {
        assert_eq!(ask(odd).await, None);
    }
    app.stop().await;
}
