//! What a feed may answer, and what success is said of (`formats.md` §1): sections, days, values, odd items.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, routing::get};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{Server, by, serve},
};
use crate::model::import_log::{DateOutcome, FailureKind, ImportDetails, ImportLog, ImportStatus};

const DAY: &str = "/scheduler/import-range?start_date=2025-06-22&end_date=2025-06-22";

/// A feed whose answer a test sets.
struct Feed {
    server: Server,
    answer: Arc<Mutex<Bytes>>,
}

impl Feed {
    async fn start() -> Self {
        let answer = Arc::new(Mutex::new(Bytes::new()));
        let router = Router::new().fallback(get({
            let answer = answer.clone();
            move || {
                let answer = answer.lock().unwrap().clone();
                async move { answer }
            }
        }));
        Self {
            server: serve(router).await,
            answer,
        }
    }

    async fn app(&self, pool: &PgPool) -> App {
        App::working(pool, &[("EXTERNAL_API_URL", &self.server.url)]).await
    }

    /// Imports 22 June 2025 with this answer.
    async fn import(&self, app: &App, answer: impl Into<Bytes>) -> ImportDetails {
        *self.answer.lock().unwrap() = answer.into();
        app.post(DAY).await;
        app.state.logs.details(app.newest().await.id).await.unwrap()
    }

    async fn items(&self, app: &App, items: Value) -> ImportDetails {
        let answer = json!({ "set": { "lists": items } }).to_string();
        self.import(app, answer).await
    }
}

/// An item of that day, with these members over the usual ones.
fn item(game: &str, members: &Value) -> Value {
    let mut item = json!({ "GAME_CODE": format!("{game}-20250622"), "GAME_NAME": "ดาวโจนส์ VIP",
                           "RESULT_3UP": "282", "RESULT_2DOWN": "05" });
    for (name, value) in members.as_object().unwrap() {
        item[name] = value.clone();
    }
    item
}

fn failed(log: &ImportLog, kind: FailureKind) -> &str {
    assert_eq!(
        (log.status, log.failure_kind),
        (ImportStatus::Failed, Some(kind)),
        "{log:?}"
    );
    log.error_message.as_deref().unwrap()
}

/// `(3UP, 2DOWN, status)` of the one result.
async fn the_result(app: &App) -> (Option<String>, Option<String>, String) {
    sqlx::query_as("SELECT result_3up, result_2down, status FROM results")
        .fetch_one(&app.pool)
        .await
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_bad_answer_never_takes_away_what_is_stored(pool: PgPool) {
    let feed = Feed::start().await;
    let app = feed.app(&pool).await;
    feed.items(&app, json!([item("L03", &json!({}))])).await;
    let kept = (
        Some("282".into()),
        Some("05".into()),
        "completed".to_owned(),
    );
    for nothing in [json!(""), json!(null), json!("-"), json!("รอผล")] {
        let values = json!({ "RESULT_3UP": nothing, "RESULT_2DOWN": nothing });
        let ImportDetails { log, .. } = feed.items(&app, json!([item("L03", &values)])).await;
        assert_eq!(the_result(&app).await, kept, "{nothing}");
        assert_eq!(
            (log.status, log.results_updated, log.results_unchanged),
            (ImportStatus::Success, 0, 1),
            "{nothing}"
        );
    }
    for nonsense in [json!("???"), json!(282), json!("0 5"), json!([])] {
        let values = json!({ "RESULT_3UP": nonsense });
        let details = feed.items(&app, json!([item("L03", &values)])).await;
        let message = failed(&details.log, FailureKind::InvalidInput);
        assert!(message.contains("set 1: RESULT_3UP is "), "{message}");
        assert_eq!(the_result(&app).await, kept, "{nonsense}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn digits_of_other_scripts_are_stored_as_the_digits_that_they_mean(pool: PgPool) {
    let feed = Feed::start().await;
    let app = feed.app(&pool).await;
    let values = json!({ "RESULT_3UP": " ๒๘๒ ", "RESULT_2DOWN": "０５" });
    feed.items(&app, json!([item("L03", &values)])).await;
    let stored = (
        Some("282".into()),
        Some("05".into()),
        "completed".to_owned(),
    );
    assert_eq!(the_result(&app).await, stored);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_correction_is_counted_and_shown_with_both_values(pool: PgPool) {
    let feed = Feed::start().await;
    let app = feed.app(&pool).await;
    let games: Vec<String> = (0..25).map(|n| format!("L{n:02}")).collect();
    let items = |value: &str| -> Value {
        games
            .iter()
            .map(|game| item(game, &json!({ "RESULT_3UP": value })))
            .collect()
    };
    feed.items(&app, items("282")).await;
    let ImportDetails { log, dates, .. } = feed.items(&app, items("283")).await;
    assert_eq!((log.results_updated, log.results_corrected), (25, 25));
    assert_eq!(dates[0].results_corrected, 25);
    assert_eq!(log.differences.0.len(), 20, "the first of them");
    let first = &log.differences.0[0];
    assert_eq!(
        (
            first.stored.result_3up.as_deref(),
            first.brought.result_3up.as_deref()
        ),
        (Some("282"), Some("283"))
    );
    assert_eq!(first.game_name, "ดาวโจนส์ VIP");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_game_gets_the_feeds_name_and_country_and_that_is_counted(pool: PgPool) {
    let feed = Feed::start().await;
    let app = feed.app(&pool).await;
    let of = |name: &str, country: Value| {
        json!([item(
            "L03",
            &json!({ "GAME_NAME": name, "COUNTRY_CODE": country })
        )])
    };
    let updated = async |answer: Value| feed.items(&app, answer).await.log.games_updated;
    let game = async || -> (String, Option<String>) {
        sqlx::query_as("SELECT game_name, country_code FROM games")
            .fetch_one(&app.pool)
            .await
            .unwrap()
    };
    assert_eq!(updated(of("old", json!(null))).await, 0);
    assert_eq!(updated(of("old", json!("US"))).await, 1);
    assert_eq!(game().await, ("old".into(), Some("US".into())));
    assert_eq!(updated(of("new", json!(null))).await, 1);
    assert_eq!(
        game().await,
        ("new".into(), Some("US".into())),
        "silence takes no country away"
    );
    assert_eq!(updated(of("new", json!("US"))).await, 0);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_no_answer_is_no_success(pool: PgPool) {
    let feed = Feed::start().await;
    let app = feed.app(&pool).await;
    for (answer, names) in [
        ("{}", "it is an empty object"),
        (r#"{"error": "maintenance"}"#, "it has the member \"error\""),
        (
            r#"{"success": true, "info": {"items": []}}"#,
            "it has the members \"success\" and \"info\"",
        ),
        (
            r#"{"set": {"DATE_GAME": "22-Jun-2025"}, "settrade": {"lists": null}}"#,
            "it has the members \"set\" and \"settrade\"",
        ),
    ] {
        let ImportDetails { log, dates, .. } = feed.import(&app, answer).await;
        let message = failed(&log, FailureKind::InvalidInput);
        assert!(message.contains(names), "{message}");
        assert_eq!(
            (dates[0].outcome, dates[0].failure_kind),
            (DateOutcome::Failed, Some(FailureKind::InvalidInput))
        );
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_day_without_draws_says_so(pool: PgPool) {
    let feed = Feed::start().await;
    let app = feed.app(&pool).await;
    let ImportDetails { log, dates, .. } = feed.items(&app, json!([])).await;
    let sentence = Some("The feed has no draws for this day.");
    assert_eq!(
        (log.status, log.records_processed),
        (ImportStatus::Success, 0)
    );
    assert_eq!(
        (log.note.as_deref(), dates[0].message.as_deref()),
        (sentence, sentence)
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_draw_of_another_day_is_a_reject_and_a_day_of_such_draws_fails(pool: PgPool) {
    let feed = Feed::start().await;
    let app = feed.app(&pool).await;
    let stray = json!({ "GAME_CODE": "L03-20250101", "GAME_NAME": "x", "RESULT_3UP": "1" });
    let details = feed
        .items(&app, json!([item("L04", &json!({})), stray]))
        .await;
    assert_eq!(
        (details.log.status, details.log.records_rejected),
        (ImportStatus::Success, 1)
    );
    assert_eq!(
        (details.log.records_processed, app.data().await),
        (2, (1, 1))
    );
    let [reject] = &details.rejects[..] else {
        panic!("{:?}", details.rejects)
    };
    assert_eq!(
        reject.reason,
        "It is dated 2025-01-01, asked for 2025-06-22."
    );
    assert_eq!(
        reject.date.map(|date| date.to_string()).as_deref(),
        Some("2025-06-22")
    );

    let details = feed.items(&app, json!([stray])).await;
    let message = failed(&details.log, FailureKind::InvalidInput);
    assert!(
        message.contains("dated 2025-01-01, asked for 2025-06-22"),
        "{message}"
    );
    assert_eq!(details.rejects.len(), 1, "what was wrong is kept");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_odd_item_is_one_reject_and_the_answer_is_read_all_the_same(pool: PgPool) {
    let feed = Feed::start().await;
    let app = feed.app(&pool).await;
    let good = item("L05", &json!({}));
    // A member twice; a name that isn't UTF-8; a section whose name no column can hold.
    let twice = item("L03", &json!({}))
        .to_string()
        .replacen('{', "{\"RESULT_3UP\": \"999\", ", 1);
    let name = json!({ "GAME_NAME": "@@" });
    let broken = item("L04", &name).to_string();
    let answer = format!(
        r#"{{"set": {{"lists": [{twice}, {broken}, {good}]}}, "a\u0000b": {{"lists": [{{"GAME_CODE": 5}}]}}}}"#
    );
    let mut answer = answer.into_bytes();
    let at = answer.windows(2).position(|pair| pair == b"@@").unwrap();
    answer[at] = 0xE0;
    let details = feed.import(&app, answer).await;
    assert_eq!(
        details.log.status,
        ImportStatus::Success,
        "{:?}",
        details.log.error_message
    );
    let found: Vec<(&str, i64, &str)> = details
        .rejects
        .iter()
        .map(|reject| {
            (
                reject.section.as_str(),
                reject.position,
                reject.reason.as_str(),
            )
        })
        .collect();
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(
        found[0],
        ("set", 1, "RESULT_3UP stands in the record twice.")
    );
    assert_eq!((found[1].0, found[1].1), ("set", 2));
    assert!(
        found[1]
            .2
            .starts_with("The record is not valid UTF-8 (its byte "),
        "{}",
        found[1].2
    );
    assert_eq!(found[2].0, "a\u{2400}b");
    assert_eq!(
        (app.data().await, details.log.records_processed),
        ((1, 1), 4)
    );
    app.stop().await;
}

/// Nothing hangs on the country.
#[sqlx::test(migrations = false)]
async fn an_odd_country_costs_itself_and_not_the_digits(pool: PgPool) {
    let feed = Feed::start().await;
    let app = feed.app(&pool).await;
    let odd = item("L03", &json!({ "COUNTRY_CODE": 66 }));
    let ImportDetails { log, dates, .. } = feed.items(&app, json!([odd])).await;
    assert_eq!(
        (log.status, log.records_rejected, app.data().await),
        (ImportStatus::Success, 0, (1, 1))
    );
    let note = log.note.unwrap();
    assert!(
        note.starts_with(
            "1 draw was taken without the country. The first: COUNTRY_CODE is the number 66"
        ),
        "{note}"
    );
    assert_eq!(dates[0].message.as_deref(), Some(note.as_str()));
    app.stop().await;
}

/// Memory doesn't grow with nonsense: of a day's rejects the first are kept, and all are counted.
#[sqlx::test(migrations = false)]
async fn of_very_many_rejects_of_a_day_the_first_are_kept(pool: PgPool) {
    let feed = Feed::start().await;
    let app = feed.app(&pool).await;
    let mut items = vec![json!(1); 12_000];
    items.push(item("L03", &json!({})));
    let log = feed.items(&app, json!(items)).await.log;
    assert_eq!(
        (log.status, log.records_rejected, log.records_processed),
        (ImportStatus::Success, 12_000, 12_001)
    );
    assert_eq!(
        app.number("SELECT count(*) FROM import_rejects").await,
        10_000
    );
    app.stop().await;
}

/// One day that the database refuses fails that day, not the range.
#[sqlx::test(migrations = false)]
async fn a_day_that_the_database_refuses_fails_that_day_alone(pool: PgPool) {
    let feed = super::fixtures::feed(crate::server::feed::simulator::Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.execute("ALTER TABLE results ADD CHECK (result_date <> '2025-06-21')")
        .await;
    app.post("/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-22")
        .await;
    let ImportDetails { log, dates, .. } =
        app.state.logs.details(app.newest().await.id).await.unwrap();
    assert_eq!(
        dates.iter().map(|date| date.outcome).collect::<Vec<_>>(),
        [
            DateOutcome::Success,
            DateOutcome::Failed,
            DateOutcome::Success
        ]
    );
    assert_eq!((log.successful_dates, log.failed_dates), (Some(2), Some(1)));
    let message = failed(&log, FailureKind::Internal);
    assert!(
        message.contains("2025-06-21 (The database refused this day's data"),
        "{message}"
    );
    assert!(log.retryable);
    app.stop().await;
}

/// Days that a range never came to are named, whatever ended it.
#[sqlx::test(migrations = false)]
async fn a_range_that_the_database_ends_names_the_days_that_were_not_asked(pool: PgPool) {
    let feed = super::fixtures::feed(crate::server::feed::simulator::Trouble::default()).await;
    let app = App::working(
        &pool,
        &[
            ("EXTERNAL_API_URL", &feed.url),
            ("NUMWATCH_MAX_ATTEMPTS", "1"),
        ],
    )
    .await;
    // As one that restarts in the middle.
    app.execute(
        "CREATE FUNCTION restart() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'restarting' USING ERRCODE = 'admin_shutdown'; END $$;
         CREATE TRIGGER restart BEFORE INSERT ON results FOR EACH ROW
             WHEN (NEW.result_date = '2025-06-21') EXECUTE FUNCTION restart()",
    )
    .await;
    app.post("/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-22")
        .await;
    let log = app.newest().await;
    assert_eq!((log.successful_dates, log.failed_dates), (Some(1), Some(0)));
    let message = failed(&log, FailureKind::SourceUnavailable);
    assert!(
        message.ends_with(" 2 days were not asked: 2025-06-21 to 2025-06-22."),
        "{message}"
    );
    assert!(log.retryable);
    app.stop().await;
}

/// While the feed asks to wait, the log says until when.
#[sqlx::test(migrations = false)]
async fn the_log_says_until_when_the_feed_asked_to_wait(pool: PgPool) {
    use axum::{
        http::{StatusCode, header::RETRY_AFTER},
        response::IntoResponse as _,
    };
    let server = serve(Router::new().fallback(|| async {
        (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "120")]).into_response()
    }))
    .await;
    let app = App::working(
        &pool,
        &[
            ("EXTERNAL_API_URL", &server.url),
            ("NUMWATCH_HEARTBEAT_SECONDS", "0.5"),
        ],
    )
    .await;
    let day = "2025-06-22".parse().unwrap();
    let by = by(crate::model::import_log::Requester::Api);
    let id = app
        .state
        .imports
        .start_range(day, day, &by)
        .await
        .unwrap()
        .id;
    let until = super::app::eventually("it waits", async || app.log(id).await.waits_until).await;
    assert_eq!(
        until,
        app.importer.clock.now() + chrono::TimeDelta::seconds(120)
    );
    app.post(&format!("/import-logs/{id}/cancel")).await;
    assert_eq!(app.ended(id).await.waits_until, None);
    app.stop().await;
}
