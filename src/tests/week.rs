//! The scheduler over a week of simulated time, with a dead feed, processes that restart, and a clock that jumps: which
//! days are asked for when, and that each is complete in the end.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::Query,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::get,
};
use chrono::{DateTime, Datelike as _, NaiveDate, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgPool;

use super::{app::App, fixtures::serve};
use crate::server::{clock::BANGKOK, services::scheduler::Scheduler};

/// What the feed's side of the story is, at any moment.
#[derive(Debug)]
struct Feed {
    now: DateTime<Utc>,
    dead: (DateTime<Utc>, DateTime<Utc>),
    asked: Vec<(DateTime<Utc>, NaiveDate, &'static str)>,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(rename = "dateCurrent")]
    date: DateTime<Utc>,
}

fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}

fn in_bangkok(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&BANGKOK).date_naive()
}

/// A day's draw is awaited until the next morning at eight, in Bangkok; dead, the feed answers 503.
fn answer(feed: &Mutex<Feed>, date: NaiveDate) -> Response {
    let mut feed = feed.lock().unwrap();
    let now = feed.now;
    if now >= feed.dead.0 && now < feed.dead.1 {
        feed.asked.push((now, date, "503"));
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let drawn = date.and_hms_opt(8, 0, 0).unwrap() + TimeDelta::days(1);
    let is_drawn = now.with_timezone(&BANGKOK).naive_local() >= drawn;
    feed.asked
        .push((now, date, if is_drawn { "drawn" } else { "awaited" }));
    let value = if is_drawn { "282" } else { "รอผล" };
    let draw = json!({
        "GAME_CODE": format!("L03-01-000001-{}", date.format("%Y%m%d")), "GAME_NAME": "Thai",
        "COUNTRY_CODE": "TH", "RESULT_3UP": value, "RESULT_2DOWN": if is_drawn { "05" } else { "รอผล" },
        "DATE_OF_RESULT": date.to_string(),
    });
    axum::Json(json!({ "set": { "lists": [draw] } })).into_response()
}

#[sqlx::test(migrations = false)]
async fn over_a_week_each_day_is_asked_until_it_is_complete_and_no_longer(pool: PgPool) {
    let begins = at("2025-06-15T17:00:00Z"); // midnight in Bangkok
    let feed = Arc::new(Mutex::new(Feed {
        now: begins,
        // A day and a half, from Wednesday noon on.
        dead: (at("2025-06-18T05:00:00Z"), at("2025-06-19T17:00:00Z")),
        asked: Vec::new(),
    }));
    let asked = feed.clone();
    let router = Router::new().fallback(get(async move |Query(Asked { date }): Query<Asked>| {
        answer(&asked, in_bangkok(date))
    }));
    let server = serve(router).await;
    let variables = [
        ("EXTERNAL_API_URL", server.url.as_str()),
        ("SCHEDULE", "0 */6 * * *"),
        ("FEED_RETRIES", "0"),
    ];
    let app = App::idle(&pool, &variables).await;
    let mut scheduler = app.scheduler.clone();
    let mut ticks = 0;
    for hour in 0..=(7 * 24 + 12) {
        let now = begins + TimeDelta::hours(hour);
        // On Saturday no process runs at all.
        if (5 * 24..6 * 24).contains(&hour) {
            continue;
        }
        // A restart each eleven hours; and two hours for which the clock is a day ahead, then right again.
        if hour % 11 == 0 {
            scheduler = Scheduler::new(
                app.pool.clone(),
                app.imports.clone(),
                app.stores.clone(),
                app.clock.clone(),
                &app.config,
            );
        }
        let told = if matches!(hour, 50 | 51) {
            now + TimeDelta::days(1)
        } else {
            now
        };
        app.set_clock(&told.to_rfc3339());
        feed.lock().unwrap().now = told;
        let (one, two) = tokio::join!(scheduler.look(told), app.scheduler.look(told));
        let started: Vec<_> = [one.unwrap(), two.unwrap()].into_iter().flatten().collect();
        assert!(started.len() <= 1, "two processes, one import: {told}");
        for import in started {
            ticks += 1;
            app.work_on(import.id).await;
        }
    }
    let asked = std::mem::take(&mut feed.lock().unwrap().asked);
    for (when, date, answer) in &asked {
        let when = when.with_timezone(&BANGKOK).format("%a %d %H:%M");
        println!("{when}  asks for {date}: {answer}");
    }
    println!("{ticks} ticks, {} questions", asked.len());

    // Each day of the week is complete; the one that has just begun is still awaited.
    let status = app.scheduler.status().await.unwrap();
    assert_eq!(status.incomplete_days, [], "{asked:?}");
    let complete = app
        .number("SELECT count(*) FROM results WHERE status = 'completed' AND result_date BETWEEN '2025-06-16' AND '2025-06-22'")
        .await;
    assert_eq!(complete, 7, "{asked:?}");
    for day in 16..=22 {
        let date = NaiveDate::from_ymd_opt(2025, 6, day).unwrap();
        let answers: Vec<_> = asked.iter().filter(|(_, of, _)| *of == date).collect();
        // What is drawn of a day that is over is asked for once.
        let over = |(when, _, said): &&&(DateTime<Utc>, NaiveDate, &str)| {
            *said == "drawn" && in_bangkok(*when) > date
        };
        assert_eq!(
            answers.iter().filter(over).count(),
            1,
            "{date} ({})",
            date.weekday()
        );
    }
    // And a tick asks for a day once.
    let mut once = asked
        .iter()
        .map(|(when, date, _)| (*when, *date))
        .collect::<Vec<_>>();
    once.sort_unstable();
    let all = once.len();
    once.dedup();
    assert_eq!(once.len(), all);
    let open = app.scheduler.status().await.unwrap();
    assert_eq!(open.incomplete_days.len(), 0);
    let failures = app
        .number("SELECT count(*) FROM import_logs WHERE open_failure")
        .await;
    assert_eq!(
        failures, 0,
        "what failed while the feed was dead is settled"
    );
    app.stop().await;
}
