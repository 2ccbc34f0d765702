//! What a backup's import rejects, leaves out, fills in and leaves alone (`formats.md` §2).

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{backup, backup_results_first, game, generated, result},
};
use crate::model::import_log::{FailureKind, ImportDetails, ImportStatus};

const EMPTY: &str = "SELECT count(*) FROM results WHERE status = 'waiting' AND result_3up IS NULL";
const FILLED: &str = "SELECT count(*) FROM results
                      WHERE status = 'completed' AND result_3up = '082' AND result_2down = '05'";
const KEPT: &str = "SELECT count(*) FROM import_rejects";

async fn newest(app: &App) -> ImportDetails {
    app.state.logs.details(app.newest().await.id).await.unwrap()
}

fn reasons(details: &ImportDetails) -> Vec<(&str, i64, &str)> {
    let brief = details.rejects.iter().map(|reject| {
        (
            reject.section.as_str(),
            reject.position,
            reject.reason.as_str(),
        )
    });
    brief.collect()
}

/// A result with these members over the usual ones.
fn odd(members: &Value) -> Value {
    let mut record = result(1, "2025-06-22");
    for (name, value) in members.as_object().unwrap() {
        record[name] = value.clone();
    }
    record
}

#[sqlx::test(migrations = false)]
async fn what_is_not_understood_is_a_reject_that_says_so(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let odd = [
        odd(&json!({ "result_date": "2568-06-22" })),
        odd(&json!({ "result_date": "9999-12-31" })),
        odd(&json!({ "result_3up": "28 2" })),
        odd(&json!({ "result_2down": "282,283" })),
        odd(&json!({ "status": "done" })),
        odd(&json!({ "full_game_code": "A-20250621" })),
        odd(&json!({ "full_game_code": "B-20250622" })),
        odd(&json!({ "full_game_code": "A-20250622" })),
    ];
    let reply = app.import(backup(&[game(1, "A")], &odd)).await.json();
    assert_eq!(
        reply["message"],
        "Added 1 game and 1 result; 7 of 9 records were rejected."
    );
    let details = newest(&app).await;
    let found = reasons(&details);
    assert_eq!(found.len(), 7, "{found:?}");
    for ((_, position, reason), (expected_at, expected)) in found.iter().zip([
        (1, "2568 is a year of the Buddhist era: write 2025-06-22."),
        (2, "must be from 1900-01-01 to 2026-06-22"),
        (3, "result_3up is \"28 2\" but must be digits"),
        (4, "result_2down is \"282,283\" but must be digits"),
        (5, "status is \"done\" but must be one of"),
        (
            6,
            "full_game_code is \"A-20250621\" but must be a game id that ends in \"-20250622\"",
        ),
        (
            7,
            "full_game_code is that of game B, but game_id 1 is game A.",
        ),
    ]) {
        assert!(
            *position == expected_at && reason.contains(expected),
            "{reason}"
        );
    }
    app.stop().await;
}

/// The same rules where the results are merged instead of added.
#[sqlx::test(migrations = false)]
async fn a_full_game_code_must_be_its_games_also_when_results_come_first(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let results = [
        odd(&json!({ "full_game_code": "B-20250622" })),
        odd(&json!({ "full_game_code": "A-20250622" })),
    ];
    app.import(backup_results_first(&[game(1, "A")], &results))
        .await;
    let details = newest(&app).await;
    assert_eq!(
        (details.log.results_created, details.log.records_rejected),
        (1, 1)
    );
    assert_eq!(
        reasons(&details),
        [(
            "results",
            1,
            "full_game_code is that of game B, but game_id 1 is game A."
        )]
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_id_is_trimmed_before_it_is_compared_or_stored(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(backup(&[game(1, "L01-01-000001")], &[])).await;
    app.import(backup(
        &[game(1, "  L01-01-000001 ")],
        &[result(1, "2025-06-22")],
    ))
    .await;
    let log = app.newest().await;
    assert_eq!((log.games_created, log.results_created), (0, 1));
    assert_eq!(app.data().await, (1, 1));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_result_of_a_rejected_game_says_that(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let games = [game(1, "A"), game(2, &"x".repeat(51))];
    app.import(backup(
        &games,
        &[result(1, "2025-06-22"), result(2, "2025-06-22")],
    ))
    .await;
    let details = newest(&app).await;
    assert_eq!(
        reasons(&details)[1],
        (
            "results",
            2,
            "game_id 2 is that of game 2 in this file, which was rejected."
        )
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_odd_optional_member_costs_the_member_and_is_noted(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let mut odd_game = game(1, "A");
    odd_game["is_active"] = json!("yes");
    app.import(backup(
        &[odd_game],
        &[odd(&json!({ "created_at": "yesterday" }))],
    ))
    .await;
    let log = app.newest().await;
    assert_eq!(
        (log.status, log.records_rejected),
        (ImportStatus::Success, 0)
    );
    assert_eq!(app.data().await, (1, 1));
    assert_eq!(
        log.note.as_deref(),
        Some(
            "2 optional members aren't understood and were left out. The first: games 1: is_active is \"yes\" but must be true or false."
        )
    );
    app.stop().await;
}

/// Backups of today's system hold the word beside the status.
#[sqlx::test(migrations = false)]
async fn a_word_in_place_of_digits_is_no_value_and_is_filled_in_later(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let word = odd(&json!({ "result_3up": "รอผล", "result_2down": "รอผล", "status": "waiting" }));
    app.import(backup(&[game(1, "A")], &[word])).await;
    assert_eq!(app.number(EMPTY).await, 1);
    let reply = app
        .import(backup(&[game(1, "A")], &[result(1, "2025-06-22")]))
        .await
        .json();
    let log = app.newest().await;
    assert_eq!((log.results_updated, log.results_unchanged), (1, 0));
    assert_eq!(reply["message"], "Completed 1 result.");
    assert_eq!(app.number(FILLED).await, 1);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_file_of_whose_results_none_can_be_used_fails_though_its_games_are_good(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let sentence = app
        .import(backup(
            &[game(1, "A")],
            &[result(7, "2025-06-22"), result(1, "2025-02-30")],
        ))
        .await
        .problem(422);
    assert!(
        sentence.starts_with("None of its 2 results can be used. The first: results 2: "),
        "{sentence}"
    );
    let details = newest(&app).await;
    assert_eq!(details.log.failure_kind, Some(FailureKind::InvalidInput));
    assert_eq!(
        (details.log.records_processed, details.log.records_rejected),
        (3, 2)
    );
    assert_eq!((details.rejects.len(), app.data().await), (2, (0, 0)));
    app.stop().await;
}

/// Counts and rejects of a failed import are what was read, not what the last heartbeat saw.
#[sqlx::test(migrations = false)]
async fn a_truncated_file_tells_all_that_was_read_of_it(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let mut results = vec![result(1, "2025-06-22")];
    results.extend(vec![result(1, "2025-02-30"); 1_397]);
    let file = backup(&[game(1, "A")], &results);
    app.import(file[..file.len() - 5].to_owned())
        .await
        .problem(422);
    let log = app.newest().await;
    // The last result is cut off, and is none.
    assert_eq!(
        (log.records_processed, log.records_rejected),
        (1_398, 1_396)
    );
    assert_eq!(
        app.number("SELECT count(*) FROM import_rejects").await,
        1_396
    );
    let id = log.id;
    let all = app.get(&format!("/import-logs/{id}/rejects")).await.json();
    assert_eq!(all.as_array().unwrap().len(), 1_396);
    assert_eq!(all[1_395]["position"], 1_397);

    let whole = generated(30_000);
    app.import(whole[..whole.len() - 30].to_vec())
        .await
        .problem(422);
    let log = app.newest().await;
    assert_eq!(
        (log.status, log.records_processed),
        (ImportStatus::Failed, 30_010)
    );
    app.stop().await;
}

/// No digit is lost because its draw stands in the file twice.
#[sqlx::test(migrations = false)]
async fn of_a_draw_that_stands_there_twice_the_digits_count_wherever_they_stand(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let waiting = json!({ "game_id": 1, "result_date": "2025-06-22", "status": "waiting" });
    let half = json!({ "game_id": 1, "result_date": "2025-06-22", "result_3up": "082", "status": "completed" });
    let whole = result(1, "2025-06-22");
    for in_order in [backup, backup_results_first] {
        for results in [
            vec![waiting.clone(), whole.clone()],
            vec![whole.clone(), waiting.clone()],
            vec![whole.clone(), whole.clone()],
        ] {
            app.delete("/clear-data").await;
            app.import(in_order(&[game(1, "A")], &results)).await;
            let log = app.newest().await;
            assert_eq!(
                (log.results_created, log.results_updated, log.duplicates),
                (1, 0, 1),
                "{results:?}"
            );
            assert_eq!((log.results_differing, log.results_unchanged), (0, 0));
            assert_eq!(app.number(FILLED).await, 1, "{results:?}");
        }
    }
    // Where the first went straight into the table, the second fills in what it lacks.
    app.delete("/clear-data").await;
    app.import(backup(&[game(1, "A")], &[half, whole])).await;
    let log = app.newest().await;
    assert_eq!(
        (log.results_created, log.results_updated, log.duplicates),
        (1, 0, 1)
    );
    assert_eq!(app.number(FILLED).await, 1);
    app.stop().await;
}

/// A code that no column can hold, or that is endless, is one reject.
#[sqlx::test(migrations = false)]
async fn an_odd_full_game_code_is_one_reject(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let results = [
        odd(&json!({ "full_game_code": "A\u{0}-20250622" })),
        odd(&json!({ "full_game_code": format!("{}-20250622", "A".repeat(90_000)) })),
        odd(&json!({ "full_game_code": " A -20250622" })),
    ];
    app.import(backup(&[game(1, "A")], &results)).await;
    let details = newest(&app).await;
    assert_eq!(
        (details.log.status, details.log.results_created),
        (ImportStatus::Success, 1)
    );
    let found = reasons(&details);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].2.contains("NUL"), "{}", found[0].2);
    assert!(found[1].2.contains("at most 59 fit"), "{}", found[1].2);
    app.stop().await;
}

/// A cancelled import, too, says what it had rejected until then.
#[sqlx::test(migrations = false)]
async fn a_cancelled_import_keeps_the_rejects_that_it_had_read(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let held = app.hold_results().await;
    let mut results = vec![result(1, "2025-02-30"); 30];
    results.push(result(1, "2025-06-22"));
    let id = app.queue(backup(&[game(1, "A")], &results)).await;
    super::app::eventually("it was read", async || {
        (app.log(id).await.records_processed == 32).then_some(())
    })
    .await;
    app.post(&format!("/import-logs/{id}/cancel")).await;
    let log = app.ended(id).await;
    assert_eq!(log.failure_kind, Some(FailureKind::Cancelled));
    assert_eq!((log.records_processed, log.records_rejected), (32, 30));
    assert_eq!(app.number(KEPT).await, 30);
    drop(held);
    app.stop().await;
}

/// What an attempt has kept before it was interrupted is not kept twice.
#[sqlx::test(migrations = false)]
async fn an_import_that_is_begun_again_forgets_what_it_had_rejected(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut results = vec![result(1, "2025-02-30"); 600];
    results.push(result(1, "2025-06-22"));
    let id = app.queue(backup(&[game(1, "A")], &results)).await;
    let held = app.hold_results().await;
    let worker = app.worker.clone();
    let working = tokio::spawn(async move { worker.work_on(id).await });
    super::app::eventually("some are kept", async || {
        (app.number(KEPT).await > 0).then_some(())
    })
    .await;
    working.abort();
    app.expire_leases().await;
    drop(held);
    app.housekeeping.recover().await.unwrap();
    app.work_on(id).await;
    let log = app.ended(id).await;
    assert_eq!(
        (log.status, log.records_rejected),
        (ImportStatus::Success, 600)
    );
    assert_eq!(app.number(KEPT).await, 600);
    app.stop().await;
}
