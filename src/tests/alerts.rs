//! Alerts, to a webhook that listens: what is told, once, however often it has to be sent; and what is not.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, extract::Query, http::StatusCode, response::IntoResponse as _, routing::get};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{Server, by, serve, small_backup},
    receiver::{Plan, Receiver},
};
use crate::{
    model::import_log::{ImportStatus, Requester},
    server::clock::BANGKOK,
};

const KEY: &str = "whsec_MfKQ9r8GKYqYTwjUPD8ILPZIo2LaLaSw";

/// An application that tells a webhook, though nothing is sent by itself: the test says when.
async fn telling(pool: &PgPool, receiver: &Receiver, more: &[(&str, &str)]) -> App {
    let mut variables = vec![
        ("ALERT_WEBHOOK_URL", receiver.url.as_str()),
        ("ALERT_WEBHOOK_SECRET", KEY),
        ("NUMWATCH_PUBLIC_URL", "https://numwatch.example"),
    ];
    variables.extend_from_slice(more);
    let app = App::working(pool, &variables).await;
    app.alerts.be_sender().await.unwrap();
    app
}

impl App {
    /// Sends what is due until nothing is, as if the pauses between attempts had passed so often.
    async fn sends(&self, pauses: usize) {
        for pass in 0..=pauses {
            if pass > 0 {
                self.execute("UPDATE alerts SET due_at = now() WHERE state = 'waiting'")
                    .await;
            }
            let mut before = -1;
            loop {
                self.alerts.send().await.unwrap();
                let attempts = self
                    .number("SELECT coalesce(sum(attempts), 0)::bigint FROM alerts")
                    .await;
                if attempts == before {
                    break;
                }
                before = attempts;
            }
        }
    }

    async fn alerts_of(&self, state: &'static str) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM alerts WHERE state = $1")
            .bind(state)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "dateCurrent")]
    date: DateTime<Utc>,
}

/// A feed that has one draw a day, while it is up.
async fn feed(up: &Arc<AtomicBool>) -> Server {
    let up = up.clone();
    serve(Router::new().fallback(get(async move |Query(Asked { date }): Query<Asked>| {
        if !up.load(Ordering::SeqCst) {
            return StatusCode::NOT_FOUND.into_response();
        }
        let date = date.with_timezone(&BANGKOK).format("%Y%m%d").to_string();
        axum::Json(json!({ "set": { "lists": [
            { "GAME_CODE": format!("G1-{date}"), "GAME_NAME": "ดาวโจนส์", "RESULT_3UP": "282", "RESULT_2DOWN": "05" }
        ] } }))
        .into_response()
    })))
    .await
}

/// Lets the scheduler run, and answers how its import ended.
async fn tick(app: &App, at: &str) -> ImportStatus {
    app.set_clock(at);
    let started = app.scheduler.look(at.parse().unwrap()).await.unwrap();
    app.ended(started.expect("a tick was due").id).await.status
}

#[sqlx::test(migrations = false)]
async fn a_failure_and_its_recovery_are_told_and_signed(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let app = telling(&pool, &receiver, &[]).await;
    app.refuse_small_backups().await;
    app.import_named("%E0%B8%9C%20%3C!channel%3E.json", small_backup())
        .await;
    let failed = app.newest().await;
    app.sends(0).await;
    let [sent] = &receiver.sent()[..] else {
        panic!("{:?}", receiver.events())
    };
    assert_eq!(sent.event(), "import_failed");
    assert_eq!(sent.json["import"]["id"], failed.id);
    assert_eq!(sent.json["import"]["filename"], "ผ <!channel>.json");
    assert_eq!(
        sent.json["import"]["error_message"],
        json!(failed.error_message)
    );
    let url = format!("https://numwatch.example/imports/{}", failed.id);
    assert_eq!(sent.json["url"], url);
    let says = format!(
        "NumWatch: Import #{} (ผ ‹!channel›.json) failed: ",
        failed.id
    );
    assert!(sent.text().starts_with(&says), "{}", sent.text());
    assert!(sent.text().ends_with(&url), "{}", sent.text());

    // As a receiver checks it, with the bytes that came.
    assert_eq!(sent.header("webhook-id"), sent.json["id"]);
    assert_eq!(sent.header("content-type"), "application/json");
    let second: i64 = sent.header("webhook-timestamp").parse().unwrap();
    assert_eq!(second, app.clock.now().timestamp());
    let key = STANDARD.decode(KEY.trim_start_matches("whsec_")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{}.{second}.{}", sent.header("webhook-id"), sent.body).as_bytes());
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(sent.header("webhook-signature"), signature);

    // Its retry brings what it lacked.
    app.accept_all_backups().await;
    let retry = app.post(&format!("/import-logs/{}/retry", failed.id)).await;
    app.ended(retry.id("id")).await;
    app.sends(0).await;
    let sent = receiver.sent();
    assert_eq!(receiver.events(), ["import_failed", "import_recovered"]);
    assert_eq!(sent[1].json["recovers"], sent[0].json["id"]);
    assert_eq!(sent[1].json["recovered_by"], retry.id("id"));
    assert_eq!(sent[1].json["import"]["id"], failed.id);
    app.sends(3).await;
    assert_eq!(receiver.sent().len(), 2, "nothing is told twice");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_somebody_stopped_and_what_nobody_wants_to_hear_is_not_told(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let mut app = App::idle(&pool, &[("ALERT_WEBHOOK_URL", &receiver.url)]).await;
    // No process tells anybody yet: nothing piles up.
    app = app.at_work();
    app.import_named("before.json", "[]").await;
    assert_eq!(app.number("SELECT count(*) FROM alerts").await, 0);
    app.alerts.be_sender().await.unwrap();
    app.import_named("good.json", small_backup()).await;
    let id = app.queue(small_backup()).await;
    app.post(&format!("/import-logs/{id}/cancel")).await;
    app.ended(id).await;
    app.execute(
        "INSERT INTO import_logs (import_type, filename) VALUES ('backup', 'cancelled.json');
         UPDATE import_logs SET status = 'failed', failure_kind = 'cancelled', completed_at = now()
         WHERE filename = 'cancelled.json'",
    )
    .await;
    app.sends(0).await;
    assert_eq!(receiver.events(), Vec::<String>::new());
    // The failure from before was not told: neither is its end.
    app.execute("UPDATE import_logs SET resolved_by = 2 WHERE filename = 'before.json'")
        .await;
    app.sends(0).await;
    assert_eq!(receiver.events(), Vec::<String>::new());
    // An hour after the last of them has gone nothing is written any more.
    app.execute("UPDATE alert_receivers SET seen_at = now() - interval '61 minutes'")
        .await;
    app.import_named("after.json", "[]").await;
    assert_eq!(app.number("SELECT count(*) FROM alerts").await, 0);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_ends_in_any_way_is_told(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let app = telling(&pool, &receiver, &[]).await;
    // Something else wrote a log that nothing works on: the search for abandoned imports ends it.
    app.execute(
        "INSERT INTO import_logs (import_type, status, created_at) VALUES ('backup', 'running', now() - interval '1 hour')",
    )
    .await;
    app.housekeeping.recover().await.unwrap();
    app.sends(0).await;
    assert_eq!(receiver.events(), ["import_failed"]);
    assert_eq!(
        receiver.sent()[0].json["import"]["failure_kind"],
        "interrupted"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_message_that_is_not_taken_comes_again_with_the_same_id(pool: PgPool) {
    let plans = [
        Plan::Status(500, "no hunter2secret today"),
        Plan::Late,
        Plan::Status(503, "busy"),
    ];
    let receiver = Receiver::start(&plans).await;
    let app = telling(&pool, &receiver, &[("ALERT_TIMEOUT_SECONDS", "0.5")]).await;
    app.import_named("bad.json", "[]").await;
    app.sends(0).await;
    let host = receiver.url.split('/').nth(2).unwrap();
    let trouble = async || {
        app.alerts.latest(1).await.unwrap().alerts[0]
            .trouble
            .clone()
            .unwrap()
    };
    // What it says is not repeated where it repeats a secret.
    assert_eq!(
        trouble().await,
        format!("{host} answered 500 (Internal Server Error).")
    );
    assert_eq!(receiver.sent().len(), 1, "not before its pause is over");
    app.sends(1).await;
    assert_eq!(
        trouble().await,
        format!("{host} did not answer within 0.5 s.")
    );
    app.sends(1).await;
    assert_eq!(
        trouble().await,
        format!("{host} answered 503 (Service Unavailable): busy.")
    );
    app.sends(1).await;
    let sent = receiver.sent();
    assert_eq!(sent.len(), 4);
    for again in &sent[1..] {
        assert_eq!(again.body, sent[0].body);
        assert_eq!(again.header("webhook-id"), sent[0].header("webhook-id"));
    }
    assert_eq!(app.alerts_of("delivered").await, 1);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_alert_that_nobody_takes_is_given_up(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let app = telling(&pool, &receiver, &[]).await;
    receiver.plans(Plan::Status(404, "no_team"), 10);
    app.import_named("bad.json", "[]").await;
    app.sends(20).await;
    assert_eq!(receiver.sent().len(), 10);
    assert_eq!(app.alerts_of("given_up").await, 1);
    let latest = app.alerts.latest(1).await.unwrap();
    let trouble = latest.alerts[0].trouble.as_deref().unwrap();
    assert!(
        trouble.ends_with("answered 404 (Not Found): no_team."),
        "{trouble}"
    );
    // Whoever says that it is gone is asked once.
    receiver.plans(Plan::Status(410, ""), 5);
    app.import_named("bad too.json", "[1]").await;
    app.sends(5).await;
    assert_eq!(receiver.sent().len(), 11);
    assert_eq!(app.alerts_of("given_up").await, 2);
    app.stop().await;
}

/// One that stops in the middle is followed by another, and what the first may have sent comes with the same id.
#[sqlx::test(migrations = false)]
async fn a_process_that_stops_in_the_middle_is_followed_by_another(pool: PgPool) {
    let receiver = Receiver::start(&[Plan::Late]).await;
    let app = telling(&pool, &receiver, &[("ALERT_TIMEOUT_SECONDS", "60")]).await;
    app.import_named("bad.json", "[]").await;
    let alerts = app.alerts.clone();
    let stopped = tokio::spawn(async move { alerts.send().await });
    super::app::eventually("it is on its way", async || {
        (!receiver.sent().is_empty()).then_some(())
    })
    .await;
    stopped.abort();
    app.alerts.send().await.unwrap();
    assert_eq!(
        receiver.sent().len(),
        1,
        "not while the other may still be at it"
    );
    app.sends(1).await;
    let sent = receiver.sent();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].header("webhook-id"), sent[1].header("webhook-id"));
    assert_eq!(app.alerts_of("delivered").await, 1);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn of_several_processes_one_tells(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let mut app = telling(&pool, &receiver, &[]).await;
    let options = (*pool.connect_options()).clone();
    let other = App::connected(options, &[("ALERT_WEBHOOK_URL", &receiver.url)]).await;
    for sending in [app.sends_alerts(), other.sends_alerts()] {
        app.keep(sending);
    }
    for number in 0..12 {
        app.import_named(&format!("bad {number}.json"), format!("[{number}"))
            .await;
    }
    super::app::eventually("all are delivered", async || {
        (app.alerts_of("delivered").await == 12).then_some(())
    })
    .await;
    let sent = receiver.sent();
    assert_eq!(sent.len(), 12, "{:?}", receiver.events());
    other.stop().await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn five_hundred_failures_are_no_five_hundred_messages(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let app = telling(&pool, &receiver, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, filename, status)
         SELECT 'backup', 'file ' || nth || '.json', 'running' FROM generate_series(1, 500) AS nth;
         UPDATE import_logs SET status = 'failed', failure_kind = 'invalid_input', completed_at = now()",
    )
    .await;
    app.sends(0).await;
    let sent = receiver.sent();
    assert_eq!(sent.len(), 20);
    let summary: Vec<&Value> = sent
        .iter()
        .filter(|sent| sent.event() == "summary")
        .map(|sent| &sent.json["summary"])
        .collect();
    assert_eq!(
        summary,
        [&json!({ "alerts": 481, "events": { "import_failed": 481 } })]
    );
    assert_eq!(app.alerts_of("summed_up").await, 481);
    // Within the same minute a test goes out, and nothing else is begun.
    app.execute(
        "INSERT INTO import_logs (import_type, status) VALUES ('backup', 'running');
         UPDATE import_logs SET status = 'failed', completed_at = now() WHERE status = 'running'",
    )
    .await;
    app.sends(0).await;
    assert_eq!(receiver.sent().len(), 20);
    app.execute("UPDATE alerts SET begun_at = begun_at - interval '1 minute'")
        .await;
    app.sends(0).await;
    assert_eq!(receiver.sent().len(), 21);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn while_the_feed_is_down_one_failure_speaks_for_the_others(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let up = Arc::new(AtomicBool::new(false));
    let feed = feed(&up).await;
    let app = telling(&pool, &receiver, &[("EXTERNAL_API_URL", &feed.url)]).await;
    for at in [
        "2025-06-22T10:00:00Z",
        "2025-06-22T10:05:00Z",
        "2025-06-22T10:10:00Z",
    ] {
        assert_eq!(tick(&app, at).await, ImportStatus::Failed);
    }
    app.sends(0).await;
    assert_eq!(receiver.events(), ["import_failed"]);
    up.store(true, Ordering::SeqCst);
    assert_eq!(
        tick(&app, "2025-06-22T10:15:00Z").await,
        ImportStatus::Success
    );
    app.sends(0).await;
    assert_eq!(receiver.events(), ["import_failed", "import_recovered"]);
    // Once it is over, the next failure is another one.
    up.store(false, Ordering::SeqCst);
    assert_eq!(
        tick(&app, "2025-06-22T10:20:00Z").await,
        ImportStatus::Failed
    );
    app.sends(0).await;
    assert_eq!(receiver.events()[2..], ["import_failed"]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_success_that_is_overdue_is_told_once_and_that_it_has_come(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let up = Arc::new(AtomicBool::new(true));
    let feed = feed(&up).await;
    let variables = [
        ("EXTERNAL_API_URL", feed.url.as_str()),
        ("ALERT_OVERDUE_HOURS", "2"),
    ];
    let app = telling(&pool, &receiver, &variables).await;
    assert_eq!(
        tick(&app, "2025-06-22T10:00:00Z").await,
        ImportStatus::Success
    );
    assert!(!app.alerts.look().await.unwrap(), "it has just succeeded");
    let back = "UPDATE schedule_watch SET on_since = on_since - interval '3 hours', last_success = last_success - interval '3 hours'";
    app.execute(back).await;
    // Logs go: what is known of the schedule stays.
    app.execute("DELETE FROM import_logs").await;
    // Off, nothing is overdue; and what was before it was switched on doesn't count.
    app.scheduler.stop(&by(Requester::Api)).await.unwrap();
    assert!(!app.alerts.look().await.unwrap());
    app.scheduler.start(&by(Requester::Api)).await.unwrap();
    assert!(!app.alerts.look().await.unwrap());
    app.execute(back).await;
    assert!(app.alerts.look().await.unwrap());
    assert!(!app.alerts.look().await.unwrap(), "it was told");
    app.sends(0).await;
    let [sent] = &receiver.sent()[..] else {
        panic!("{:?}", receiver.events())
    };
    assert_eq!(sent.event(), "success_overdue");
    assert_eq!(sent.json["overdue"]["hours"], 2);
    assert!(
        sent.text().contains("for more than 2 hours, since "),
        "{}",
        sent.text()
    );

    assert_eq!(
        tick(&app, "2025-06-23T10:00:00Z").await,
        ImportStatus::Success
    );
    app.sends(0).await;
    assert_eq!(receiver.events(), ["success_overdue", "import_recovered"]);
    assert_eq!(receiver.sent()[1].json["recovers"], sent.json["id"]);
    assert!(!app.alerts.look().await.unwrap());
    app.execute(back).await;
    assert!(
        app.alerts.look().await.unwrap(),
        "the next one is another one"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn of_two_processes_one_sees_that_a_success_is_overdue(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let variables = [
        ("EXTERNAL_API_URL", "http://127.0.0.1:9/"),
        ("ALERT_OVERDUE_HOURS", "1"),
    ];
    let app = telling(&pool, &receiver, &variables).await;
    app.presents_itself().await;
    app.execute("UPDATE schedule_watch SET on_since = now() - interval '2 hours'")
        .await;
    let looks = (0..8).map(|_| app.alerts.look());
    let wrote = futures::future::join_all(looks).await;
    assert_eq!(
        wrote
            .into_iter()
            .filter(|wrote| *wrote.as_ref().unwrap())
            .count(),
        1
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_unusual_day_is_told_once(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let app = telling(&pool, &receiver, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, range_start, range_end) SELECT 'date_range', '2025-06-22', '2025-06-22' FROM generate_series(1, 2);
         INSERT INTO import_dates (import_id, date) SELECT id, '2025-06-22' FROM import_logs;
         UPDATE import_dates SET unusual = '12 draws; a Sunday usually has 36 to 44.'",
    )
    .await;
    app.sends(0).await;
    let [sent] = &receiver.sent()[..] else {
        panic!("{:?}", receiver.events())
    };
    assert_eq!(sent.event(), "unusual_volume");
    assert_eq!(sent.json["date"], "2025-06-22");
    assert!(
        sent.text()
            .contains("12 draws; a Sunday usually has 36 to 44.")
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_test_is_sent_and_noted(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let mut app = telling(&pool, &receiver, &[]).await;
    let sending = app.sends_alerts();
    app.keep(sending);
    let answer = app.post("/alerts/test").await.json();
    assert_eq!(answer["success"], true, "{answer}");
    assert_eq!(answer["alert"]["state"], "delivered");
    receiver.plans(Plan::Status(403, "invalid_token"), 1);
    let answer = app.post("/alerts/test").await.json();
    assert_eq!(answer["success"], false);
    let message = answer["message"].as_str().unwrap();
    assert!(
        message.ends_with("answered 403 (Forbidden): invalid_token."),
        "{message}"
    );
    assert!(!message.contains("hunter2"), "{message}");
    let noted = app
        .number("SELECT count(*) FROM audit WHERE action = 'test_alerts'")
        .await;
    assert_eq!(noted, 2);
    let told = crate::server::cli::alert::test(&app).await.unwrap();
    assert!(
        told.starts_with("The test was delivered to 127.0.0.1:"),
        "{told}"
    );
    app.stop().await;
}

// --- the schema ---

/// Whether a value is as a schema says, as far as ours says anything. The answer is where it is not.
fn check(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("{at}: {why}: {value}"));
    if let Some(constant) = schema.get("const")
        && constant != value
    {
        return wrong("another constant");
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return wrong("none of the words");
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match &schema["type"] {
        Value::String(only) if only != kind => return wrong("another type"),
        Value::Array(kinds) if !kinds.contains(&json!(kind)) => return wrong("another type"),
        _ => {}
    }
    if let Some(all) = schema["anyOf"].as_array() {
        let tried: Vec<_> = all.iter().map(|one| check(one, value, at)).collect();
        if tried.iter().all(Result::is_err) {
            return Err(format!("{tried:?}"));
        }
    }
    let Some(members) = value.as_object() else {
        return Ok(());
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        if !members.contains_key(name.as_str().unwrap()) {
            return wrong(&format!("{name} lacks"));
        }
    }
    for (name, member) in members {
        let at = format!("{at}.{name}");
        match (&schema["properties"][name], &schema["additionalProperties"]) {
            (Value::Null, Value::Bool(false)) => return Err(format!("{at} is unknown")),
            (Value::Null, other) => check(other, member, &at)?,
            (of, _) => check(of, member, &at)?,
        }
    }
    Ok(())
}

#[sqlx::test(migrations = false)]
async fn every_message_is_as_the_schema_says(pool: PgPool) {
    let schema: Value = serde_json::from_str(include_str!("../../docs/alert.schema.json")).unwrap();
    let receiver = Receiver::start(&[]).await;
    let variables = [("EXTERNAL_API_URL", "http://127.0.0.1:9/")];
    let app = telling(&pool, &receiver, &variables).await;
    app.presents_itself().await;
    app.import_named("bad.json", "[]").await;
    app.execute(
        "UPDATE import_logs SET resolved_by = 1;
         INSERT INTO import_logs (import_type, range_start, range_end) VALUES ('date_range', '2025-06-22', '2025-06-22');
         INSERT INTO import_dates (import_id, date) SELECT max(id), '2025-06-22' FROM import_logs;
         UPDATE import_dates SET unusual = 'No draws; a Sunday usually has 36 to 44.';
         UPDATE schedule_watch SET on_since = now() - interval '25 hours';
         INSERT INTO alerts (event, subject) VALUES ('test', 'x');
         INSERT INTO alerts (event, subject, detail) VALUES ('summary', 'x', '{\"counts\": {\"import_failed\": 7}}')",
    )
    .await;
    assert!(app.alerts.look().await.unwrap());
    app.sends(0).await;
    let mut seen = receiver.events();
    for sent in receiver.sent() {
        check(&schema, &sent.json, "alert").unwrap();
        let mut odd = sent.json.clone();
        odd["more"] = json!(1);
        check(&schema, &odd, "alert").unwrap_err();
        let mut odd = sent.json;
        odd["import"] = json!({ "id": "1" });
        check(&schema, &odd, "alert").unwrap_err();
    }
    seen.sort();
    let known = schema["properties"]["event"]["enum"].as_array().unwrap();
    let mut known: Vec<&str> = known.iter().map(|word| word.as_str().unwrap()).collect();
    known.sort_unstable();
    assert_eq!(seen, known);
    app.stop().await;
}

/// Where the webhook is set for the pages' process, and the feed for a worker that has stopped.
#[sqlx::test(migrations = false)]
async fn who_sees_that_a_success_is_overdue_need_not_have_the_feed(pool: PgPool) {
    let receiver = Receiver::start(&[]).await;
    let app = telling(&pool, &receiver, &[("ALERT_OVERDUE_HOURS", "1")]).await;
    app.execute("UPDATE schedule_watch SET on_since = now() - interval '2 hours'")
        .await;
    assert!(!app.alerts.look().await.unwrap(), "there never was a feed");
    let other = App::idle(&pool, &[("EXTERNAL_API_URL", "http://127.0.0.1:9/")]).await;
    other.presents_itself().await;
    other.stop().await;
    assert!(app.alerts.look().await.unwrap());
    app.stop().await;
}
