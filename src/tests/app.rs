//! The whole application on one test's database: router, services, worker, housekeeping, a folder of payloads.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use chrono::{DateTime, Utc};
use http_body_util::BodyExt as _;
use sqlx::{PgPool, Postgres, Transaction};
use tempfile::TempDir;
use tokio_util::task::AbortOnDropHandle;
use tower::ServiceExt as _;

use super::fixtures::config;
pub use super::reply::{Reply, upload};

use crate::{
    model::import_log::{ImportLog, ImportStatus},
    server::{
        clock::Clock,
        db::{self, endings::Endings},
        feed::client::FeedClient,
        http,
        importer::Importer,
        jobs::{housekeeping::Housekeeping, worker::Worker},
        payloads::Payloads,
        services::{
            data::Data, imports::Imports, logs::Logs, overview::Overview, scheduler::Scheduler,
        },
        state::{self, AppState, leptos_options},
    },
};

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The application.
pub struct App {
    pub pool: PgPool,
    pub state: AppState,
    pub router: Router,
    pub worker: Worker,
    pub housekeeping: Housekeeping,
    pub importer: Importer,
    pub folder: TempDir,
    now: Arc<Mutex<DateTime<Utc>>>,
    background: Vec<AbortOnDropHandle<()>>,
}

impl App {
    /// Wires the parts as `server::cli` does. Nothing takes jobs off the queue yet.
    pub async fn idle(pool: &PgPool, variables: &[(&str, &str)]) -> Self {
        // sqlx's own pool has five connections, which is too few. No test pulls the plug of PostgreSQL's machine,
        // so none has to wait for its disk.
        let options = (*pool.connect_options())
            .clone()
            .options([("synchronous_commit", "off")]);
        let pool = db::pool_options()
            .max_connections(20)
            .connect_lazy_with(options);
        db::migrate(&pool).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), variables);
        let now = Arc::new(Mutex::new("2025-06-22T10:00:00Z".parse().unwrap()));
        let clock = Clock::from_fn({
            let now = now.clone();
            move || *now.lock().unwrap()
        });
        let payloads = Payloads::open(&config.payloads).unwrap();
        let feed = config
            .feed
            .url
            .clone()
            .map(|url| FeedClient::new(url, &config.feed, clock.clone()).unwrap());
        let endings = Endings::default();
        let imports = Imports::new(
            pool.clone(),
            payloads.clone(),
            clock.clone(),
            endings.clone(),
            config.max_upload,
            feed.is_some(),
        );
        let importer = Importer {
            pool: pool.clone(),
            payloads: payloads.clone(),
            feed,
            feed_delay: config.feed.delay,
            clock: clock.clone(),
        };
        let scheduler = Scheduler::new(pool.clone(), imports.clone(), clock.clone(), &config, true);
        let logs = Logs::new(pool.clone());
        let data = Data::new(pool.clone(), clock.clone());
        let overview = Overview::new(
            pool.clone(),
            clock.clone(),
            scheduler.clone(),
            data.clone(),
            config.max_upload,
        );
        let state = AppState::new(state::Parts {
            imports,
            logs,
            scheduler,
            data,
            overview,
            pool: pool.clone(),
            leptos: leptos_options(&config),
            config: config.clone(),
        });
        let listening = AbortOnDropHandle::new(tokio::spawn({
            let pool = pool.clone();
            async move { endings.run(pool).await }
        }));
        Self {
            router: http::router(&state),
            worker: Worker::new(importer.clone(), config.attempts, config.workers),
            housekeeping: Housekeeping {
                pool: pool.clone(),
                payloads,
                clock,
                limits: config.attempts,
            },
            pool,
            state,
            importer,
            folder,
            now,
            background: vec![listening],
        }
    }

    /// The same with a worker that takes jobs.
    pub async fn working(pool: &PgPool, variables: &[(&str, &str)]) -> Self {
        let mut app = Self::idle(pool, variables).await;
        let worker = app.worker.clone();
        app.run(async move { worker.run().await });
        app
    }

    /// Runs something beside the test until its end.
    pub fn run(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.background
            .push(AbortOnDropHandle::new(tokio::spawn(task)));
    }

    /// Ends everything, so that the test's database can be dropped.
    pub async fn stop(mut self) {
        self.worker.shut_down(Duration::ZERO).await;
        self.background.clear();
        let _ = tokio::time::timeout(Duration::from_secs(10), self.pool.close()).await;
    }

    /// Runs an import here and now, without the queue.
    pub async fn work_on(&self, id: i32) {
        run(&self.worker, id).await;
    }

    pub fn set_clock(&self, now: &str) {
        *self.now.lock().unwrap() = now.parse().unwrap();
    }

    // --- requests ---

    pub async fn send(&self, request: Request<Body>) -> Reply {
        let answer = tokio::time::timeout(PATIENCE, self.router.clone().oneshot(request));
        let (parts, body) = answer.await.expect("no answer").unwrap().into_parts();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    pub async fn get(&self, uri: &str) -> Reply {
        self.send(Request::get(uri).body(Body::empty()).unwrap())
            .await
    }

    pub async fn post(&self, uri: &str) -> Reply {
        self.send(Request::post(uri).body(Body::empty()).unwrap())
            .await
    }

    pub async fn delete(&self, uri: &str) -> Reply {
        self.send(Request::delete(uri).body(Body::empty()).unwrap())
            .await
    }

    /// `POST /import-backup`, which answers when the import has ended.
    pub async fn import(&self, backup: impl Into<Body>) -> Reply {
        self.send(upload().body(backup.into()).unwrap()).await
    }

    /// `POST /import-backup`, which answers at once. The answer is the import's id.
    pub async fn queue(&self, backup: impl Into<Body>) -> i32 {
        let request = upload()
            .header("prefer", "respond-async")
            .body(backup.into())
            .unwrap();
        let reply = self.send(request).await;
        assert_eq!(reply.status, StatusCode::ACCEPTED, "{}", reply.text());
        reply.id("id")
    }

    // --- what stands in the database ---

    pub async fn log(&self, id: i32) -> ImportLog {
        self.state.imports.log(id).await.unwrap()
    }

    /// The newest log.
    pub async fn newest(&self) -> ImportLog {
        self.state
            .logs
            .latest()
            .await
            .unwrap()
            .first()
            .expect("there is no log")
            .clone()
    }

    /// Waits until there is a log, and answers the newest one's id.
    pub async fn logged(&self) -> i32 {
        eventually("there is a log", async || {
            let latest = self.state.logs.latest().await.unwrap();
            latest.first().map(|log| log.id)
        })
        .await
    }

    /// Waits until an import has ended.
    pub async fn ended(&self, id: i32) -> ImportLog {
        eventually("the import ends", async || {
            Some(self.log(id).await).filter(|log| log.status != ImportStatus::Running)
        })
        .await
    }

    pub async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    /// How many games and results there are.
    pub async fn data(&self) -> (i64, i64) {
        (
            self.number("SELECT count(*) FROM games").await,
            self.number("SELECT count(*) FROM results").await,
        )
    }

    pub async fn execute(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&self.pool).await.unwrap();
    }

    /// From now on the database refuses the game of the small backup: such an import fails, and can be retried.
    pub async fn refuse_small_backups(&self) {
        self.execute(
            "ALTER TABLE games ADD CONSTRAINT refused CHECK (base_game_id <> 'L03-01') NOT VALID",
        )
        .await;
    }

    /// It refuses none any more.
    pub async fn accept_all_backups(&self) {
        self.execute("ALTER TABLE games DROP CONSTRAINT refused")
            .await;
    }

    /// As if every lease's time had passed.
    pub async fn expire_leases(&self) {
        self.execute("UPDATE import_logs SET lease_until = now() - interval '1 second' WHERE status = 'running'").await;
    }

    /// Holds whatever wants to merge, until the answer is dropped.
    pub async fn hold_merges(&self) -> Transaction<'static, Postgres> {
        self.hold("LOCK TABLE games IN ACCESS EXCLUSIVE MODE").await
    }

    /// Holds whatever wants to add a result, until the answer is dropped.
    pub async fn hold_results(&self) -> Transaction<'static, Postgres> {
        self.hold("LOCK TABLE results IN ACCESS EXCLUSIVE MODE")
            .await
    }

    async fn hold(&self, lock: &'static str) -> Transaction<'static, Postgres> {
        let mut held = self.pool.begin().await.unwrap();
        sqlx::raw_sql(lock).execute(&mut *held).await.unwrap();
        held
    }

    /// Waits until so many transactions wait for a lock.
    pub async fn until_held(&self, transactions: i64) {
        const HELD: &str = "SELECT count(*) FROM pg_stat_activity
                            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually("so many are held", async || {
            (self.number(HELD).await == transactions).then_some(())
        })
        .await;
    }
}

/// Lets a worker run an import, to its end.
pub async fn run(worker: &Worker, id: i32) {
    let done = tokio::time::timeout(PATIENCE, worker.work_on(id)).await;
    done.expect("the import does not end");
}

/// Looks until there is an answer. Ends the test when there is none for too long.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
