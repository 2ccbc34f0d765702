//! The page of the history, as the server sends it.

use axum::{body::Body, http::Request};
use sqlx::PgPool;

use super::{
    app::{App, upload},
    fixtures::small_backup,
    reply::Reply,
};

async fn page(app: &App, path: &str) -> Reply {
    let request = Request::get(path).header("accept", "text/html");
    app.send(request.body(Body::empty()).unwrap()).await
}

async fn import(app: &App, filename: &str, backup: String) {
    let request = upload().header("x-filename", filename);
    app.send(request.body(backup.into()).unwrap()).await;
}

/// Whether a page holds each of these texts, and loads no scripts.
#[track_caller]
fn shows(reply: &Reply, texts: &[&str]) {
    let html = reply.text();
    for text in texts {
        assert!(html.contains(text), "no {text}");
    }
    assert!(
        !html.contains(".wasm") && !html.contains(".js\""),
        "it needs no scripts"
    );
}

#[sqlx::test(migrations = false)]
async fn the_history_comes_with_its_rows_and_its_filters(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    import(&app, "good.json", small_backup()).await;
    import(&app, "bad%3Cb%3E.json", "[]".to_owned()).await;
    let all = page(&app, "/imports").await;
    assert_eq!(all.status.as_u16(), 200);
    shows(
        &all,
        &[
            "<title>Imports",
            "good.json",
            "bad&lt;b&gt;.json",
            "2 imports",
            "/import-logs.csv",
            "/imports/1",
        ],
    );
    let failed = page(&app, "/imports?unresolved=true&q=&from=").await;
    shows(
        &failed,
        &[
            "1 import",
            "bad&lt;b&gt;.json",
            "/import-logs.csv?unresolved=true",
        ],
    );
    assert!(!failed.text().contains("good.json"));
    shows(
        &page(&app, "/imports?q=nothing").await,
        &["No import matches these filters."],
    );
    let wrong = page(&app, "/imports?status=odd").await;
    assert_eq!(wrong.status.as_u16(), 400);
    shows(
        &wrong,
        &["can't be shown", "is none of running, success, failed"],
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn pages_lead_to_each_other_with_their_filters(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, started_at, completed_at, status)
         SELECT 'sample_data', '2025-06-20 10:00+00', now(), 'success' FROM generate_series(1, 50)",
    )
    .await;
    let first = page(&app, "/imports?status=success").await;
    shows(&first, &["50 imports", "rel=\"next\""]);
    assert!(!first.text().contains("rel=\"prev\""));
    let next = page(
        &app,
        "/imports?status=success&after=2025-06-20T10:00:00.000000Z,31",
    )
    .await;
    shows(
        &next,
        &[
            "/imports/30\"",
            "/imports/11\"",
            "rel=\"prev\"",
            "status=success&amp;after=",
        ],
    );
    assert!(!next.text().contains("/imports/31\""));
    app.stop().await;
}
