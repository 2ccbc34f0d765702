//! `/health/live` and `/health/ready`: whether a process lives, and whether it can do what it is there for.

use serde_json::Value;
use sqlx::PgPool;

use super::{app::App, callers::Caller, fixtures::small_backup};
use crate::{model::access::Role, server::http};

/// Asserts that all is well but for one thing, and answers what is said of that.
#[track_caller]
fn only(answer: (u16, Value), name: &str) -> String {
    let (status, told) = answer;
    assert_eq!(status, 503, "{told}");
    assert_eq!(told["status"], "not ready");
    let checks = told["checks"].as_object().unwrap();
    assert_eq!(checks.len(), 4, "{told}");
    for (check, told) in checks {
        let expected = if check == name { "failed" } else { "ok" };
        assert_eq!(told["status"], expected, "{check}: {told}");
        assert_eq!(told.get("detail").is_some(), check == name);
    }
    checks[name]["detail"].as_str().unwrap().to_owned()
}

async fn ready(app: &App) -> (u16, Value) {
    let reply = app.get("/health/ready").await;
    (reply.status.as_u16(), reply.json())
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
    let said = only(ready(&app).await, "store");
    assert!(said.contains("another one"), "{said}");
    std::fs::remove_file(&id).unwrap();
    only(ready(&app).await, "store");
    std::fs::write(&id, kept).unwrap();

    // The schema is older.
    app.execute(
        "UPDATE _sqlx_migrations SET success = false
         WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
    )
    .await;
    let said = only(ready(&app).await, "migrations");
    assert!(said.contains("lacks 1 of"), "{said}");
    app.execute("UPDATE _sqlx_migrations SET success = true")
        .await;

    // An import waits that no process can take: not at once, and not while one can.
    app.queue(small_backup()).await;
    app.execute("UPDATE import_runs SET store = 'elsewhere'")
        .await;
    assert_eq!(ready(&app).await.0, 200);
    app.execute(
        "UPDATE import_runs SET queued_at = now() - interval '20 seconds', due_at = now() - interval '20 seconds'",
    )
    .await;
    let said = only(ready(&app).await, "queue");
    assert!(said.starts_with("1 of the imports"), "{said}");
    app.execute("UPDATE processes SET store = 'elsewhere'")
        .await;
    assert_eq!(ready(&app).await.0, 200);
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
    let (status, told) = ready(&app).await;
    assert_eq!(status, 503);
    let failed = ["database", "migrations", "queue"].map(|name| &told["checks"][name]["status"]);
    assert_eq!(failed, ["failed"; 3], "{told}");
    assert_eq!(told["checks"]["store"]["status"], "ok");
    let live = app.get("/health/live").await;
    assert_eq!(live.status.as_u16(), 200);
    assert_eq!(live.text(), r#"{"status":"alive"}"#);
    app.stop().await;
}
