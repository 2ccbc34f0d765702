//! Open pages hear of what changes, and ask again only then.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
    response::Response,
};
use http_body_util::BodyExt as _;
use serde_json::Value;
use sqlx::{PgPool, postgres::PgListener};
use tokio::{io::AsyncReadExt as _, time::timeout};
use tower::ServiceExt as _;

use super::{
    app::{App, eventually},
    fixtures::{by, small_backup},
    listening::{LONG, SOON, hear, listening, say},
};
use crate::{
    model::{
        history::Filter,
        import_log::{Phase, Requester},
        scheduler::SchedulerPage,
    },
    server::{
        db::{
            attempts::{self, AttemptKey, Progress},
            processes,
        },
        http::listen::Patience,
        jobs::presence::{self, Duties},
    },
    wire,
};

/// A page that listens.
struct Page {
    body: Body,
    heard: String,
}

impl Page {
    /// One that has been greeted, by a process that hears all.
    async fn open(app: &App) -> Self {
        eventually("changes are heard of", async || {
            app.changes.are_heard().then_some(())
        })
        .await;
        let answer = ask(app, "/events", &[]).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let mut page = Self {
            body: answer.into_body(),
            heard: String::new(),
        };
        let (name, _) = page.event().await;
        assert_eq!(name, "hello");
        page
    }

    /// The next event's name and data.
    async fn event(&mut self) -> (String, Value) {
        let event = timeout(SOON, self.next_event()).await;
        event.expect("nothing is told")
    }

    async fn next_event(&mut self) -> (String, Value) {
        loop {
            if let Some((event, rest)) = self.heard.split_once("\n\n") {
                let part = |name| event.lines().find_map(|line| line.strip_prefix(name));
                let event = part("event: ").map(|name| {
                    let data = part("data: ").unwrap();
                    (name.to_owned(), serde_json::from_str(data).unwrap())
                });
                let rest = rest.to_owned();
                self.heard = rest;
                match event {
                    Some(event) => return event,
                    // A comment.
                    None => continue,
                }
            }
            let frame = self.body.frame().await.unwrap().unwrap();
            let piece = frame.into_data().unwrap();
            self.heard.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }

    /// The imports that the next piece of news names.
    async fn news(&mut self) -> Vec<i64> {
        let (name, data) = self.event().await;
        assert_eq!(name, "change");
        let imports = data["imports"].as_array().unwrap();
        imports.iter().map(|id| id.as_i64().unwrap()).collect()
    }

    /// Waits for news of this import: that names it, or says that anything may have changed.
    async fn hears_of(&mut self, id: i32) {
        loop {
            let news = self.news().await;
            if news.is_empty() || news.contains(&id.into()) {
                return;
            }
        }
    }

    /// Waits until all has been heard that was told before.
    async fn catches_up(&mut self, app: &App) {
        loop {
            app.execute("NOTIFY changed, '424242'").await;
            if self.news().await.contains(&424_242) {
                return;
            }
        }
    }
}

/// A request as it is, of a page that the server knows nothing else of.
async fn ask(app: &App, uri: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    app.router.clone().oneshot(request).await.unwrap()
}

const DATA: &str = "/api/scheduler_page";

/// The page's data: its status, its headers and what it says.
async fn data(app: &App, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
    let (parts, body) = ask(app, DATA, headers).await.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    (parts.status, parts.headers, body)
}

/// The page's data as it is now, with its tag.
async fn shown(app: &App) -> (SchedulerPage, String) {
    let (status, headers, body) = data(app, &[]).await;
    assert_eq!(status, StatusCode::OK);
    let tag = headers["etag"].to_str().unwrap().to_owned();
    (wire::unpack(&body).unwrap(), tag)
}

/// What was told in the database since `listener` listens, and up to now: channels and payloads.
async fn told(app: &App, listener: &mut PgListener) -> Vec<(String, String)> {
    app.execute("NOTIFY changed, 'up to now'").await;
    let mut told = Vec::new();
    loop {
        let next = timeout(SOON, listener.recv()).await.unwrap().unwrap();
        if next.payload() == "up to now" {
            return told;
        }
        told.push((next.channel().to_owned(), next.payload().to_owned()));
    }
}

async fn listens(app: &App) -> PgListener {
    let mut listener = PgListener::connect_with(&app.pool).await.unwrap();
    listener
        .listen_all(["changed", "progressed"])
        .await
        .unwrap();
    listener
}

#[sqlx::test(migrations = false)]
async fn an_open_page_hears_of_each_change_whichever_process_made_it(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let other = App::idle(&pool, &[]).await;
    let mut pages = [Page::open(&app).await, Page::open(&other).await];
    for page in &mut pages {
        page.catches_up(&app).await;
    }
    let id = app.queue(small_backup()).await;
    for page in &mut pages {
        page.hears_of(id).await;
    }
    let id = other.queue(small_backup()).await;
    for page in &mut pages {
        page.hears_of(id).await;
    }
    app.work_on(id).await;
    for page in &mut pages {
        page.hears_of(id).await;
    }
    other.stop().await;
    app.stop().await;
}

/// A proxy, a cache or a packer in between would hold news back.
#[sqlx::test(migrations = false)]
async fn news_is_neither_packed_nor_kept(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let answer = ask(&app, "/events", &[("accept-encoding", "gzip")]).await;
    let header = |name| answer.headers().get(name).map(|it| it.to_str().unwrap());
    assert_eq!(header("content-type"), Some("text/event-stream"));
    assert_eq!(header("content-encoding"), None);
    assert_eq!(header("cache-control"), Some("no-store"));
    assert_eq!(header("x-accel-buffering"), Some("no"));
    drop(answer);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_came_while_the_connection_was_broken_is_asked_for(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut page = Page::open(&app).await;
    page.catches_up(&app).await;
    app.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN %'",
    )
    .await;
    eventually("it is noticed", async || {
        (!app.changes.are_heard()).then_some(())
    })
    .await;
    while !page.news().await.is_empty() {}
    assert!(app.changes.are_heard());
    let id = app.queue(small_backup()).await;
    page.hears_of(id).await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_server_that_stops_ends_its_news_at_once(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let patience = Patience {
        head: LONG,
        grace: LONG,
    };
    let server = listening(&app, patience).await;
    let mut page = say(
        server.address,
        "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    .await;
    let mut answer = [0; 12];
    page.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    server.stopping.cancel();
    let serving = timeout(SOON, server.serving).await;
    serving.expect("it waits for the page").unwrap();
    let rest = hear(page).await;
    assert!(rest.ends_with("\r\n0\r\n\r\n"), "{rest}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn there_is_a_place_for_so_many_pages_and_a_word_for_the_next(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut pages = Vec::new();
    let refused = loop {
        let answer = ask(&app, "/events", &[]).await;
        if answer.status() != StatusCode::OK {
            break answer;
        }
        pages.push(answer);
    };
    assert!(
        (500..=5000).contains(&pages.len()),
        "{} places",
        pages.len()
    );
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "30");
    // All others are answered, and whoever goes leaves its place.
    assert_eq!(data(&app, &[]).await.0, StatusCode::OK);
    pages.pop();
    assert_eq!(ask(&app, "/events", &[]).await.status(), StatusCode::OK);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_heartbeat_without_progress_tells_nobody(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    let claimed = app.claim(id).await.unwrap();
    let key = AttemptKey {
        import_id: id,
        number: claimed.attempt,
    };
    let mut progress = Progress {
        phase: Phase::Reading,
        done: 1,
        total: Some(10),
        records: Some(1),
        bytes_per_second: Some(1),
        seconds_left: Some(9),
        waits_until: None,
        trouble: None,
    };
    let beat = async |progress: &Progress| {
        attempts::heartbeat(&app.pool, key, Duration::from_secs(15), progress)
            .await
            .unwrap();
    };
    beat(&progress).await;
    let mut listener = listens(&app).await;
    progress.seconds_left = Some(8);
    beat(&progress).await;
    assert_eq!(told(&app, &mut listener).await, []);
    progress.done = 2;
    beat(&progress).await;
    let further = ("progressed".to_owned(), id.to_string());
    assert_eq!(told(&app, &mut listener).await, [further]);
    progress.phase = Phase::Loading;
    beat(&progress).await;
    let changed = ("changed".to_owned(), id.to_string());
    assert_eq!(told(&app, &mut listener).await, [changed]);
    drop(listener);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn many_logs_that_come_or_go_together_are_one_thing_to_tell(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut listener = listens(&app).await;
    let anything = [("changed".to_owned(), String::new())];
    app.execute(
        "INSERT INTO import_logs (import_type, status, started_at, completed_at)
         SELECT 'sample_data', 'success', now(), now() FROM generate_series(1, 10000)",
    )
    .await;
    assert_eq!(told(&app, &mut listener).await, anything);
    app.execute("UPDATE import_logs SET note = 'x' WHERE id IN (1, 2)")
        .await;
    let both = [("changed".to_owned(), "1,2".to_owned())];
    assert_eq!(told(&app, &mut listener).await, both);
    app.state
        .bulk
        .remove(&Filter::default(), false, &by(Requester::Api))
        .await
        .unwrap();
    let told = told(&app, &mut listener).await;
    assert!(
        told.len() <= 10 && told.contains(&anything[0]),
        "{} messages",
        told.len()
    );
    drop(listener);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_schedule_and_processes_are_told_of_but_no_sign_of_life(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut listener = listens(&app).await;
    let anything = [("changed".to_owned(), String::new())];
    let duties = Duties {
        runs_imports: true,
        has_timer: true,
    };
    let one = presence::of_this_process("the test", duties, &app.has);
    processes::be_seen(&app.pool, &one).await.unwrap();
    assert_eq!(told(&app, &mut listener).await, anything);
    processes::be_seen(&app.pool, &one).await.unwrap();
    assert_eq!(told(&app, &mut listener).await, []);
    processes::leave(&app.pool, one.id).await.unwrap();
    assert_eq!(told(&app, &mut listener).await, anything);
    app.post("/scheduler/stop").await;
    assert_eq!(told(&app, &mut listener).await, anything);
    app.retention.run(&by(Requester::Cli)).await.unwrap();
    assert_eq!(told(&app, &mut listener).await, anything);
    drop(listener);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_page_that_shows_the_same_is_told_so(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.presents_itself().await;
    app.refuse_small_backups().await;
    let id = app.queue(small_backup()).await;
    app.work_on(id).await;
    app.changes.note();
    let (page, tag) = shown(&app).await;
    assert_eq!(page.now.to_string(), "2025-06-22 10:00:00 UTC");
    assert!(tag.starts_with("W/"), "{tag}");
    // Neither the clock nor a sign of life is something that is shown.
    app.set_clock("2025-06-22T10:00:07Z");
    app.execute("UPDATE processes SET seen_at = now()").await;
    app.changes.note();
    for known in [tag.clone(), format!("\"x\", {tag}"), "*".to_owned()] {
        let (status, headers, body) = data(&app, &[("if-none-match", &known)]).await;
        assert_eq!(status, StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(headers["etag"], tag);
        assert_eq!(headers["cache-control"], "private, no-cache");
        assert!(body.is_empty());
    }
    let strange = data(&app, &[("if-none-match", "\"x\"")]).await;
    assert_eq!(strange.0, StatusCode::OK);
    let packed = data(&app, &[("accept-encoding", "gzip")]).await;
    assert_eq!(packed.1["content-encoding"], "gzip");
    assert!(packed.2.starts_with(b"\x1f\x8b"));

    app.post(&format!("/import-logs/{id}/dismiss")).await;
    let (status, _, body) = data(&app, &[("if-none-match", &tag)]).await;
    assert_eq!(status, StatusCode::OK);
    let page: SchedulerPage = wire::unpack(&body).unwrap();
    assert_eq!(page.unresolved_failures, 0);
    app.stop().await;
}

/// What the database is asked for is held up: only what is known already can be answered.
#[sqlx::test(migrations = false)]
async fn while_nothing_changes_the_database_is_asked_nothing(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut page = Page::open(&app).await;
    let id = app.queue(small_backup()).await;
    app.work_on(id).await;
    page.catches_up(&app).await;
    shown(&app).await;
    let mut held = app.pool.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE import_logs, schedule IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *held)
        .await
        .unwrap();
    let (_, tag) = shown(&app).await;
    let again = data(&app, &[("if-none-match", &tag)]).await;
    assert_eq!(again.0, StatusCode::NOT_MODIFIED);
    assert_eq!(ask(&app, "/", &[]).await.status(), StatusCode::OK);
    // A change that is heard of makes it stale.
    app.changes.note();
    let asked = timeout(Duration::from_millis(300), shown(&app)).await;
    assert!(asked.is_err(), "it is answered from what is old");
    drop(held);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn whoever_has_done_something_sees_it_with_the_next_reading(pool: PgPool) {
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", "http://127.0.0.1:9")]).await;
    let enabled = async || shown(&app).await.0.scheduler.enabled;
    for _ in 0..20 {
        for (path, switched) in [("/scheduler/stop", false), ("/scheduler/start", true)] {
            let request = Request::post(path).body(Body::empty()).unwrap();
            let answer = app.router.clone().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(enabled().await, switched);
        }
    }
    app.stop().await;
}
