//! A day that brings far fewer draws than its weekday usually has, or far more, says so.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, extract::Query, routing::get};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgPool;
use tokio::sync::Semaphore;

use super::{
    app::App,
    fixtures::{Server, by, serve},
};
use crate::{model::import_log::ImportStatus, server::clock::BANGKOK};

#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "dateCurrent")]
    date: DateTime<Utc>,
}

/// So many draws mean an answer that can't be read.
const BROKEN: usize = 9_999;

/// A feed that has so many draws for each day.
async fn feed_of(draws: &Arc<AtomicUsize>) -> Server {
    let [asked, may] = [0, Semaphore::MAX_PERMITS]
        .map(Semaphore::new)
        .map(Arc::new);
    slow_feed_of(draws, &asked, &may).await
}

/// The same; it tells how often it was asked, and answers as often as it may.
async fn slow_feed_of(
    draws: &Arc<AtomicUsize>,
    asked: &Arc<Semaphore>,
    may: &Arc<Semaphore>,
) -> Server {
    let (draws, asked, may) = (draws.clone(), asked.clone(), may.clone());
    let router = Router::new().fallback(get(async move |Query(Asked { date }): Query<Asked>| {
        asked.add_permits(1);
        may.acquire().await.unwrap().forget();
        let date = date.with_timezone(&BANGKOK).format("%Y%m%d").to_string();
        let number = draws.load(Ordering::SeqCst);
        if number == BROKEN {
            return axum::Json(json!({ "error": "maintenance" }));
        }
        let items = (0..number).map(|nth| {
            json!({ "GAME_CODE": format!("G{nth:03}-{date}"), "GAME_NAME": "ดาวโจนส์", "RESULT_3UP": "282" })
        });
        axum::Json(json!({ "set": { "lists": items.collect::<Vec<_>>() } }))
    }));
    serve(router).await
}

/// Asks for days, and answers the note on the log of the import.
async fn note_of(app: &App, days: &[&str]) -> Option<String> {
    let days = days.iter().map(|day| day.parse().unwrap()).collect();
    let by = by(crate::model::import_log::Requester::Api);
    let started = app.state.imports.start_days(days, &by).await.unwrap();
    let log = app.ended(started.id).await;
    assert_eq!(log.status, ImportStatus::Success, "{:?}", log.error_message);
    log.note
}

/// The Sundays before 2025-06-22, whose clock the tests have.
const SUNDAYS: [&str; 8] = [
    "2025-04-27",
    "2025-05-04",
    "2025-05-11",
    "2025-05-18",
    "2025-05-25",
    "2025-06-01",
    "2025-06-08",
    "2025-06-15",
];

#[sqlx::test(migrations = false)]
async fn a_day_with_far_fewer_draws_than_usual_succeeds_and_says_so(pool: PgPool) {
    let draws = Arc::new(AtomicUsize::new(40));
    let feed = feed_of(&draws).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    assert_eq!(note_of(&app, &SUNDAYS).await, None);
    draws.store(12, Ordering::SeqCst);
    // Midday of that very Sunday: it still fills up.
    assert_eq!(note_of(&app, &["2025-06-22"]).await, None);
    // The last second of it in Bangkok, and the first after it.
    app.set_clock("2025-06-22T16:59:59Z");
    assert_eq!(note_of(&app, &["2025-06-22"]).await, None);
    app.set_clock("2025-06-22T17:00:00Z");
    let few = "12 draws; a Sunday usually has 36 to 44.";
    assert_eq!(note_of(&app, &["2025-06-22"]).await.as_deref(), Some(few));
    // Of other weekdays too little is known.
    assert_eq!(note_of(&app, &["2025-06-21"]).await, None);
    let id = app.newest().await.id;

    // A range names which of its days, and each day tells it.
    let note = note_of(&app, &["2025-06-21", "2025-06-22"]).await;
    assert_eq!(note, Some(format!("2025-06-22: {few}")));
    let reply = app.get(&format!("/import-logs/{}", id + 1)).await.json();
    assert_eq!(reply["dates"][0]["message"], json!(null));
    assert_eq!(reply["dates"][1]["message"], few);
    app.page("/imports").await.shows(&[few]);
    app.page("/")
        .await
        .text()
        .contains(few)
        .then_some(())
        .unwrap();

    // The coverage tells it with the day; the log may go.
    app.page("/coverage?month=2025-06").await.shows(&[few]);
    app.execute("DELETE FROM import_logs").await;
    app.page("/coverage?month=2025-06").await.shows(&[few]);
    let json = app
        .get("/coverage?from=2025-06-21&to=2025-06-22")
        .await
        .json();
    let sunday = &json["days"][1];
    assert_eq!(
        [
            &sunday["usual_low"],
            &sunday["usual_high"],
            &sunday["draws"]
        ],
        [&json!(36), &json!(44), &json!(12)]
    );
    assert_eq!(
        (&sunday["unusual"], &sunday["import_id"]),
        (&json!(few), &json!(null))
    );
    assert_eq!(json["days"][0]["usual_low"], json!(null));

    // Asked again it has what it usually has.
    draws.store(41, Ordering::SeqCst);
    assert_eq!(note_of(&app, &["2025-06-22"]).await, None);
    let page = app.page("/coverage?month=2025-06").await.text();
    assert!(!page.contains(few));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_day_without_any_draws_and_one_with_far_more_are_unusual(pool: PgPool) {
    let draws = Arc::new(AtomicUsize::new(40));
    let feed = feed_of(&draws).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.set_clock("2025-06-30T10:00:00Z");
    note_of(&app, &SUNDAYS[5..]).await;
    draws.store(0, Ordering::SeqCst);
    // Three Sundays are too few to judge by.
    let none = "The feed has no draws for this day.";
    assert_eq!(note_of(&app, &["2025-06-22"]).await.as_deref(), Some(none));
    draws.store(40, Ordering::SeqCst);
    note_of(&app, &SUNDAYS[4..5]).await;
    draws.store(0, Ordering::SeqCst);
    // A Sunday that was answered without draws counts as one of those that are known; it is the odd one among them.
    let said = note_of(&app, &["2025-06-29"]).await;
    let odd = format!("{none} No draws; a Sunday usually has 36 to 44.");
    assert_eq!(said, Some(odd));
    draws.store(80, Ordering::SeqCst);
    let said = note_of(&app, &["2025-06-29"]).await;
    assert_eq!(
        said.as_deref(),
        Some("80 draws; a Sunday usually has 36 to 44.")
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_usual_is_still_known_when_the_draws_are_gone(pool: PgPool) {
    let draws = Arc::new(AtomicUsize::new(40));
    let feed = feed_of(&draws).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.set_clock("2025-06-23T10:00:00Z");
    note_of(&app, &SUNDAYS).await;
    let sundays = app.newest().await.id;
    draws.store(12, Ordering::SeqCst);
    let few = "12 draws; a Sunday usually has 36 to 44.";
    let usual = async || {
        let path = "/coverage?from=2025-06-22&to=2025-06-22";
        let day = &app.get(path).await.json()["days"][0];
        (day["usual_low"].clone(), day["usual_high"].clone())
    };
    // Taken back.
    app.post(&format!("/import-logs/{sundays}/undo")).await;
    assert_eq!(app.data().await, (0, 0));
    assert_eq!(note_of(&app, &["2025-06-22"]).await.as_deref(), Some(few));
    assert_eq!(usual().await, (json!(36), json!(44)));
    // Cleared.
    app.delete("/clear-data").await;
    assert_eq!(note_of(&app, &["2025-06-22"]).await.as_deref(), Some(few));
    assert_eq!(usual().await, (json!(36), json!(44)));
    // Answers of before their draws were counted say nothing once those are gone.
    app.execute("UPDATE feed_days SET draws = NULL").await;
    app.delete("/clear-data").await;
    assert_eq!(note_of(&app, &["2025-06-22"]).await, None);
    assert_eq!(usual().await, (json!(null), json!(null)));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_answer_fetched_before_midnight_is_of_a_day_that_is_not_over(pool: PgPool) {
    let draws = Arc::new(AtomicUsize::new(40));
    let [asked, may] = [0, 8].map(Semaphore::new).map(Arc::new);
    let feed = slow_feed_of(&draws, &asked, &may).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    note_of(&app, &SUNDAYS).await;
    draws.store(12, Ordering::SeqCst);
    app.set_clock("2025-06-22T16:59:58Z");
    let midnight = async {
        asked.acquire_many(9).await.unwrap().forget();
        app.set_clock("2025-06-22T17:00:01Z");
        may.add_permits(1);
    };
    let (note, ()) = tokio::join!(note_of(&app, &["2025-06-22"]), midnight);
    assert_eq!(note, None);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_range_with_a_failed_day_names_its_unusual_days_too(pool: PgPool) {
    let draws = Arc::new(AtomicUsize::new(40));
    let [asked, may] = [0, 8].map(Semaphore::new).map(Arc::new);
    let feed = slow_feed_of(&draws, &asked, &may).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.set_clock("2025-06-30T10:00:00Z");
    note_of(&app, &SUNDAYS).await;
    draws.store(12, Ordering::SeqCst);
    may.add_permits(1);
    let days = ["2025-06-22", "2025-06-23"].map(|day| day.parse().unwrap());
    let by = by(crate::model::import_log::Requester::Api);
    let started = app
        .state
        .imports
        .start_days(days.to_vec(), &by)
        .await
        .unwrap();
    // Once the second is asked for, the first is stored.
    asked.acquire_many(10).await.unwrap().forget();
    draws.store(BROKEN, Ordering::SeqCst);
    may.add_permits(8);
    let log = app.ended(started.id).await;
    assert_eq!(log.status, ImportStatus::Failed);
    let said = log.error_message.unwrap();
    let few = " Run it again to ask for it. 2025-06-22: 12 draws; a Sunday usually has 36 to 44.";
    assert!(
        said.starts_with("1 of 2 days failed: 2025-06-23 (") && said.ends_with(few),
        "{said}"
    );
    app.stop().await;
}
