//! `GET /metrics`: what it tells of this process and of all of them, and that what watches it (`ops/`) asks for nothing else.

use std::{collections::BTreeSet, fs, path::Path};

use axum::{
    body::Body,
    http::{Method, Request},
};
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{feed, small_backup},
};
use crate::server::feed::simulator::Trouble;

/// What a process tells.
struct Scrape(String);

impl Scrape {
    async fn of(app: &App) -> Self {
        let reply = app.get("/metrics").await;
        assert_eq!(reply.status.as_u16(), 200);
        assert_eq!(
            reply.header("content-type"),
            "text/plain; version=0.0.4; charset=utf-8"
        );
        Self(reply.text())
    }

    /// The value of the series with these words, in this order, after its name.
    fn value(&self, name: &str, labels: &str) -> Option<f64> {
        let series = if labels.is_empty() {
            format!("{name} ")
        } else {
            format!("{name}{{{labels}}} ")
        };
        let line = self.0.lines().find_map(|line| line.strip_prefix(&series));
        line.map(|value| value.parse().unwrap())
    }

    #[track_caller]
    fn is(&self, name: &str, labels: &str, value: f64) {
        let told = self.value(name, labels);
        let told = told.unwrap_or_else(|| panic!("no {name}{{{labels}}}:\n{}", self.0));
        assert!((told - value).abs() < 1e-9, "{name}{{{labels}}} is {told}");
    }

    /// The names of its samples.
    fn names(&self) -> BTreeSet<String> {
        let samples = self.0.lines().filter(|line| !line.starts_with('#'));
        let names = samples.filter_map(|line| line.split(['{', ' ']).next());
        names.map(str::to_owned).collect()
    }
}

#[sqlx::test(migrations = false)]
async fn requests_are_counted_by_their_route_whatever_they_name(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for id in 1..=20 {
        app.get(&format!("/import-logs/{id}")).await;
        app.get(&format!("/nowhere/{id}")).await;
        app.get(&format!("/pkg/{id}.js")).await;
    }
    let brew = Method::from_bytes(b"BREW").unwrap();
    let brew = Request::builder().method(brew).uri("/games");
    app.send(brew.body(Body::empty()).unwrap()).await;
    let scrape = Scrape::of(&app).await;
    let total = "numwatch_http_requests_total";
    for (labels, times) in [
        (
            r#"method="GET",route="/import-logs/{id}",status="404""#,
            20.0,
        ),
        (r#"method="GET",route="other",status="404""#, 20.0),
        (r#"method="GET",route="/pkg/*",status="404""#, 20.0),
        (r#"method="other",route="/games",status="405""#, 1.0),
    ] {
        scrape.is(total, labels, times);
    }
    scrape.is(
        "numwatch_http_request_duration_seconds_count",
        r#"method="GET",route="/import-logs/{id}""#,
        20.0,
    );
    // The question for the metrics itself.
    scrape.is("numwatch_http_requests_in_progress", "", 1.0);
    let routes = scrape.0.lines().filter(|line| line.starts_with(total));
    assert_eq!(routes.count(), 4, "{}", scrape.0);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_process_counts_its_own_attempts_and_every_process_tells_of_all_imports(pool: PgPool) {
    let worker = App::working(&pool, &[]).await;
    worker.import(small_backup()).await;
    worker.import("[]".to_owned()).await;
    let other = App::idle(&pool, &[]).await;
    let took = "numwatch_import_duration_seconds_count";
    let good = r#"type="backup",outcome="success""#;
    let bad = r#"type="backup",outcome="invalid_input""#;
    let scrapes = [Scrape::of(&worker).await, Scrape::of(&other).await];
    for (scrape, own) in scrapes.iter().zip([1.0, 0.0]) {
        scrape.is(took, good, own);
        scrape.is(took, bad, own);
        let logs = "numwatch_installation_imports";
        scrape.is(
            logs,
            r#"type="backup",status="success",failure_kind="""#,
            1.0,
        );
        let failed = r#"type="backup",status="failed",failure_kind="invalid_input""#;
        scrape.is(logs, failed, 1.0);
        scrape.is(
            "numwatch_installation_open_failures",
            r#"type="backup""#,
            1.0,
        );
        let last = scrape.value(
            "numwatch_installation_last_success_timestamp_seconds",
            r#"type="backup",requested_by="api""#,
        );
        let now = worker.clock.now().timestamp();
        assert_eq!(last.map(|at| at.to_string()), Some(now.to_string()));
    }
    for app in [worker, other] {
        app.stop().await;
    }
}

#[sqlx::test(migrations = false)]
async fn what_waits_and_what_runs_are_told_apart(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let ids = [
        app.queue(small_backup()).await,
        app.queue(small_backup()).await,
        app.queue(small_backup()).await,
    ];
    app.execute(
        "UPDATE import_runs SET queued_at = now() - interval '90 seconds', due_at = now() - interval '90 seconds' WHERE import_id = 2;
         UPDATE import_runs SET due_at = now() + interval '1 hour' WHERE import_id = 3",
    )
    .await;
    assert!(app.claim(ids[0]).await.is_some());
    let scrape = Scrape::of(&app).await;
    for (state, number) in [
        ("waiting", 1.0),
        ("pausing", 1.0),
        ("running", 1.0),
        ("arriving", 0.0),
    ] {
        let labels = format!("state=\"{state}\"");
        scrape.is("numwatch_installation_unfinished_imports", &labels, number);
    }
    let age = scrape.value("numwatch_installation_queue_oldest_age_seconds", "");
    let age = age.unwrap();
    assert!((90.0..150.0).contains(&age), "{age}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_scheduler_owes_a_success_from_when_it_is_switched_on_until_it_is_off(pool: PgPool) {
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", "http://127.0.0.1:9/")]).await;
    let awaited = "numwatch_installation_success_awaited_since_timestamp_seconds";
    let on_since = app
        .number(
            "SELECT extract(epoch FROM date_trunc('second', on_since))::bigint FROM schedule_watch",
        )
        .await;
    assert_eq!(
        Scrape::of(&app).await.value(awaited, ""),
        None,
        "there never was a feed"
    );
    app.presents_itself().await;
    let told = Scrape::of(&app).await.value(awaited, "");
    assert_eq!(told.map(|at| at.to_string()), Some(on_since.to_string()));
    app.post("/scheduler/stop").await;
    assert_eq!(Scrape::of(&app).await.value(awaited, ""), None);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn each_try_of_the_feed_is_counted_by_what_came_of_it(pool: PgPool) {
    let trouble = Trouble {
        bad_dates: vec!["2025-06-21".parse().unwrap()],
        ..Trouble::default()
    };
    let feed = feed(trouble).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.post("/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-21")
        .await;
    let scrape = Scrape::of(&app).await;
    let asked = "numwatch_feed_request_duration_seconds_count";
    scrape.is(asked, r#"outcome="answered""#, 1.0);
    // Two further tries (FEED_RETRIES).
    scrape.is(asked, r#"outcome="status_5xx""#, 3.0);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn without_its_database_a_process_still_tells_what_it_has_counted(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.get("/games").await;
    let before = Scrape::of(&app).await;
    before.is("numwatch_database_up", "", 1.0);
    app.pool.close().await;
    let scrape = Scrape::of(&app).await;
    scrape.is("numwatch_database_up", "", 0.0);
    scrape.is(
        "numwatch_http_requests_total",
        r#"method="GET",route="/games",status="200""#,
        1.0,
    );
    assert!(!scrape.0.contains("numwatch_installation_"));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn prometheus_is_told_in_the_format_that_it_asks_for(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.get("/games").await;
    let request = Request::get("/metrics").header(
        "accept",
        "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
    );
    let reply = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        reply.header("content-type"),
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let text = reply.text();
    assert!(text.contains("# TYPE numwatch_http_requests counter\n"));
    assert!(text.ends_with("# EOF\n"));
    app.stop().await;
}

/// The names of metrics in a text, as far as they are NumWatch's.
fn named(text: &str) -> BTreeSet<String> {
    let is_of_name = |c: char| c.is_ascii_lowercase() || c == '_';
    let words = text.split(|c: char| !is_of_name(c));
    let names = words.filter(|word| word.starts_with("numwatch_"));
    names.map(str::to_owned).collect()
}

#[sqlx::test(migrations = false)]
async fn rules_and_dashboard_ask_for_what_a_process_tells_and_nothing_else(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.presents_itself().await;
    app.import(small_backup()).await;
    let told = Scrape::of(&app).await.names();
    let ops = Path::new(env!("CARGO_MANIFEST_DIR")).join("ops");
    let families: BTreeSet<String> = told
        .iter()
        .map(|name| {
            let ends = ["_bucket", "_count", "_sum"];
            let end = ends.iter().find_map(|end| name.strip_suffix(end));
            end.unwrap_or(name).to_owned()
        })
        .collect();
    let described = named(&fs::read_to_string(ops.join("README.md")).unwrap());
    assert_eq!(described, families);
    for file in [
        "grafana/numwatch.json",
        "prometheus/numwatch.rules.yml",
        "prometheus/numwatch.rules.test.yml",
    ] {
        let text = fs::read_to_string(ops.join(file)).unwrap();
        let mut asked = named(&text);
        // What a comment says of a whole kind.
        asked.remove("numwatch_installation_");
        assert!(asked.len() > 8, "{file}: only {asked:?}");
        let unknown: Vec<_> = asked.difference(&told).collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
    app.stop().await;
}
