//! `/health/live` and `/health/ready`: whether a process lives, and whether it can do what it is there for.

use serde_json::Value;
use sqlx::PgPool;

use super::{
    app::{App, eventually},
    callers::Caller,
    fixtures::small_backup,
};
use crate::{model::access::Role, server::http};

/// Asserts that all is well but for one thing.
#[track_caller]
fn only((status, told): &(u16, Value), name: &str) {
    assert_eq!(*status, 503, "{told}");
    assert_eq!(told["status"], "not ready");
    let checks = told["checks"].as_object().unwrap();
    assert_eq!(checks.len(), 4, "{told}");
    for (check, told) in checks {
        let expected = if check == name { "failed" } else { "ok" };
        assert_eq!(told["status"], expected, "{check}: {told}");
        assert_eq!(told.get("detail").is_some(), check == name);
    }
}

async fn ready(app: &App) -> (u16, Value) {
    let reply = app.get("/health/ready").await;
    (reply.status.as_u16(), reply.json())
}

/// What is said of one thing, once it is known to be missing: what was seen is told for a second.
async fn missed(app: &App, name: &str, word: &str) {
    eventually(word, async || {
        let answer = ready(app).await;
        let told = answer.1["checks"][name]["detail"].as_str();
        told?.contains(word).then(|| only(&answer, name))
    })
    .await;
}

async fn ready_again(app: &App) {
    eventually("it is ready", async || {
        (ready(app).await.0 == 200).then_some(())
    })
    .await;
}

#[sqlx::test(migrations = false)]
async fn each_thing_that_is_missing_is_named_and_nothing_else(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.presents_itself().await;
    let (status, told) = ready(&app).await;
    assert_eq!((status, &told["status"]), (200, &"ready".into()), "{told}");

    // The store is another one, and then it is not there at all.
    let id = app.folder.path().parent().unwrap().join("store-id");
    let kept = std::fs::read(&id).unwrap();
    std::fs::write(&id, "another").unwrap();
    missed(&app, "store", "another one").await;
    std::fs::remove_file(&id).unwrap();
    missed(&app, "store", "store of uploads").await;
    std::fs::write(&id, kept).unwrap();
    ready_again(&app).await;

    // The schema is older.
    app.execute(
        "UPDATE _sqlx_migrations SET success = false
         WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
    )
    .await;
    missed(&app, "migrations", "lacks 1 of").await;
    app.execute("UPDATE _sqlx_migrations SET success = true")
        .await;

    // An import that no process can take says nothing of this one: a balancer would take all of them away.
    app.queue(small_backup()).await;
    app.execute("UPDATE import_runs SET store = 'elsewhere', queued_at = now() - interval '1 hour', due_at = queued_at")
        .await;
    ready_again(&app).await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn where_only_those_come_who_watch_nobody_signs_in_and_nothing_else_is_served(pool: PgPool) {
    let mut app = App::idle(&pool, &[]).await;
    app.presents_itself().await;
    Caller::with_account(&app, Role::Viewer).await;
    app.router = http::router_of_watchers(&app.state);
    for path in ["/metrics", "/health", "/health/live", "/health/ready"] {
        assert_eq!(app.get(path).await.status.as_u16(), 200, "{path}");
    }
    for path in ["/", "/import-logs", "/games", "/sign-in"] {
        app.get(path).await.problem(404);
    }
    app.post("/metrics").await.problem(405);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_process_without_its_database_lives_and_is_not_ready(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.presents_itself().await;
    // Whoever asks need not sign in.
    Caller::with_account(&app, Role::Viewer).await;
    assert_eq!(app.get("/metrics").await.status.as_u16(), 401);
    assert_eq!(ready(&app).await.0, 200);
    app.pool.close().await;
    let told = eventually("it is not ready", async || {
        let (status, told) = ready(&app).await;
        (status == 503).then_some(told)
    })
    .await;
    let said =
        ["database", "migrations", "store", "queue"].map(|name| &told["checks"][name]["status"]);
    assert_eq!(said, ["failed", "failed", "ok", "ok"], "{told}");
    let live = app.get("/health/live").await;
    assert_eq!(live.status.as_u16(), 200);
    assert_eq!(live.text(), r#"{"status":"alive"}"#);
    app.stop().await;
}
