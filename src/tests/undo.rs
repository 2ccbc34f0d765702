//! The undo of an import, and where each result comes from.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{Router, extract::Query, routing::get};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{Server, backup, game, generated, result, serve, small_backup},
    merging::{Said, answer_of, answering},
};
use crate::model::import_log::ImportStatus;

const DAY: &str = "2025-06-22";

/// A result that waits.
fn waiting(game_id: i64) -> Value {
    json!({ "game_id": game_id, "result_date": DAY, "status": "waiting" })
}

#[sqlx::test(migrations = false)]
async fn an_undo_takes_back_what_was_created_and_what_was_changed(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(backup(&[game(1, "L01")], &[waiting(1)])).await;
    app.import(backup(
        &[game(1, "L01"), game(2, "L02")],
        &[result(1, DAY), result(2, DAY)],
    ))
    .await;
    let second = app.newest().await;
    assert!(second.undoable);
    let answer = app.post(&format!("/import-logs/{}/undo", second.id)).await;
    let told = answer.json();
    assert_eq!(
        told["message"],
        "Undone: 1 result removed, 1 result put back, 1 game removed."
    );
    assert_eq!(told["dry_run"], false);
    assert_eq!(told["undone_by"], "api");
    assert_eq!(told["put_back"][0]["before"]["status"], "waiting");
    assert_eq!(told["put_back"][0]["stored"]["result_3up"], "082");
    assert_eq!(told["removed"][0]["result_date"], Value::Null);
    assert_eq!(told["removed"][1]["base_game_id"], "L02");
    assert_eq!(app.data().await, (1, 1));
    let left = app
        .number("SELECT count(*) FROM results WHERE status = 'waiting' AND result_3up IS NULL AND change_id IS NULL")
        .await;
    assert_eq!(left, 1);
    // The log keeps its status and its numbers, and says what became of them.
    let log = app.log(second.id).await;
    assert_eq!(log.status, ImportStatus::Success);
    assert_eq!((log.results_created, log.results_updated), (1, 1));
    assert!(log.undone_at.is_some() && !log.undoable);
    assert!(
        log.outcome()
            .ends_with("Undone since: 1 result removed, 1 result put back, 1 game removed.")
    );
    let details = app.get(&format!("/import-logs/{}", second.id)).await.json();
    assert_eq!(details["undone"]["results_put_back"], 1);
    assert_eq!(
        details["events"].as_array().unwrap().last().unwrap()["kind"],
        "undone"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_second_undo_does_nothing_and_the_log_tells_of_the_first(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    let id = app.newest().await.id;
    let path = format!("/import-logs/{id}/undo");
    app.post(&path).await;
    let first = app.log(id).await;
    let again = app.post(&path).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.json()["message"], "Undone: nothing was left to undo.");
    let second = app.log(id).await;
    assert_eq!(second.undone_at, first.undone_at);
    assert_eq!(second.undone, first.undone);
    assert_eq!(second.undone.results_removed, 1);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_another_import_has_changed_since_stays_and_is_listed_with_it(pool: PgPool) {
    let (answer, feed) = answering().await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.import(backup(&[game(1, "L01-01")], &[result(1, DAY)]))
        .await;
    let backup = app.newest().await.id;
    *answer.lock().unwrap() = answer_of(
        "ดาวโจนส์ L01-01",
        &[(1, [Said::Digit('7'), Said::Nothing, Said::Nothing])],
    );
    app.post(&format!(
        "/scheduler/import-range?start_date={DAY}&end_date={DAY}"
    ))
    .await;
    let feed = app.newest().await.id;
    let told = app
        .post(&format!("/import-logs/{backup}/undo"))
        .await
        .json();
    assert_eq!(told["message"], "Undone: 1 result kept, 1 game kept.");
    assert_eq!(told["kept"][0]["changed_by"], feed);
    assert_eq!(told["kept"][1]["changed_by"], feed);
    assert_eq!(app.data().await, (1, 1));
    // Its page names both.
    let page = app.page(&format!("/imports/{backup}")).await.text();
    assert!(page.contains("Kept, changed since"), "{page}");
    assert!(page.contains(&format!("href=\"/imports/{feed}\"")));
    // Once the other is undone as well, the rest goes.
    app.post(&format!("/import-logs/{feed}/undo")).await;
    let told = app
        .post(&format!("/import-logs/{backup}/undo"))
        .await
        .json();
    assert_eq!(told["message"], "Undone: 1 result removed, 1 game removed.");
    assert_eq!(app.data().await, (0, 0));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_import_of_before_provenance_was_kept_can_t_be_undone(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    app.execute("UPDATE import_logs SET traced = false; UPDATE results SET created_by = NULL")
        .await;
    let id = app.newest().await.id;
    assert!(!app.log(id).await.undoable);
    for query in ["", "?dry_run=true"] {
        let refused = app.post(&format!("/import-logs/{id}/undo{query}")).await;
        assert_eq!(refused.status, 409);
        assert_eq!(
            refused.json()["detail"],
            format!(
                "Import #{id} ran before NumWatch kept track of what each import brought, so what it brought can't be told from the rest and can't be undone."
            )
        );
    }
    assert_eq!(app.data().await, (1, 1));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_running_import_and_one_that_did_nothing_can_t_be_undone(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    let refused = app.post(&format!("/import-logs/{id}/undo")).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("is still running"));
    app.work_on(id).await;
    let again = app.queue(small_backup()).await;
    app.work_on(again).await;
    let refused = app.post(&format!("/import-logs/{again}/undo")).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("created and changed nothing"));
    let unknown = app.post("/import-logs/999/undo").await;
    assert_eq!(unknown.status, 404);
    let odd = app
        .post(&format!("/import-logs/{id}/undo?dry_run=yes"))
        .await;
    assert_eq!(odd.status, 400);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_dry_run_changes_nothing(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(generated(300)).await;
    let id = app.newest().await.id;
    let told = app
        .post(&format!("/import-logs/{id}/undo?dry_run=true"))
        .await
        .json();
    assert_eq!(told["dry_run"], true);
    assert_eq!(told["results_removed"], 300);
    // Ten games, and the first hundred results.
    assert_eq!(told["removed"].as_array().unwrap().len(), 110);
    assert_eq!(told["undone_at"], Value::Null);
    let more = app
        .post(&format!("/import-logs/{id}/undo?dry_run=true&limit=200"))
        .await
        .json();
    assert_eq!(more["removed"].as_array().unwrap().len(), 210);
    assert_eq!(app.data().await, (10, 300));
    assert!(app.log(id).await.undoable);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_file_that_was_undone_is_new_again(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    let log = app.newest().await;
    let sha256 = log.payload_sha256.clone().unwrap();
    assert!(app.state.logs.same_file(&sha256).await.unwrap().is_some());
    app.post(&format!("/import-logs/{}/undo", log.id)).await;
    assert!(app.state.logs.same_file(&sha256).await.unwrap().is_none());
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_page_asks_with_the_numbers_and_does_it_without_scripts(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    let id = app.newest().await.id;
    let page = app.page(&format!("/imports/{id}")).await.text();
    assert!(page.contains(&format!("/imports/{id}?ask=undo")));
    let asks = app.page(&format!("/imports/{id}?ask=undo")).await.text();
    assert!(
        asks.contains("1 result and 1 game are removed: created by it, and not changed since.")
    );
    assert!(asks.contains(&format!("action=\"/imports/{id}/undo\"")));
    let done = app.post(&format!("/imports/{id}/undo")).await;
    assert_eq!(done.status, 303);
    let page = app.page(&format!("/imports/{id}")).await.text();
    assert!(page.contains("Undone since: 1 result removed, 1 game removed."));
    assert!(page.contains("What it brought was undone from the page"));
    assert!(!page.contains("?ask=undo"));
    assert_eq!(app.log(id).await.undone.results_removed, 1);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_undo_waits_for_whoever_is_writing(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    let id = app.newest().await.id;
    let held = app.hold_results().await;
    let path = format!("/import-logs/{id}/undo");
    let undo = app.post(&path);
    let (reply, ()) = tokio::join!(undo, async {
        app.until_held(1).await;
        held.rollback().await.unwrap();
    });
    assert_eq!(reply.status, 200);
    assert_eq!(app.data().await, (0, 0));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn lines_of_changes_can_t_be_rewritten(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(backup(&[game(1, "L01")], &[waiting(1)])).await;
    app.import(backup(&[game(1, "L01")], &[result(1, DAY)]))
        .await;
    assert_eq!(app.number("SELECT count(*) FROM result_changes").await, 1);
    for statement in [
        "DELETE FROM result_changes",
        "UPDATE result_changes SET new_3up = '1'",
        "TRUNCATE result_changes",
        "DELETE FROM game_changes",
    ] {
        assert!(sqlx::raw_sql(statement).execute(&app.pool).await.is_err());
    }
    // They outlive the data and the logs.
    app.delete("/clear-data").await;
    app.delete("/import-logs").await;
    assert_eq!(app.number("SELECT count(*) FROM result_changes").await, 1);
    app.stop().await;
}

/// A feed whose games are called otherwise each time that it is asked.
async fn renaming() -> Server {
    let asked = Arc::new(AtomicU32::new(0));
    let answer = move |query: Query<HashMap<String, String>>| {
        let nth = asked.fetch_add(1, Ordering::SeqCst);
        async move {
            // A day begins in Bangkok at 17:00 of the day before, in UTC.
            let begins: DateTime<Utc> = query["dateCurrent"].parse().unwrap();
            let day = (begins + TimeDelta::hours(7)).format("%Y%m%d");
            axum::Json(json!({ "set": { "lists": [
                { "GAME_CODE": format!("L01-{day}"), "GAME_NAME": format!("name {nth}"), "RESULT_3UP": "123" }
            ] } }))
        }
    };
    serve(Router::new().fallback(get(answer))).await
}

#[sqlx::test(migrations = false)]
async fn a_game_that_was_renamed_on_each_day_gets_the_name_of_before_the_import_back(pool: PgPool) {
    let feed = renaming().await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let range = "/scheduler/import-range?start_date=2025-06-01&end_date=2025-06-03";
    // A game that the import itself creates goes with it, however often it has renamed it.
    app.post(range).await;
    let first = app.newest().await;
    assert_eq!((first.games_created, first.games_updated), (1, 2));
    let told = app.post(&format!("/import-logs/{}/undo", first.id)).await;
    assert_eq!(
        told.json()["message"],
        "Undone: 3 results removed, 1 game removed."
    );
    assert_eq!(app.data().await, (0, 0));
    app.import(backup(&[game(1, "L01")], &[])).await;
    app.post(range).await;
    let second = app.newest().await;
    assert_eq!((second.games_created, second.games_updated), (0, 3));
    let told = app.post(&format!("/import-logs/{}/undo", second.id)).await;
    assert_eq!(
        told.json()["message"],
        "Undone: 3 results removed, 1 game put back."
    );
    let name: String = sqlx::query_scalar("SELECT game_name FROM games WHERE change_id IS NULL")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert_eq!(name, "ดาวโจนส์ L01");
    // A line for each change that was put back.
    let lines = app
        .number("SELECT count(*) FROM game_changes WHERE undoes IS NOT NULL")
        .await;
    assert_eq!(lines, 3);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_failure_is_open_again_once_the_import_that_settled_it_is_undone(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.refuse_small_backups().await;
    app.import(small_backup()).await;
    let failed = app.newest().await.id;
    app.accept_all_backups().await;
    app.import(small_backup()).await;
    let good = app.newest().await.id;
    assert_eq!(app.log(failed).await.resolved_by, Some(good));
    app.post(&format!("/import-logs/{good}/undo")).await;
    let log = app.log(failed).await;
    assert_eq!(log.resolved_by, None);
    assert!(log.open_failure && log.retryable);
    let again = app.post(&format!("/import-logs/{failed}/retry")).await;
    assert_eq!(again.status, 202);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_day_that_a_range_lacked_is_lacking_again_once_it_is_undone(pool: PgPool) {
    let (answer, feed) = answering().await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let day = format!("/scheduler/import-range?start_date={DAY}&end_date={DAY}");
    *answer.lock().unwrap() = json!({});
    app.post(&day).await;
    let failed = app.newest().await.id;
    let digit = [Said::Digit('7'), Said::Nothing, Said::Nothing];
    *answer.lock().unwrap() = answer_of("ดาวโจนส์", &[(1, digit)]);
    app.post(&day).await;
    let good = app.newest().await.id;
    assert_eq!(app.log(failed).await.resolved_by, Some(good));
    app.post(&format!("/import-logs/{good}/undo")).await;
    assert!(app.log(failed).await.open_failure);
    let lacking = app
        .number(
            "SELECT count(*) FROM import_dates WHERE outcome = 'failed' AND resolved_by IS NULL",
        )
        .await;
    assert_eq!(lacking, 1);
    app.stop().await;
}

/// What a page says, without its tags.
fn words(html: &str) -> String {
    let mut in_tag = false;
    let keep = |character: &char| {
        in_tag = (in_tag || *character == '<') && *character != '>';
        !in_tag && *character != '>'
    };
    html.chars().filter(keep).collect()
}

#[sqlx::test(migrations = false)]
async fn a_result_tells_where_its_values_came_from_and_what_was_put_back(pool: PgPool) {
    let (answer, feed) = answering().await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.import(backup(&[game(1, "L01-01")], &[waiting(1)]))
        .await;
    let first = app.newest().await.id;
    let digit = [Said::Digit('7'), Said::Nothing, Said::Nothing];
    *answer.lock().unwrap() = answer_of("ดาวโจนส์ L01-01", &[(1, digit)]);
    app.post(&format!(
        "/scheduler/import-range?start_date={DAY}&end_date={DAY}"
    ))
    .await;
    let second = app.newest().await.id;
    let page = words(&app.page("/results/L01-01").await.text());
    assert!(page.contains(&format!("waiting, from #{first}; 7, from #{second}")));
    app.post(&format!("/import-logs/{second}/undo")).await;
    let page = words(&app.page("/results/L01-01").await.text());
    assert!(page.contains(&format!("put back to waiting: #{second} was undone")));
    // What becomes of the logs doesn't matter.
    app.delete("/import-logs").await;
    let page = words(&app.page("/results/L01-01").await.text());
    assert!(page.contains(&format!("waiting, from #{first} (its log was removed)")));
    app.stop().await;
}
