//! Signing in: on the page, and as today's client does; how often it may be tried, and what is noted of it.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use serde_json::json;
use sqlx::PgPool;

use super::{
    app::{App, upload},
    people::{PASSWORD, add, anyone_sends, person},
    reply::Reply,
};
use crate::{model::access::Role, server::http::listen::Peer};

const WRONG: &str = "wrong horse battery";

fn typed<'a>(name: &'a str, password: &'a str) -> [(&'a str, &'a str); 3] {
    [
        ("name", name),
        ("password", password),
        ("next", "/imports?q=a%20b"),
    ]
}

fn cookie(reply: &Reply) -> &str {
    reply.headers[header::SET_COOKIE].to_str().unwrap()
}

async fn login(app: &App, body: impl Into<Body>) -> Reply {
    let request = Request::post("/auth/login").header(header::CONTENT_TYPE, "application/json");
    app.send(request.body(body.into()).unwrap()).await
}

#[sqlx::test(migrations = false)]
async fn whoever_signs_in_has_a_cookie_and_is_led_to_where_they_wanted(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_HOSTS", "numwatch.lan")]).await;
    add(&app, "somchai", Role::Viewer).await;
    let page = app.page("/sign-in?next=%2Fimports%3Fq%3Da%2520b").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("value=\"/imports?q=a%20b\""));

    let here = anyone_sends(&app, "/sign-in", &typed(" Somchai ", PASSWORD)).await;
    assert_eq!(here.status, StatusCode::SEE_OTHER, "{}", here.text());
    assert_eq!(here.headers[header::LOCATION], "/imports?q=a%20b");
    assert!(cookie(&here).starts_with("numwatch="));
    assert!(cookie(&here).ends_with("; Path=/; HttpOnly; SameSite=Lax"));

    let away = Request::post("/sign-in")
        .header("host", "numwatch.lan")
        .header("origin", "https://numwatch.lan")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("name=somchai&password=correct+horse+battery"));
    let away = app.send(away.unwrap()).await;
    assert_eq!(away.headers[header::LOCATION], "/");
    assert!(cookie(&away).starts_with("__Host-numwatch="));
    assert!(cookie(&away).ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn whoever_may_not_sign_in_is_told_the_same_whatever_is_wrong(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for name in ["somchai", "gone"] {
        add(&app, name, Role::Viewer).await;
    }
    app.execute("UPDATE accounts SET disabled_at = now() WHERE name = 'gone'")
        .await;
    for (name, password) in [
        ("somchai", WRONG),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("", ""),
        ("som\0chai", PASSWORD),
        ("'; DROP TABLE accounts; --", PASSWORD),
    ] {
        let refused = anyone_sends(&app, "/sign-in", &typed(name, password)).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{name:?}");
        assert!(!refused.headers.contains_key(header::SET_COOKIE));
        let html = refused.text();
        let sentence = "There is no such account, or the password is another one.";
        assert!(html.contains(sentence), "{name}: {html}");
        let kept = name.starts_with('s') && name != "som\0chai";
        assert!(
            !kept || html.contains(&format!("name=\"name\" value=\"{name}\"")),
            "{html}"
        );
        assert!(password.is_empty() || !html.contains(password));
    }
    // What was typed as a name may be a password: it isn't kept.
    let noted =
        "SELECT count(*) FROM audit WHERE action = 'sign_in' AND refused AND actor_name IS NULL
                 AND detail = '{}'";
    assert_eq!(app.number(noted).await, 6);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn passwords_can_be_tried_a_few_times_only_whichever_process_is_asked(pool: PgPool) {
    let apps = [App::idle(&pool, &[]).await, App::idle(&pool, &[]).await];
    add(&apps[0], "somchai", Role::Viewer).await;
    add(&apps[0], "malee", Role::Viewer).await;
    for nth in 0..5 {
        let tried = anyone_sends(&apps[nth % 2], "/sign-in", &typed("somchai", WRONG)).await;
        assert_eq!(tried.status, StatusCode::UNAUTHORIZED, "{nth}");
    }
    for app in &apps {
        // The right one doesn't help any more, and nobody can tell that it is.
        let tried = anyone_sends(app, "/sign-in", &typed("somchai", PASSWORD)).await;
        assert_eq!(tried.status, StatusCode::TOO_MANY_REQUESTS);
        let wait: u64 = tried.headers[header::RETRY_AFTER]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((1..=900).contains(&wait), "{wait}");
        assert!(tried.text().contains("Try again in 15 minutes."));
    }
    let other = anyone_sends(&apps[0], "/sign-in", &typed("malee", PASSWORD)).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER);
    apps[0]
        .execute("UPDATE sign_in_attempts SET at = at - interval '15 minutes'")
        .await;
    let later = anyone_sends(&apps[1], "/sign-in", &typed("somchai", PASSWORD)).await;
    assert_eq!(later.status, StatusCode::SEE_OTHER);
    assert_eq!(
        apps[0]
            .number("SELECT count(*) FROM sign_in_attempts")
            .await,
        0
    );
    for app in apps {
        app.stop().await;
    }
}

#[sqlx::test(migrations = false)]
async fn from_one_address_many_names_can_be_tried_a_few_times_only(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_PROXIES", "192.0.2.1, 192.0.2.2")]).await;
    add(&app, "somchai", Role::Viewer).await;
    let from = async |peer: &str, forwarded: &str, name: &str| {
        let mut request = Request::post("/sign-in")
            .header("x-forwarded-for", forwarded)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!(
                "name={name}&password=correct+horse+battery"
            )))
            .unwrap();
        let peer = Peer(peer.parse().unwrap());
        request.extensions_mut().insert(peer);
        app.send(request).await.status
    };
    // What stands before the first that isn't ours is anybody's invention.
    for nth in 0..20 {
        let told = format!("10.0.0.{nth}, 203.0.113.9, 192.0.2.2");
        let tried = from("192.0.2.1", &told, &format!("name{nth}")).await;
        assert_eq!(tried, StatusCode::UNAUTHORIZED, "{nth}");
    }
    // What is no address stands for all that comes before it.
    let junk = "203.0.113.77, x, 203.0.113.9, 192.0.2.2";
    let tried = from("192.0.2.1", junk, "somchai").await;
    assert_eq!(tried, StatusCode::TOO_MANY_REQUESTS);
    let (told, elsewhere) = ("10.0.0.99, 203.0.113.9", "203.0.113.10");
    let tried = from("192.0.2.1", told, "somchai").await;
    assert_eq!(tried, StatusCode::TOO_MANY_REQUESTS);
    let tried = from("192.0.2.1", elsewhere, "somchai").await;
    assert_eq!(tried, StatusCode::SEE_OTHER);
    // Neighbours in one network of IPv6 are counted as one.
    for nth in 0..20 {
        let tried = from(&format!("2001:db8::{nth:x}"), "", &format!("name6{nth}")).await;
        assert_eq!(tried, StatusCode::UNAUTHORIZED, "{nth}");
    }
    let tried = from("2001:db8::ffff", "", "somchai").await;
    assert_eq!(tried, StatusCode::TOO_MANY_REQUESTS);
    // Who is no proxy of ours isn't believed.
    let tried = from("203.0.113.9", elsewhere, "somchai").await;
    assert_eq!(tried, StatusCode::TOO_MANY_REQUESTS);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn without_an_account_nobody_comes_through_a_proxy(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for name in [
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-real-ip",
    ] {
        let request = Request::get("/import-logs").header(name, "203.0.113.9");
        let reply = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{name}");
    }
    assert_eq!(app.get("/import-logs").await.status, StatusCode::OK);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn todays_client_signs_in_and_asks_who_it_is(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    add(&app, "somchai", Role::Operator).await;
    let wrong = login(
        &app,
        json!({ "username": "somchai", "password": WRONG }).to_string(),
    )
    .await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.text().contains("\"detail\""));
    for odd in ["", "{}", "[]", "{\"username\":\"somchai\"}"] {
        assert_eq!(
            login(&app, odd).await.status,
            StatusCode::BAD_REQUEST,
            "{odd}"
        );
    }
    let given = json!({ "username": "somchai", "password": PASSWORD }).to_string();
    let reply: serde_json::Value = login(&app, given).await.json();
    assert_eq!(reply["token_type"], "bearer");
    let token = reply["access_token"].as_str().unwrap().to_owned();
    let asks = async |method: &str, path: &str| {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        app.send(request.body(Body::empty()).unwrap()).await
    };
    let me: serde_json::Value = asks("GET", "/auth/me").await.json();
    assert_eq!(me["username"], "somchai");
    assert_eq!(me["email"], serde_json::Value::Null);
    assert!(me["id"].is_i64() && me["created_at"].is_string() && me["last_login"].is_string());
    let started = asks("POST", "/import-sample-data").await;
    assert_ne!(started.status, StatusCode::FORBIDDEN);
    assert_eq!(
        asks("DELETE", "/clear-data").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(asks("POST", "/auth/logout").await.status, StatusCode::OK);
    let gone = asks("GET", "/auth/me").await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        gone.headers[header::WWW_AUTHENTICATE],
        "Bearer realm=\"NumWatch\""
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn whoever_has_much_waiting_waits_and_nobody_else_does(pool: PgPool) {
    let app = App::idle(&pool, &[("NUMWATCH_MAX_WAITING", "2")]).await;
    let somchai = person(&app, "somchai", Role::Operator).await;
    let malee = person(&app, "malee", Role::Operator).await;
    let uploads = async |session: &str| {
        let request = upload()
            .header("prefer", "respond-async")
            .header("cookie", format!("numwatch={session}"));
        app.send(request.body(Body::from("{}")).unwrap()).await
    };
    for _ in 0..2 {
        assert_eq!(uploads(&somchai.session).await.status, StatusCode::ACCEPTED);
    }
    let third = uploads(&somchai.session).await;
    assert_eq!(third.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(third.headers[header::RETRY_AFTER], "30");
    assert!(third.text().contains("2 imports of yours wait already"));
    assert_eq!(uploads(&malee.session).await.status, StatusCode::ACCEPTED);
    let by = "SELECT count(*) FROM import_logs WHERE requested_by_name = 'somchai'";
    assert_eq!(app.number(by).await, 2);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn who_did_what_and_who_may_not_is_noted(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let viewer = person(&app, "malee", Role::Viewer).await;
    let operator = person(&app, "somchai", Role::Operator).await;
    let refused = viewer.sends(&app, "/import-sample-data", &[]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    assert!(
        refused
            .text()
            .contains("malee has the role viewer and may not run imports")
    );
    let noted =
        "SELECT count(*) FROM audit WHERE refused AND action = 'import' AND actor_name = 'malee'";
    assert_eq!(app.number(noted).await, 1);
    operator.sends(&app, "/api/import_sample", &[]).await;
    let id = app.logged().await;
    operator
        .sends(&app, "/api/cancel_import", &[("id", &id.to_string())])
        .await;
    let noted = "SELECT count(*) FROM audit WHERE NOT refused AND import_id IS NOT NULL AND door = 'page'
                 AND actor_kind = 'account' AND actor_name = 'somchai' AND action IN ('import', 'cancel')";
    assert_eq!(app.number(noted).await, 2);
    // Its page tells who it was, also of what only the audit knows.
    let page = operator.page(&app, &format!("/imports/{id}")).await.text();
    assert!(
        page.contains("It was accepted from the page, by somchai"),
        "{page}"
    );
    assert!(
        page.contains("It was asked to stop from the page, by somchai"),
        "{page}"
    );
    assert!(page.contains("Signed in as"), "{page}");
    assert_eq!(
        app.log(id).await.requested_by_name.as_deref(),
        Some("somchai")
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn while_nobody_can_tell_who_asks_each_is_told_so_in_their_own_way(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let html = [("accept", "text/html")];
    let asks = async |session: &str, path: &str, headers: &[(&str, &str)]| {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request = request.header("cookie", format!("numwatch={session}"));
        app.send(request.body(Body::empty()).unwrap()).await
    };
    let somchai = person(&app, "somchai", Role::Viewer).await;
    app.pool.close().await;
    let page = asks(&somchai.session, "/imports", &html).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    let text = page.text();
    assert!(text.contains("NumWatch can't tell who you are"), "{text}");
    assert!(text.contains("http-equiv=\"refresh\""), "{text}");
    let reply = asks(&somchai.session, "/import-logs", &[]).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.json()["detail"].is_string());
    let path = "/api/scheduler_page?all_failures=false&all_runs=false";
    let reply = asks(&somchai.session, path, &[]).await;
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.json()["message"].is_string());
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn where_nobody_has_an_account_the_page_itself_tells_of_a_silent_database(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    assert_eq!(app.page("/imports").await.status, StatusCode::OK);
    app.pool.close().await;
    let page = app.page("/").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        page.text().contains("The imports can't be shown"),
        "{}",
        page.text()
    );
    let post = app.post("/import-sample-data").await;
    assert_eq!(post.status, StatusCode::SERVICE_UNAVAILABLE);
    app.stop().await;
}
