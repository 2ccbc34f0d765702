//! The page of the history, as the server sends it.

use axum::{body::Body, http::Request};
use sqlx::PgPool;

use super::{app::App, fixtures::small_backup};

#[sqlx::test(migrations = false)]
async fn the_history_comes_with_its_rows_and_its_filters(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import_named("good.json", small_backup()).await;
    app.import_named("bad%3Cb%3E.json", "[]".to_owned()).await;
    let all = app.page("/imports").await;
    assert_eq!(all.status.as_u16(), 200);
    all.shows(&[
        "<title>Imports",
        "good.json",
        "bad&lt;b&gt;.json",
        "2 imports",
        "/import-logs.csv",
        "/imports/1",
    ]);
    let failed = app.page("/imports?unresolved=true&q=&from=").await;
    failed.shows(&[
        "1 import",
        "bad&lt;b&gt;.json",
        "/import-logs.csv?unresolved=true",
    ]);
    assert!(!failed.text().contains("good.json"));
    app.page("/imports?q=nothing")
        .await
        .shows(&["No import matches these filters."]);
    let wrong = app.page("/imports?status=odd").await;
    assert_eq!(wrong.status.as_u16(), 400);
    wrong.shows(&["can't be shown", "is none of running, success, failed"]);
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
    let first = app.page("/imports?status=success").await;
    first.shows(&["50 imports", "rel=\"next\""]);
    assert!(!first.text().contains("rel=\"prev\""));
    let next = app
        .page("/imports?status=success&after=2025-06-20T10:00:00.000000Z,31")
        .await;
    next.shows(&[
        "/imports/30\"",
        "/imports/11\"",
        "rel=\"prev\"",
        "status=success&amp;after=",
    ]);
    assert!(!next.text().contains("/imports/31\""));
    app.stop().await;
}

/// Days are those of the reader's zone, which a cookie names, and so are times; files are asked for by instants, which the API
/// reads alike everywhere.
#[sqlx::test(migrations = false)]
async fn days_are_the_readers(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, started_at, completed_at, status)
         SELECT 'sample_data', at, at, 'success' FROM unnest(ARRAY[
             timestamptz '2025-03-29 22:59:59.999999+00', '2025-03-29 23:00+00', '2025-03-30 21:59:59+00', '2025-03-30 22:00+00']) AS at",
    )
    .await;
    let of = async |cookie: &str, path: &str| {
        let request = Request::get(path).header("accept", "text/html");
        app.send(
            request
                .header("cookie", cookie)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    };
    // The day on which clocks are put forward has 23 hours.
    let day = "/imports?from=2025-03-30&to=2025-03-30";
    let berlin = of("a=b; zone=Europe/Berlin", day).await;
    berlin.shows(&[
        "2 imports",
        "Europe/Berlin",
        "/imports/2\"",
        "/imports/3\"",
        "Sun 30 Mar 2025, 00:00:00 UTC+1",
        "Sun 30 Mar 2025, 23:59:59 UTC+2",
        "/import-logs.csv?from=2025-03-29T23%3A00%3A00Z&amp;to=2025-03-30T21%3A59%3A59.999999Z",
    ]);
    for cookie in [
        "zone=Middle/Earth",
        "zone=",
        "zone=\u{e9}",
        "zones=Europe/Berlin",
    ] {
        let bangkok = of(cookie, day).await;
        bangkok.shows(&["Bangkok", "2 imports", "/imports/1\"", "/imports/2\""]);
    }
    of("zone=Europe/Berlin", "/imports/1")
        .await
        .shows(&["23:59:59"]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_page_without_rows_leads_somewhere(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.page("/imports")
        .await
        .shows(&["No imports yet.", "Start an import"]);
    app.page("/imports?q=nothing")
        .await
        .shows(&["No import matches these filters."]);
    app.execute("INSERT INTO import_logs (import_type, completed_at, status) VALUES ('backup', now(), 'success')")
        .await;
    app.page("/imports?status=failed").await.shows(&[
        "No import matches these filters.",
        "Show all imports",
        "Start an import",
    ]);
    app.page("/imports?status=success&after=2020-01-01T00:00:00Z,1")
        .await
        .shows(&[
            "There are no imports on this page any more.",
            "Show the newest",
            "href=\"/imports?status=success\"",
        ]);
    app.stop().await;
}
