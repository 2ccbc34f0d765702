//! The page of one import as the server sends it, its rejects page by page and as files, and the removal of its log.

use std::time::Duration;

use axum::{body::Body, http::Request};
use leptos::server_fn::error::ServerFnUrlError;
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{backup, feed, game, result, small_backup},
    reply::Reply,
};
use crate::{
    error::{AppError, ErrorKind},
    server::feed::simulator::Trouble,
};

/// A backup with so many records that can't be used.
fn with_rejects(rejects: usize) -> String {
    let mut results = vec![result(9, "2025-06-22"); rejects];
    results.push(result(1, "2025-06-22"));
    backup(&[game(1, "A")], &results)
}

#[sqlx::test(migrations = false)]
async fn an_import_has_a_page_of_its_own(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import_named("bad.json", "[]".to_owned()).await;
    let reply = app.page("/imports/1").await;
    assert_eq!(reply.status.as_u16(), 200);
    reply.shows(&[
        "<title>Import #1 ",
        "bad.json",
        "Mend the file or make a new backup",
        "SHA-256",
        "/api/dismiss_failure",
        "It was accepted from the API",
        "A worker began it",
        "localhost:3000/imports/1",
        "ask=remove",
        "data-says=\"Import #1 failed: ",
    ]);
    assert!(!reply.text().contains("http-equiv=\"refresh\""));
    for (path, says) in [
        ("/imports/20", "There is no import #20."),
        ("/imports/2147483648", "There is no import #2147483648."),
        ("/imports/x", "There is no import #x."),
    ] {
        let reply = app.page(path).await;
        assert_eq!(reply.status.as_u16(), 404, "{path}");
        reply.shows(&[says]);
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_running_import_comes_anew_without_what_was_refused(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    let of = |path: &str| {
        let error = AppError::new(ErrorKind::Conflict, "It can't be.");
        let back = ServerFnUrlError::new(path, error);
        let back = back.to_url(&format!("http://localhost/imports/{id}"));
        let back = back.unwrap();
        format!("{}?{}", back.path(), back.query().unwrap_or_default())
    };
    let reply = app.page(&of("/api/retry_import")).await;
    reply.shows(&[
        "It can't be.",
        "/api/cancel_import",
        "data-poll",
        &format!(
            "<noscript><meta http-equiv=\"refresh\" content=\"5; url=/imports/{id}\"></noscript>"
        ),
    ]);
    assert_eq!(reply.header("refresh"), "", "scripts need none");
    let foreign = app.page(&of("/api/import_range")).await;
    assert!(!foreign.text().contains("It can't be."));
    app.worker.shut_down(Duration::ZERO).await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn all_rejects_that_are_kept_can_be_reached_page_by_page_both_ways(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import_named("odd.json", with_rejects(250)).await;
    let link = |reply: &Reply, rel: &str| {
        let html = reply.text();
        let tag = html
            .split("<a ")
            .find(|tag| tag.contains(&format!("rel=\"{rel}\"")));
        tag.and_then(|tag| {
            let address = tag.split("href=\"").nth(1)?.split('"').next()?;
            address.split('#').next().map(str::to_owned)
        })
    };
    let first = app.page("/imports/1").await;
    first.shows(&["1 to 100 of 250.", "results 100: ", "rejects.csv"]);
    assert_eq!(link(&first, "prev"), None);
    let second = app.page(&link(&first, "next").unwrap()).await;
    second.shows(&["101 to 200 of 250.", "results 101: ", "results 200: "]);
    let third = app.page(&link(&second, "next").unwrap()).await;
    third.shows(&["201 to 250 of 250.", "results 250: "]);
    assert_eq!(link(&third, "next"), None);
    let back = app.page(&link(&third, "prev").unwrap()).await;
    back.shows(&["101 to 200 of 250.", "results 101: "]);
    let wrong = app.page("/imports/1?rejects_after=x").await;
    assert_eq!(wrong.status.as_u16(), 400);
    wrong.shows(&["rejects_after: \"x\" is no place"]);
    let both = app
        .page("/imports/1?rejects_after=1&rejects_before=9")
        .await;
    assert_eq!(both.status.as_u16(), 400);
    app.page("/imports/1?rejects_after=99999")
        .await
        .shows(&["1 to 100 of 250."]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn rejects_are_to_be_had_as_files_in_which_nothing_runs(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import_named("odd.json", with_rejects(1200)).await;
    app.execute(
        "UPDATE import_rejects SET record = '=1+1', reason = 'say \"no\", please'
         WHERE id = (SELECT min(id) FROM import_rejects)",
    )
    .await;
    let csv = app.get("/import-logs/1/rejects.csv").await;
    assert_eq!(
        (
            csv.header("content-type"),
            csv.header("content-disposition")
        ),
        (
            "text/csv; charset=utf-8; header=present",
            "attachment; filename=\"import-1-rejects.csv\""
        )
    );
    let text = csv.text();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 1200 + 1, "each piece follows the other");
    assert_eq!(lines[0], r#""section","position","date","reason","record""#);
    assert_eq!(lines[1], r#""results",1,"","say ""no"", please","'=1+1""#);
    let json = app.get("/import-logs/1/rejects.ndjson").await;
    assert_eq!(json.header("content-type"), "application/x-ndjson");
    assert_eq!(json.text().lines().count(), 1200);
    let array = app.get("/import-logs/1/rejects").await.json();
    assert_eq!(array.as_array().unwrap().len(), 1200);
    for kind in ["csv", "ndjson"] {
        let none = app.get(&format!("/import-logs/9/rejects.{kind}")).await;
        assert!(none.problem(404).contains("There is no import #9."));
    }
    app.import_named("good.json", small_backup()).await;
    assert_eq!(
        app.get("/import-logs/2/rejects.csv").await.text(),
        "\"section\",\"position\",\"date\",\"reason\",\"record\"\r\n"
    );
    assert_eq!(app.get("/import-logs/2/rejects").await.text(), "[]");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_range_shows_its_days_as_a_calendar(pool: PgPool) {
    let trouble = Trouble {
        bad_dates: vec!["2025-06-01".parse().unwrap()],
        ..Trouble::default()
    };
    let feed = feed(trouble).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.post("/scheduler/import-range?start_date=2025-05-25&end_date=2025-06-15")
        .await;
    app.page("/imports/1").await.shows(&[
        "May 2025",
        "Jun 2025",
        "21 imported ✓ · 1 failed ✗",
        "cell-bad",
        "href=\"#day-2025-06-01\"",
        "id=\"day-2025-06-01\"",
        "All 22 days with their numbers",
        "asks only for the days that are still missing",
    ]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_log_of_an_import_that_has_ended_can_be_removed(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.refuse_small_backups().await;
    app.import_named("open.json", small_backup()).await;
    app.import_named("odd.json", with_rejects(3)).await;
    let asked = app.page("/imports/1?ask=remove").await;
    asked.shows(&[
        "Remove import #1?",
        "It is an open failure",
        "/imports/1/remove",
    ]);
    let remove = async |id: &str| {
        let request = Request::post(format!("/imports/{id}/remove"))
            .header("accept", "text/html")
            .header("host", "localhost:3000")
            .header("origin", "http://localhost:3000");
        app.send(request.body(Body::empty()).unwrap()).await
    };
    let removed = remove("1").await;
    assert_eq!(
        (removed.status.as_u16(), removed.header("location")),
        (303, "/imports/1?removed=true")
    );
    let gone = app.page("/imports/1?removed=true").await;
    assert_eq!(gone.status.as_u16(), 200);
    gone.shows(&["The log of import #1 was removed."]);
    assert_eq!(remove("1").await.status.as_u16(), 404);

    let reply = app.delete("/import-logs/2").await;
    assert_eq!(reply.json()["message"], "Removed the log of import #2.");
    assert_eq!(app.number("SELECT count(*) FROM import_rejects").await, 0);
    assert_eq!(app.data().await, (1, 1), "what it brought stays");
    app.delete("/import-logs/2").await.problem(404);

    app.worker.shut_down(Duration::ZERO).await;
    let running = app.queue(small_backup()).await;
    let sentence = app
        .delete(&format!("/import-logs/{running}"))
        .await
        .problem(409);
    assert!(
        sentence.contains("is still running. Cancel it"),
        "{sentence}"
    );
    let refused = remove(&running.to_string()).await;
    assert_eq!(refused.status.as_u16(), 200);
    refused.shows(&["is still running. Cancel it"]);
    app.stop().await;
}
