//! The name of a request: in its answer, in what tells of an error, and on the import that it began.

use axum::{body::Body, http::Request};
use sqlx::PgPool;

use super::{
    app::{App, upload},
    callers::Caller,
};
use crate::model::access::Role;

#[sqlx::test(migrations = false)]
async fn an_answer_its_problem_and_the_import_bear_the_name_of_the_request(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let request = upload().header("x-request-id", "of-mine.7");
    let reply = app.send(request.body(Body::from("[]")).unwrap()).await;
    reply.problem(422);
    assert_eq!(reply.header("x-request-id"), "of-mine.7");
    assert_eq!(reply.json()["request_id"], "of-mine.7");
    let log = app.log(reply.id("import_id")).await;
    assert_eq!(log.request_id.as_deref(), Some("of-mine.7"));
    let json = app.get(&format!("/import-logs/{}", log.id)).await.json();
    assert!(
        json.to_string().contains(r#""request_id":"of-mine.7""#),
        "{json}"
    );
    app.page(&format!("/imports/{}", log.id))
        .await
        .shows(&["Request", "of-mine.7"]);

    // Without a good name of its own it is given one, and every refusal says it, whoever refuses.
    let long = format!("/import-logs?q={}", "x".repeat(9000));
    for (path, status, given) in [
        ("/import-logs/99", 404, "<b>"),
        (long.as_str(), 414, ""),
        ("/nowhere", 404, "a b"),
    ] {
        let request = Request::get(path).header("x-request-id", given);
        let reply = app.send(request.body(Body::empty()).unwrap()).await;
        reply.problem(status);
        let id = reply.header("x-request-id");
        assert_eq!(id.len(), 36, "{id}");
        assert_eq!(reply.json()["request_id"], id);
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn whoever_is_told_of_a_fault_is_told_under_which_name_the_log_has_its_cause(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute("ALTER TABLE import_log_sums RENAME COLUMN words TO gone")
        .await;
    let page = app.page("/monitoring").await;
    assert_eq!(page.status.as_u16(), 500);
    let id = page.header("x-request-id");
    page.shows(&[&format!(
        "The server's log has the cause, under the request {id}."
    )]);
    app.execute("ALTER TABLE schedule RENAME COLUMN enabled TO gone")
        .await;
    let reply = app.get("/scheduler/status").await;
    let said = reply.problem(500);
    assert!(said.contains(reply.header("x-request-id")), "{said}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn pages_that_the_database_keeps_from_being_shown_name_the_request(pool: PgPool) {
    let open = App::idle(&pool, &[]).await;
    open.page("/monitoring").await;
    open.pool.close().await;
    let page = open.page("/monitoring").await;
    assert_eq!(page.status.as_u16(), 503);
    page.shows(&[&format!("(Request {}.)", page.header("x-request-id"))]);
    open.stop().await;

    let closed = App::idle(&pool, &[]).await;
    let person = Caller::with_account(&closed, Role::Viewer).await;
    closed.pool.close().await;
    let request = person.sends(Request::get("/monitoring").header("accept", "text/html"));
    let page = closed.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(page.status.as_u16(), 503);
    let said = format!("(Request {}.)", page.header("x-request-id"));
    page.shows(&["NumWatch can't tell who you are", &said]);
    closed.stop().await;
}
