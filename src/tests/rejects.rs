//! Records that can't be used: the rest goes on without them, and the log keeps them.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{backup, game, result},
};
use crate::{
    model::import_log::{FailureKind, ImportDetails, ImportReject, ImportStatus},
    server::db::{attempts::AttemptKey, import_rejects},
};

async fn newest(app: &App) -> ImportDetails {
    app.state.logs.details(app.newest().await.id).await.unwrap()
}

fn brief(reject: &ImportReject) -> (&str, i64, &str) {
    (&reject.section, reject.position, &reject.reason)
}

#[sqlx::test(migrations = false)]
async fn a_result_of_no_game_is_rejected_with_its_position(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    // A game with the database id 1 exists, which is not what this file's 1 means.
    app.import(backup(&[game(1, "A")], &[])).await;
    app.import(backup(
        &[game(7, "A")],
        &[
            result(7, "2025-06-20"),
            result(1, "2025-06-21"),
            result(7, "2025-06-22"),
        ],
    ))
    .await;
    let ImportDetails { log, rejects, .. } = newest(&app).await;
    assert_eq!(
        (log.status, log.records_rejected, log.results_created),
        (ImportStatus::Success, 1, 2)
    );
    assert_eq!(
        rejects.iter().map(brief).collect::<Vec<_>>(),
        [("results", 2, "game_id 1 is the id of no game in this file.")]
    );
    let record: Value = serde_json::from_str(&rejects[0].record).unwrap();
    assert_eq!(
        (
            &record["game_id"],
            &record["result_date"],
            &record["result_3up"]
        ),
        (&json!(1), &json!("2025-06-21"), &json!("082"))
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn of_two_games_with_one_id_the_second_is_rejected_and_so_are_results_that_name_it(
    pool: PgPool,
) {
    let app = App::working(&pool, &[]).await;
    let games = [game(1, "A"), game(1, "B"), game(1, "A"), game(2, "C")];
    app.import(backup(
        &games,
        &[result(1, "2025-06-22"), result(2, "2025-06-22")],
    ))
    .await;
    let ImportDetails { log, rejects, .. } = newest(&app).await;
    assert_eq!(
        (log.status, log.records_rejected, log.duplicates),
        (ImportStatus::Success, 2, 1)
    );
    assert_eq!((log.games_created, log.results_created), (2, 1));
    let reason = "id 1 is also that of game 1 (A): results that name it could mean either.";
    assert_eq!(
        rejects.iter().map(brief).collect::<Vec<_>>(),
        [
            ("games", 2, reason),
            (
                "results",
                1,
                "game_id 1 is the id of more than one game in this file."
            )
        ]
    );
    assert_eq!(
        app.number("SELECT count(*) FROM games WHERE base_game_id = 'B'")
            .await,
        0
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_record_that_breaks_a_rule_is_rejected_and_the_rest_goes_on(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let results = [
        result(1, "2025-02-30"),
        json!({ "game_id": 1, "result_date": "2025-06-20", "result_3up": 282, "status": "completed" }),
        json!({ "game_id": 1, "result_date": "2025-06-21", "result_3up": "9".repeat(21), "status": "completed" }),
        json!({ "game_id": 1, "result_date": null, "status": "completed" }),
        result(1, "2025-06-22"),
    ];
    app.import(backup(&[game(1, "A"), game(2, &"x".repeat(51))], &results))
        .await;
    let ImportDetails { log, rejects, .. } = newest(&app).await;
    assert_eq!(log.status, ImportStatus::Success);
    let rejected = usize::try_from(log.records_rejected).unwrap();
    assert_eq!(
        (rejected, i64::from(log.results_created)),
        (rejects.len(), app.data().await.1)
    );
    assert!(
        rejects
            .iter()
            .any(|reject| reject.section == "results" && reject.position == 1),
        "{rejects:?}"
    );
    assert!(
        rejects
            .iter()
            .any(|reject| reject.section == "games" && reject.position == 2),
        "{rejects:?}"
    );
    assert_eq!(log.records_processed, 7);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn ten_thousand_are_kept_and_all_are_counted(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    // Some that the decoder rejects, some that only the database can tell, and one that is good.
    let mut results = vec![result(1, "2025-02-30"); 10_500];
    results.extend(vec![result(9, "2025-06-22"); 1_500]);
    results.push(result(1, "2025-06-22"));
    app.import(backup(&[game(1, "A")], &results)).await;
    let ImportDetails { log, rejects, .. } = newest(&app).await;
    assert_eq!(
        (log.status, log.records_rejected, log.records_processed),
        (ImportStatus::Success, 12_000, 12_002)
    );
    assert_eq!(log.results_created, 1);
    assert_eq!(
        app.number("SELECT count(*) FROM import_rejects").await,
        10_000
    );
    assert_eq!(rejects.len(), 100, "the details show the first of them");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_import_of_which_nothing_is_good_fails_and_keeps_what_was_wrong(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let reply = app
        .import(backup(
            &[],
            &[result(5, "2025-06-22"), result(6, "2025-02-30")],
        ))
        .await;
    let sentence = reply.problem(422);
    assert!(
        sentence.starts_with("None of its 2 records can be used. The first: results "),
        "{sentence}"
    );
    let ImportDetails { log, rejects, .. } = newest(&app).await;
    assert_eq!(
        (log.status, log.failure_kind),
        (ImportStatus::Failed, Some(FailureKind::InvalidInput))
    );
    assert_eq!(log.error_message, Some(sentence));
    assert_eq!(
        (log.records_processed, log.records_rejected, rejects.len()),
        (2, 2, 2)
    );
    assert_eq!(app.data().await, (0, 0));
    app.stop().await;
}

/// A batch whose commit's answer was lost is kept already; it is not kept a second time.
#[sqlx::test(migrations = false)]
async fn a_batch_that_is_written_again_is_kept_once(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(backup(&[], &[])).await;
    let claimed = app.claim(id).await.unwrap();
    let key = AttemptKey {
        import_id: id,
        number: claimed.attempt,
    };
    let batch: Vec<ImportReject> = (1..=5)
        .map(|position| ImportReject {
            section: "results".into(),
            position,
            date: None,
            reason: "odd".into(),
            record: "{}".into(),
        })
        .collect();
    let mut db = app.pool.acquire().await.unwrap();
    // The first three; then all five, by one who never heard of them; then two more behind five.
    for (rejects, before, kept) in [(&batch[..3], 0, 3), (&batch[..], 0, 5), (&batch[..2], 5, 7)] {
        assert!(
            import_rejects::keep(&mut db, key, rejects, 7, before)
                .await
                .unwrap()
        );
        let page = import_rejects::page(&app.pool, id, 0, 100).await.unwrap();
        assert_eq!(page.len(), kept);
        let positions: Vec<i64> = page
            .iter()
            .take(5)
            .map(|(_, reject)| reject.position)
            .collect();
        assert_eq!(positions, (1..=5).take(kept).collect::<Vec<i64>>());
    }
    drop(db);
    app.stop().await;
}

/// A retry finds the same rejects; it doesn't add them to those of the first.
#[sqlx::test(migrations = false)]
async fn rejects_belong_to_their_own_import(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.execute("ALTER TABLE results ADD CHECK (result_3up <> '082')")
        .await;
    let results = [result(17, "2025-06-22"), result(5, "2025-06-22")];
    app.import(backup(
        &[game(17, "L03-01")],
        &[results[0].clone(), json!({})],
    ))
    .await;
    let id = app.newest().await.id;
    let again = app.post(&format!("/import-logs/{id}/retry")).await.id("id");
    app.ended(again).await;
    for id in [id, again] {
        assert_eq!(app.state.logs.details(id).await.unwrap().rejects.len(), 1);
    }
    app.stop().await;
}
