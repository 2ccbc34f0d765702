//! The page of alerts, and the last of them below the Scheduler page.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use sqlx::PgPool;
use tower::ServiceExt as _;

use super::{
    app::App,
    callers::Caller,
    receiver::{Plan, Receiver},
    reply::Reply,
};
use crate::model::access::Role;

/// The page's form, as a browser sends it.
async fn press(app: &App) -> Reply {
    let request = Request::post("/alerts/test")
        .header("accept", "text/html")
        .header("host", "localhost:3000");
    app.send(request.body(Body::empty()).unwrap()).await
}

#[sqlx::test(migrations = false)]
async fn without_a_webhook_the_pages_say_what_to_set(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let page = app.page("/alerts").await;
    assert_eq!(page.status, StatusCode::OK);
    page.shows(&[
        "None are sent",
        "ALERT_WEBHOOK_URL",
        "ALERT_WEBHOOK_SECRET",
        "Nothing was told yet.",
    ]);
    assert!(!page.text().contains("Send a test"));
    let below = app.page("/").await.text();
    assert!(
        below.contains("None are sent: no webhook is set."),
        "{below}"
    );
    let refused = press(&app).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.shows(&["role=\"alert\"", "no process has a webhook"]);
    app.post("/alerts/test").await.problem(409);
    for limit in ["many", "0", "501"] {
        app.get(&format!("/alerts?limit={limit}"))
            .await
            .problem(400);
    }
    app.page("/alerts?limit=many")
        .await
        .shows(&["The alerts can't be shown", "limit"]);
    app.page("/alerts?test=none")
        .await
        .shows(&["There is no such test any more."]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_was_told_stands_on_the_page_and_below_the_scheduler(pool: PgPool) {
    let receiver = Receiver::start(&[Plan::Status(500, "")]).await;
    let app = App::working(&pool, &[("ALERT_WEBHOOK_URL", &receiver.url)]).await;
    app.alerts.be_sender().await.unwrap();
    app.import_named("%E0%B8%9C%20%3Cb%3E.json", "[]").await;
    let id = app.newest().await.id;
    app.alerts.send().await.unwrap();
    let host = receiver.url.split('/').nth(2).unwrap();
    let import = format!("href=\"/imports/{id}\"");
    for path in ["/alerts", "/"] {
        let html = app.page(path).await.text();
        for text in [host, "tried again", "Send a test", "ผ ‹b›.json"] {
            assert!(html.contains(text), "{path}: no {text}");
        }
        assert!(!html.contains("hunter2"), "{path}");
    }
    app.page("/alerts").await.shows(&[
        &import,
        "answered 500 (Internal Server Error).",
        "1 attempt so far. The next one: ",
    ]);
    // What a living page fetches again is what stands below it.
    let below = app.page("/").await.text();
    let latest = app.get("/alerts/latest").await;
    assert_eq!(latest.header("content-type"), "text/html; charset=utf-8");
    assert!(
        latest.text().contains("<section id=\"alerts\""),
        "{}",
        latest.text()
    );
    let at = below.find("<section id=\"alerts\"").unwrap();
    let main = below.find("</main>").unwrap();
    assert!(at > main, "outside of what the browser takes over");
    app.execute("UPDATE alerts SET due_at = now()").await;
    app.alerts.send().await.unwrap();
    app.page("/alerts")
        .await
        .shows(&["delivered", "at the 2nd attempt."]);
    let json = app.get("/alerts").await.json();
    assert_eq!(json["receivers"][0]["host"], host);
    assert_eq!(json["receivers"][0]["signed"], false);
    assert_eq!(json["overdue_hours"], 24);
    assert_eq!(json["alerts"][0]["state"], "delivered");
    assert_eq!(json["alerts"][0]["import_id"], id);
    app.page("/metrics").await.shows(&[
        "numwatch_installation_alerts{state=\"delivered\"} 1",
        "numwatch_installation_alerts{state=\"waiting\"} 0",
    ]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_button_sends_a_test_for_an_admin_and_tells_how_it_went(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let mut app = App::idle(&pool, &[("ALERT_WEBHOOK_URL", &receiver.url)]).await;
    app.alerts.be_sender().await.unwrap();
    let sending = app.sends_alerts();
    app.keep(sending);
    let led = press(&app).await;
    assert_eq!(led.status, StatusCode::SEE_OTHER);
    let address = led.header("location").to_owned();
    app.page(&address)
        .await
        .shows(&["role=\"status\"", "The test was delivered to 127.0.0.1:"]);
    receiver.plans(Plan::Status(404, "no_team"), 1);
    let address = press(&app).await.header("location").to_owned();
    app.page(&address)
        .await
        .shows(&["role=\"alert\"", "no_team.", "It is tried again by itself."]);
    assert_eq!(app.get("/alerts/test").await.header("location"), "/alerts");

    let operator = Caller::with_account(&app, Role::Operator).await;
    let before = receiver.sent().len();
    let request = Request::post("/alerts/test")
        .header("accept", "text/html")
        .header("host", "localhost:3000");
    let request = operator.sends(request).body(Body::empty()).unwrap();
    let answer = app.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert_eq!(receiver.sent().len(), before);
    assert!(answer.headers().get(header::LOCATION).is_none());
    app.stop().await;
}
