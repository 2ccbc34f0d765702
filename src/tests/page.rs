//! The page as the server sends it: whole, so that it is of use before and without its scripts.

use axum::{body::Body, http::Request};
use serde_json::json;
use sqlx::PgPool;

use super::{
    app::{App, upload},
    fixtures::small_backup,
};
use crate::model::asked::Shows;
use crate::{
    model::import_log::{Cleared, ImportStatus},
    server_fns::{imports::ImportDetails, scheduler::ReadSchedulerPage},
};

#[sqlx::test(migrations = false)]
async fn the_page_comes_with_its_rows(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.send(
        upload()
            .header("x-filename", "numwatch-backup-2025-06-27.json")
            .body(small_backup().into())
            .unwrap(),
    )
    .await;
    app.import("[]").await;
    let failure = app.newest().await.error_message.unwrap();
    for path in ["/", "/scheduler"] {
        let reply = app.page(path).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("content-type")),
            (200, "text/html; charset=utf-8")
        );
        let html = reply.text();
        assert!(html.starts_with("<!DOCTYPE html>"), "{}", &html[..100]);
        assert!(html.contains("numwatch-backup-2025-06-27.json"));
        assert!(html.contains("id=\"import-1\"") && html.contains("id=\"import-2\""));
        for column in [
            "Filename", "Type", "Started", "Status", "Records", "Games", "Results",
        ] {
            assert!(html.contains(column), "{column}");
        }
    }
    let details = app.page("/?details=2").await.text();
    let first_words = failure.split(':').next().unwrap();
    assert!(
        details.contains(first_words),
        "the open row shows why it failed"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_page_of_a_newcomer_says_what_to_press(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    assert!(app.page("/").await.text().contains("No imports yet"));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_filename_is_text_and_never_markup(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let name = "%3Cscript%3Ealert(1).json";
    app.send(
        upload()
            .header("x-filename", name)
            .body(small_backup().into())
            .unwrap(),
    )
    .await;
    assert_eq!(
        app.newest().await.filename.as_deref(),
        Some("<script>alert(1).json")
    );
    let html = app.page("/").await.text();
    assert!(!html.contains("<script>alert(1)"), "{html}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_address_that_is_no_page_is_404_in_both_worlds(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let reply = app.page("/nowhere").await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("content-type")),
        (404, "text/html; charset=utf-8")
    );
    assert!(reply.text().contains("There is no such page"));
    assert_eq!(
        app.get("/nowhere").await.problem(404),
        "There is nothing at /nowhere."
    );
    for outside in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/pkg/../../Cargo.toml",
    ] {
        assert_eq!(app.page(outside).await.status.as_u16(), 404, "{outside}");
    }
    app.stop().await;
}

/// What a form of the page does without scripts.
#[sqlx::test(migrations = false)]
async fn a_form_starts_an_import_and_leads_back_to_the_page(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let form = Request::post("/api/import_sample")
        .header("accept", "text/html")
        .header("referer", "http://127.0.0.1:3000/")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::empty())
        .unwrap();
    let reply = app.send(form).await;
    assert_eq!(reply.status.as_u16(), 302, "{}", reply.text());
    assert!(
        reply
            .header("location")
            .starts_with("http://127.0.0.1:3000/"),
        "{}",
        reply.header("location")
    );
    let log = app.ended(app.newest().await.id).await;
    assert_eq!(
        (json!(log.status), json!(log.requested_by)),
        (json!("success"), json!("page"))
    );
    app.stop().await;
}

/// The page that follows shows the form as it was given, and why it was refused.
#[sqlx::test(migrations = false)]
async fn a_form_that_is_refused_without_scripts_keeps_its_values(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut back = "http://127.0.0.1:3000/?__path=old&start_date=2024-01-01".to_owned();
    for (start, end) in [("2025-06-14", "2025-06-13"), ("2025-06-15", "2025-06-12")] {
        let form = Request::post("/api/import_range")
            .header("accept", "text/html")
            .header("referer", &back)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(format!("start_date={start}&end_date={end}")));
        let reply = app.send(form.unwrap()).await;
        assert_eq!(reply.status.as_u16(), 302, "{}", reply.text());
        reply.header("location").clone_into(&mut back);
        let path = back.trim_start_matches("http://127.0.0.1:3000");
        let html = app.page(path).await.text();
        assert!(html.contains(&format!(
            "The range ends ({end}) before it starts ({start})"
        )));
        assert!(html.contains(&format!("value=\"{start}\"")), "{html}");
        assert!(html.contains(&format!("value=\"{end}\"")), "{html}");
    }
    app.stop().await;
}

/// What the page's script calls: the answer is typed, and a refusal has its status and sentence.
#[sqlx::test(migrations = false)]
async fn the_pages_own_calls_answer_with_honest_statuses(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let call = async |name: &str, form: &'static str| {
        let request = Request::post(format!("/api/{name}"))
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form));
        app.send(request.unwrap()).await
    };
    app.refuse_small_backups().await;
    app.import(small_backup()).await;
    let shown = app
        .read(ReadSchedulerPage {
            all_failures: false,
            all_runs: false,
        })
        .await;
    assert_eq!(
        (
            shown.unresolved_failures,
            shown.newest_unresolved,
            shown.finished_logs
        ),
        (1, Some(1), 1)
    );
    assert_eq!(
        (shown.today.to_string().as_str(), shown.has_results),
        ("2025-06-22", false)
    );
    let details = app.read(ImportDetails { id: 1 }).await;
    let failed = app.log(1).await;
    assert_eq!(failed.status, ImportStatus::Failed);
    assert_eq!(details.outcome, failed.error_message.unwrap_or_default());

    let reply = call("retry_import", "id=9").await;
    assert_eq!(reply.status.as_u16(), 404);
    assert!(
        reply.text().contains("There is no import #9."),
        "{}",
        reply.text()
    );
    assert_eq!(call("cancel_import", "id=1").await.status.as_u16(), 409);
    assert_eq!(
        call("import_range", "start_date=2025-06-22&end_date=2025-06-20")
            .await
            .status
            .as_u16(),
        422
    );
    assert_eq!(call("start_scheduler", "").await.status.as_u16(), 503);
    assert_eq!(call("retry_import", "id=1").await.status.as_u16(), 200);
    app.ended(2).await;
    let cleared: Cleared = call("clear_import_logs", "").await.unpacked();
    assert_eq!((cleared.removed, cleared.open_failures_left), (1, 1));
    app.stop().await;
}

/// Whatever changes is on the next page.
#[sqlx::test(migrations = false)]
async fn the_page_is_never_older_than_its_data(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    for number in 1..=3 {
        app.import(small_backup()).await;
        for address in ["/", "/scheduler"] {
            let html = app.page(address).await.text();
            assert!(html.contains(&format!("id=\"import-{number}\"")), "{html}");
        }
    }
    app.delete("/import-logs").await;
    assert!(!app.page("/").await.text().contains("id=\"import-1\""));
    app.stop().await;
}

/// "One click runs it again" also when twenty imports came after it.
#[sqlx::test(migrations = false)]
async fn a_failure_stays_in_sight_until_it_is_put_right(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.refuse_small_backups().await;
    app.import(small_backup()).await;
    for _ in 0..20 {
        app.post("/import-sample-data").await;
    }
    let shown = app.state.overview.page(Shows::default()).await.unwrap();
    assert_eq!((shown.logs.len(), shown.older_failures), (21, 1));
    assert_eq!((shown.logs[20].id, shown.newest_unresolved), (1, Some(1)));
    let html = app.page("/").await.text();
    assert!(html.contains("latest 20, and 1 older failure still unresolved"));
    assert!(html.contains("Retry import #1"));
    assert_eq!(
        app.get("/import-logs")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        20,
        "clients of the API get what they know"
    );
    app.execute("UPDATE import_logs SET resolved_by = 2 WHERE id = 1")
        .await;
    let shown = app.state.overview.page(Shows::default()).await.unwrap();
    assert_eq!((shown.logs.len(), shown.older_failures), (20, 0));
    app.stop().await;
}
