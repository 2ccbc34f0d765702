//! Checking a file before its import: what is answered, kept, and imported with one click.

use std::{io::Write as _, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use chrono::{DateTime, TimeDelta};
use futures::stream;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    app::{App, eventually, upload},
    checks_foretell::all_of_it,
    fixtures::{backup, game, generated, result, sha256, small_backup},
    reply::Reply,
};
use crate::{
    model::import_log::{ImportStatus, Requester},
    server::{
        db::{check_starts, checking},
        payloads::checks::Ended,
    },
};

async fn check(app: &App, file: impl Into<Body>) -> Reply {
    let request = upload().uri("/import-backup?dry_run=true");
    let request = request.header("x-filename", "%E0%B8%81.json");
    app.send(request.body(file.into()).unwrap()).await
}

/// Checks a file that can be imported; answers its token.
async fn token(app: &App, file: impl Into<Body>) -> String {
    let reply = check(app, file).await;
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.text());
    reply.json()["checked"].as_str().unwrap().to_owned()
}

/// How many payloads the store holds.
fn payloads(app: &App) -> usize {
    let entries = std::fs::read_dir(app.folder.path()).unwrap();
    entries
        .filter(|entry| entry.as_ref().unwrap().path().is_file())
        .count()
}

#[sqlx::test(migrations = false)]
async fn a_check_answers_what_an_import_would_count_and_show(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    let differs = json!({ "game_id": 17, "result_date": "2025-06-22", "result_3up": "083", "status": "completed" });
    let file = backup(
        &[game(17, "L03-01"), game(18, "L04-01")],
        &[differs, result(18, "2025-06-22"), result(19, "2025-06-22")],
    );
    let before = all_of_it(&app).await;
    let reply = check(&app, file.clone()).await;
    assert_eq!(before, all_of_it(&app).await, "nothing is written");
    let answer = reply.json();
    assert_eq!(reply.status.as_u16(), 200, "{answer}");
    for (name, expected) in [
        ("dry_run", json!(true)),
        ("filename", json!("ก.json")),
        ("file_size", json!(file.len())),
        ("sha256", json!(sha256(file.as_bytes()))),
        ("records_processed", json!(5)),
        ("games_created", json!(1)),
        ("games_updated", json!(0)),
        ("results_created", json!(1)),
        ("results_updated", json!(0)),
        ("results_corrected", json!(0)),
        ("results_unchanged", json!(0)),
        ("results_differing", json!(1)),
        ("duplicates", json!(0)),
        ("records_rejected", json!(1)),
        ("note", Value::Null),
        ("checked_at", json!("2025-06-22T10:00:00Z")),
        ("expires_at", json!("2025-06-22T11:00:00Z")),
        (
            "new_games",
            json!([{ "base_game_id": "L04-01", "game_name": "ดาวโจนส์ L04-01", "country_code": null }]),
        ),
    ] {
        assert_eq!(answer[name], expected, "{name}: {answer}");
    }
    assert_eq!(answer["differences"][0]["stored"]["result_3up"], "082");
    assert_eq!(answer["differences"][0]["brought"]["result_3up"], "083");
    let reason = answer["rejects"][0]["reason"].as_str().unwrap();
    assert_eq!(reason, "game_id 19 is the id of no game in this file.");
    app.stop().await;
}

/// A result of game 17 or 18 on the nth day of July.
fn of_day(game: i64, nth: u32, up3: &str, down2: Option<&str>, status: &str) -> Value {
    json!({ "game_id": game, "result_date": format!("2025-07-{:02}", nth + 1), "result_3up": up3,
        "result_2down": down2, "status": status })
}

#[sqlx::test(migrations = false)]
async fn a_check_shows_the_first_of_what_is_new_completed_and_equal_in_the_files_order(
    pool: PgPool,
) {
    let app = App::working(&pool, &[]).await;
    let games = [game(17, "L03-01"), game(18, "L04-01")];
    let lacking = |nth| of_day(17, nth, "082", None, "waiting");
    let whole = |nth| of_day(18, nth, "111", Some("22"), "completed");
    let stored: Vec<_> = (0..25).map(lacking).chain((0..25).map(whole)).collect();
    app.import(backup(&games, &stored)).await;

    // From the last day to the first, of three games in turn; one draw comes twice, and stands for one.
    let new = |nth| json!({ "game_id": 19, "result_date": format!("2025-07-{:02}", nth + 1), "result_3up": "333", "status": "completed" });
    let brought = (0..25).rev().flat_map(|nth| {
        let fills = of_day(17, nth, "082", Some("05"), "completed");
        [new(nth), fills, whole(nth)]
    });
    let brought: Vec<_> = brought.chain([whole(24)]).collect();
    let [first, second] = games;
    let third = json!({ "id": 19, "base_game_id": "L05-01", "game_name": "ใหม่ <b>" });
    let file = backup(&[first, second, third], &brought);
    let answer = check(&app, file).await.json();
    let days = |list: &str| -> Vec<String> {
        let draws = answer[list].as_array().unwrap();
        let day = |draw: &Value| draw["result_date"].as_str().unwrap().to_owned();
        draws.iter().map(day).collect()
    };
    let expected: Vec<_> = (6..=25)
        .rev()
        .map(|day| format!("2025-07-{day:02}"))
        .collect();
    for (list, counter) in [
        ("created", "results_created"),
        ("completed", "results_updated"),
        ("unchanged", "results_unchanged"),
    ] {
        assert_eq!(answer[counter], 25, "{answer}");
        assert_eq!(days(list), expected, "{list}");
    }
    let values = |up3: &str, down2: Option<&str>, status: &str| json!({ "result_3up": up3, "result_2down": down2, "result_4up": null, "status": status });
    let added = values("333", None, "completed");
    assert_eq!(
        answer["created"][0],
        json!({ "base_game_id": "L05-01", "game_name": "ใหม่ <b>", "result_date": "2025-07-25",
            "stored": null, "brought": added, "becomes": added })
    );
    let whole_now = values("082", Some("05"), "completed");
    assert_eq!(
        answer["completed"][0],
        json!({ "base_game_id": "L03-01", "game_name": "ดาวโจนส์ L03-01", "result_date": "2025-07-25",
            "stored": values("082", None, "waiting"), "brought": whole_now, "becomes": whole_now })
    );
    let equal = values("111", Some("22"), "completed");
    for member in ["stored", "brought", "becomes"] {
        assert_eq!(answer["unchanged"][0][member], equal, "{member}");
    }
    let page = app
        .page(&format!("/checked/{}", answer["checked"].as_str().unwrap()))
        .await;
    page.shows(&[
        "25 results to add: the first 20",
        "25 results to complete: the first 20",
        "25 results stored just so: the first 20",
        "082 (waiting)",
        "082-05",
        "ใหม่ &lt;b&gt;",
    ]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_file_of_which_all_is_stored_is_shown_all_the_same(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    let answer = check(&app, small_backup()).await.json();
    assert_eq!(answer["results_unchanged"], 1);
    assert_eq!(
        answer["unchanged"][0]["result_date"], "2025-06-22",
        "{answer}"
    );
    assert_eq!(
        (&answer["created"], &answer["completed"]),
        (&json!([]), &json!([]))
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn postgresql_itself_lets_a_check_write_nothing(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for forbidden in [
        "INSERT INTO games (base_game_id, game_name) VALUES ('A', 'A')",
        "UPDATE import_logs SET note = ''",
        "SELECT nextval('import_logs_id_seq')",
        "CREATE TEMPORARY TABLE more (a integer)",
        "SELECT FROM results FOR UPDATE",
    ] {
        let limit = Duration::from_secs(10);
        let mut tx = checking::begin(&app.pool, limit).await.unwrap();
        let refused = sqlx::raw_sql(forbidden)
            .execute(&mut *tx)
            .await
            .unwrap_err();
        let code = refused
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .unwrap();
        assert_eq!(code, "25006", "{forbidden}: {refused}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_file_that_cant_be_imported_is_answered_as_its_import_would_be_and_leaves_nothing(
    pool: PgPool,
) {
    let app = App::working(&pool, &[("NUMWATCH_MAX_UPLOAD_BYTES", "1000")]).await;
    let unusable = backup(&[], &[result(1, "2025-06-22")]);
    for file in ["", "no JSON", "[]", &unusable, &" ".repeat(2000)] {
        let before = all_of_it(&app).await;
        let checked = check(&app, file.to_owned()).await;
        assert_eq!(before, all_of_it(&app).await, "it leaves no log");
        assert_eq!(payloads(&app), 0, "and no file: {file}");
        let imported = app.import(file.to_owned()).await;
        let status = imported.status.as_u16();
        assert_eq!(checked.problem(status), imported.problem(status));
        // What an import leaves goes right after its answer.
        eventually("no file is left", async || {
            (payloads(&app) == 0).then_some(())
        })
        .await;
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_checked_file_is_imported_without_being_sent_again_and_once(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let token = token(&app, generated(50)).await;
    assert_eq!(payloads(&app), 1);
    let address = format!("/import-backup?checked={token}");
    let reply = app.post(&address).await;
    assert_eq!(reply.json()["results_created"], 50, "{}", reply.text());
    let log = app.log(reply.id("import_id")).await;
    assert_eq!(log.filename.as_deref(), Some("ก.json"));
    assert_eq!(log.requested_by, Some(Requester::Api));
    assert!(log.file_size.is_some() && log.payload_sha256.is_some());
    eventually("its import was the last to need it", async || {
        (payloads(&app) == 0).then_some(())
    })
    .await;
    let told = app.post(&address).await.problem(409);
    assert_eq!(
        told,
        format!(
            "This checked file was imported already, as #{}. To import it again, upload it.",
            log.id
        )
    );
    let page = app.page(&format!("/checked/{token}")).await;
    page.shows(&["Imported", &format!("/imports/{}", log.id)]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn of_many_who_import_a_checked_file_at_once_one_does(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let token = token(&app, small_backup()).await;
    let address = format!("/import-backup?checked={token}");
    let ask = || {
        let request = Request::post(&address).header("prefer", "respond-async");
        app.send(request.body(Body::empty()).unwrap())
    };
    let replies = futures::future::join_all((0..8).map(|_| ask())).await;
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(app.number("SELECT count(*) FROM import_logs").await, 1);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_asked_of_an_upload_has_to_make_sense(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let token = token(&app, small_backup()).await;
    for query in [
        "dry_rum=true",
        "dry_run=yes",
        "dry_run=",
        "dry_run=true&checked=x",
        "checked=",
    ] {
        let request = upload().uri(format!("/import-backup?{query}"));
        let reply = app
            .send(request.body(Body::from(small_backup())).unwrap())
            .await;
        reply.problem(400);
    }
    let with_body = upload().uri(format!("/import-backup?checked={token}"));
    let with_body = with_body.header("content-length", "5");
    app.send(with_body.body("hello".into()).unwrap())
        .await
        .problem(400);
    for gone in [
        "x",
        "../x",
        "%2e%2e%2fx",
        "0198c0de-0000-7000-8000-000000000000",
    ] {
        let told = app
            .post(&format!("/import-backup?checked={gone}"))
            .await
            .problem(404);
        assert!(told.ends_with("Check the file again."), "{told}");
    }
    assert_eq!(app.number("SELECT count(*) FROM import_logs").await, 0);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_check_takes_what_an_upload_takes(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(small_backup().as_bytes()).unwrap();
    let wide = small_backup()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect::<Vec<_>>();
    let wide = [vec![0xFF, 0xFE], wide].concat();
    for file in [packed.finish().unwrap(), wide] {
        let answer = check(&app, file).await.json();
        assert_eq!(answer["results_created"], 1, "{answer}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_check_that_nobody_waits_for_ends_and_its_file_goes(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let held = app.hold_merges().await;
    let request = upload().uri("/import-backup?dry_run=true");
    let request = request.body(Body::from(small_backup())).unwrap();
    let router = app.router.clone();
    let asking = tokio::spawn(async move { tower::ServiceExt::oneshot(router, request).await });
    app.until_held(1).await;
    assert_eq!(payloads(&app), 1);
    asking.abort();
    eventually("its file goes", async || {
        (payloads(&app) == 0).then_some(())
    })
    .await;
    drop(held);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_upload_that_breaks_off_while_it_is_to_be_checked_leaves_nothing(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let pieces = [
        Ok(Bytes::from("{\"games\": [")),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ];
    let reply = check(&app, Body::from_stream(stream::iter(pieces))).await;
    assert!(
        reply.problem(400).contains("was cut off after 11"),
        "{}",
        reply.text()
    );
    app.until_nothing_is_stored().await;
    assert_eq!(app.number("SELECT count(*) FROM import_logs").await, 0);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_checked_file_is_kept_for_an_hour_and_then_goes(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let checked = token(&app, small_backup()).await;
    let imported = token(&app, small_backup()).await;
    let import = format!("/import-backup?checked={imported}");
    let request = Request::post(import).header("prefer", "respond-async");
    let id = app
        .send(request.body(Body::empty()).unwrap())
        .await
        .id("id");
    // The store has a clock of its own.
    let now = app.number("SELECT extract(epoch FROM now())::bigint").await;
    let at = |minutes: i64| {
        DateTime::from_timestamp(now + 60 * minutes, 0)
            .unwrap()
            .to_rfc3339()
    };
    app.set_clock(&at(59));
    app.housekeeping.tidy().await.unwrap();
    assert_eq!(payloads(&app), 2, "both may still be needed");
    app.set_clock(&at(75));
    app.housekeeping.tidy().await.unwrap();
    // It is seen that nobody needs it, and seen again.
    app.set_clock(&at(86));
    app.housekeeping.tidy().await.unwrap();
    assert_eq!(payloads(&app), 1, "one is being imported");
    assert_eq!(
        app.folder
            .path()
            .join("checked")
            .read_dir()
            .unwrap()
            .count(),
        0
    );
    let reply = app.page(&format!("/checked/{checked}")).await;
    assert_eq!(reply.status.as_u16(), 404);
    reply.shows(&["This check is no longer kept", "Check the file again."]);
    app.work_on(id).await;
    assert_eq!(app.log(id).await.status, ImportStatus::Success);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_too_old_to_be_imported_says_so_before_it_goes(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let token = token(&app, small_backup()).await;
    app.set_clock("2025-06-22T11:00:00Z");
    let told = app.post(&format!("/import-backup?checked={token}")).await;
    assert!(told.problem(404).contains("kept for an hour"));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn two_are_checked_at_a_time(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let held = app.hold_merges().await;
    let ask = || {
        let request = upload().uri("/import-backup?dry_run=true");
        let request = request.body(Body::from(small_backup())).unwrap();
        let router = app.router.clone();
        tokio::spawn(async move { tower::ServiceExt::oneshot(router, request).await })
    };
    let asking = [ask(), ask(), ask()];
    eventually("all have come whole", async || {
        (payloads(&app) == 3).then_some(())
    })
    .await;
    app.until_held(2).await;
    drop(held);
    for answer in asking {
        assert_eq!(answer.await.unwrap().unwrap().status().as_u16(), 200);
    }
    app.stop().await;
}

/// The page's form, as browsers send it.
async fn send_form(app: &App, parts: &[(&str, &str)]) -> Reply {
    let part = |(name, content): &(&str, &str)| {
        format!(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{content}\r\n"
        )
    };
    let form: String = parts.iter().map(part).collect();
    let request = Request::post("/imports/check")
        .header("content-type", "multipart/form-data; boundary=x")
        .body((form + "--x--\r\n").into());
    app.send(request.unwrap()).await
}

#[sqlx::test(migrations = false)]
async fn without_scripts_the_form_leads_to_what_was_found_and_from_there_to_the_import(
    pool: PgPool,
) {
    let app = App::working(&pool, &[]).await;
    let reply = send_form(&app, &[("ก.json", &small_backup()), ("b.json", "")]).await;
    assert_eq!(reply.status.as_u16(), 303, "{}", reply.text());
    let page = app.page(reply.header("location")).await;
    page.shows(&[
        "ก.json",
        "An import would add 1 game and 1 result.",
        "ดาวโจนส์ L03-01",
        "Check the 1 other file one at a time.",
        "Kept until",
    ]);
    let address = reply
        .header("location")
        .split('?')
        .next()
        .unwrap()
        .to_owned();
    // Meanwhile another import has brought the same.
    app.import(small_backup()).await;
    let again = app.post(&format!("{address}/again")).await;
    assert_eq!(
        (again.status.as_u16(), again.header("location")),
        (303, &*address)
    );
    let page = app.page(&address).await;
    page.shows(&["An import would add nothing: every game and result is stored already."]);
    let imported = app.post(&format!("{address}/import")).await;
    assert_eq!(imported.header("location"), "/imports/2");
    let log = app.ended(2).await;
    assert_eq!(
        (log.status, log.requested_by),
        (ImportStatus::Success, Some(Requester::Page))
    );
    for (action, status) in [("import", 200), ("again", 200), ("discard", 200)] {
        let page = app.post(&format!("{address}/{action}")).await;
        assert_eq!(page.status.as_u16(), status);
        page.shows(&["Show import #2"]);
        let loaded_anew = app.page(&format!("{address}/{action}")).await;
        assert_eq!(loaded_anew.header("location"), address);
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_form_that_holds_nothing_to_check_says_what_to_do(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let before = all_of_it(&app).await;
    for (name, content, status, says) in [
        ("", "", 400, "No file was chosen."),
        ("a.json", "", 400, "The upload is empty"),
        ("a.json", "no JSON", 422, "Nothing was imported"),
    ] {
        let page = send_form(&app, &[(name, content)]).await;
        assert_eq!(page.status.as_u16(), status, "{}", page.text());
        page.shows(&[says, "Go to the Scheduler"]);
    }
    let no_form = Request::post("/imports/check").body(small_backup().into());
    let page = app.send(no_form.unwrap()).await;
    assert_eq!(page.status.as_u16(), 415);
    assert_eq!(before, all_of_it(&app).await);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_checked_file_can_be_discarded(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let token = token(&app, small_backup()).await;
    for _ in 0..2 {
        let reply = app.post(&format!("/checked/{token}/discard")).await;
        assert_eq!(reply.status.as_u16(), 303);
    }
    assert_eq!(payloads(&app), 0);
    let page = app.page(&format!("/checked/{token}")).await;
    page.shows(&["Discarded", "Nothing was imported."]);
    let told = app.post(&format!("/import-backup?checked={token}")).await;
    assert!(told.problem(409).contains("was discarded"));
    app.stop().await;
}

/// Whoever finds it settled just now, as somebody else has done it.
#[sqlx::test(migrations = false)]
async fn a_checked_file_that_is_being_discarded_is_not_imported(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let token = token(&app, small_backup()).await;
    let payloads = &app.importer.payloads;
    assert!(payloads.end_check(&token, Ended::Discarded).await.unwrap());
    assert!(
        !payloads
            .end_check(&token, Ended::Imported(1))
            .await
            .unwrap()
    );
    app.post(&format!("/import-backup?checked={token}"))
        .await
        .problem(409);
    assert_eq!(app.number("SELECT count(*) FROM import_logs").await, 0);
    app.stop().await;
}

/// As if the process had died that was about to import a checked file as this import, so long before the application's now.
fn leave_start(app: &App, token: &str, id: i32, before: TimeDelta) {
    let folder = app.folder.path().join("checked");
    let path = folder.join(format!("{token}.end"));
    std::fs::write(&path, id.to_string()).unwrap();
    let at = app.clock.now() - before;
    let marker = std::fs::File::options().write(true).open(path).unwrap();
    marker.set_modified(at.into()).unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_start_that_was_lost_with_its_process_leaves_the_check_open(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let token = token(&app, small_backup()).await;
    let (page, import) = (
        format!("/checked/{token}"),
        format!("/import-backup?checked={token}"),
    );
    leave_start(&app, &token, 77, TimeDelta::seconds(59));
    app.page(&page).await.shows(&["Show import #77"]);
    app.post(&import).await.problem(409);
    leave_start(&app, &token, 77, TimeDelta::seconds(61));
    app.page(&page).await.shows(&["Import it", "Kept until"]);
    leave_start(&app, &token, 78, TimeDelta::seconds(61));
    let reply = app.post(&import).await;
    assert_eq!(reply.json()["results_created"], 1, "{}", reply.text());
    // What was imported stays so, however long ago.
    let id = reply.id("import_id");
    leave_start(&app, &token, id, TimeDelta::minutes(30));
    let told = app.post(&import).await.problem(409);
    assert!(told.contains(&format!("as #{id}")), "{told}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_start_that_is_under_way_is_not_taken_for_a_lost_one(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let token = token(&app, small_backup()).await;
    let mut starting = app.pool.begin().await.unwrap();
    check_starts::hold(&mut starting, &token).await.unwrap();
    leave_start(&app, &token, 77, TimeDelta::minutes(10));
    let page = format!("/checked/{token}");
    app.page(&page).await.shows(&["Show import #77"]);
    drop(starting);
    eventually("it is open again", async || {
        let shown = app.page(&page).await;
        shown.text().contains("Import it").then_some(())
    })
    .await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_no_token_leads_nowhere(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for odd in [
        "%0A",
        "x",
        "%0D%0ASet-Cookie:a=b",
        "%2F%2Fexample.com",
        "%FF",
    ] {
        for action in ["import", "again", "discard"] {
            let address = format!("/checked/{odd}/{action}");
            for reply in [app.page(&address).await, app.post(&address).await] {
                let status = reply.status.as_u16();
                let refused = if odd == "%FF" { 400 } else { 404 };
                assert_eq!(status, refused, "{address}: {}", reply.text());
                assert!(!reply.headers.contains_key("location"), "{address}");
            }
        }
    }
    app.page("/checked/%0A/import")
        .await
        .shows(&["This check is no longer kept"]);
    app.stop().await;
}
