//! The whole application on one test's database: router, services, worker, housekeeping, a folder of payloads.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
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
use serde::de::DeserializeOwned;
use sqlx::{PgPool, Postgres, Transaction, postgres::PgConnectOptions};
use tempfile::TempDir;
use tokio_util::task::AbortOnDropHandle;
use tower::ServiceExt as _;

use super::fixtures::config;
pub use super::reply::{Reply, upload};

use crate::{
    model::import_log::{ImportLog, ImportStatus},
    server::{
        cli::parts::Parts,
        clock::Clock,
        db::{
            self, processes,
            runs::{self, Claimed, Lane, Wanted},
        },
        http,
        jobs::{
            presence::{self, Duties},
            worker::Worker,
        },
        site_files::SiteFiles,
        state::AppState,
    },
    server_fns::Reading,
};

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The application: its parts, as every command has them.
pub struct App {
    /// Boxed: a test holds it across all that it waits for.
    parts: Box<Parts>,
    pub state: AppState,
    pub router: Router,
    pub folder: Folder,
    now: Arc<Mutex<DateTime<Utc>>>,
    background: Vec<AbortOnDropHandle<()>>,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// Where an application keeps its payloads.
pub struct Folder {
    _root: TempDir,
    path: PathBuf,
}

impl Folder {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl App {
    /// The parts, and nothing that runs but the listener and who hears it: no import begins by itself.
    pub async fn idle(pool: &PgPool, variables: &[(&str, &str)]) -> Self {
        db::MIGRATIONS.run(pool).await.unwrap();
        Self::connected((*pool.connect_options()).clone(), variables).await
    }

    /// The same, in a database that has its schema, as whom these options say.
    pub async fn connected(options: PgConnectOptions, variables: &[(&str, &str)]) -> Self {
        // sqlx's own pool has five connections, which is too few. No test pulls the plug of PostgreSQL's machine,
        // so none has to wait for its disk.
        let options = options.options([("synchronous_commit", "off")]);
        let pool = db::pool_options()
            .max_connections(20)
            .connect_lazy_with(options);
        let root = tempfile::tempdir().unwrap();
        let config = config(root.path(), variables);
        let now = Arc::new(Mutex::new("2025-06-22T10:00:00Z".parse().unwrap()));
        let clock = Clock::from_fn({
            let now = now.clone();
            move || *now.lock().unwrap()
        });
        let installation = db::installation::id(&pool).await.unwrap();
        let path = root.path().join(installation.to_string());
        std::fs::create_dir_all(&path).unwrap();
        let parts = Box::pin(Parts::wire(&config, pool, clock)).await;
        let parts = Box::new(parts.unwrap());
        // Whether it is built or not.
        let site = SiteFiles::find(config.site_root.as_deref()).unwrap_or_default();
        let state = parts.state(site);
        Self {
            router: http::router(&state),
            state,
            folder: Folder { _root: root, path },
            now,
            background: vec![parts.listens(), parts.tells()],
            parts,
        }
    }

    /// The same with a worker that takes jobs.
    pub async fn working(pool: &PgPool, variables: &[(&str, &str)]) -> Self {
        Self::idle(pool, variables).await.at_work()
    }

    /// With a worker that takes jobs.
    pub fn at_work(mut self) -> Self {
        self.background.push(self.parts.works());
        self
    }

    /// Says that this process is alive, and does all that a server does.
    pub async fn presents_itself(&self) {
        let duties = Duties {
            runs_imports: true,
            has_timer: true,
        };
        let presence = presence::of_this_process("the test", duties, &self.has);
        processes::be_seen(&self.pool, &presence).await.unwrap();
    }

    /// Lets another worker take imports until the test's end.
    pub fn lets_work(&mut self, worker: &Worker) {
        let worker = worker.clone();
        self.run(async move {
            loop {
                worker.round().await.unwrap();
            }
        });
    }

    /// Waits until the folder of payloads holds no file, not even a partial one: one that is needed no more goes after the
    /// import has ended.
    pub async fn until_nothing_is_stored(&self) {
        eventually("nothing is stored", async || {
            let mut files = std::fs::read_dir(self.folder.path()).unwrap();
            files.next().is_none().then_some(())
        })
        .await;
    }

    /// Keeps a background task until the test's end.
    pub fn keep(&mut self, task: AbortOnDropHandle<()>) {
        self.background.push(task);
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

    /// Runs an import here and now, whatever else waits, and even if it is to be tried again only later.
    pub async fn work_on(&self, id: i32) {
        self.make_due().await;
        run(&self.worker, id).await;
    }

    /// As if the pauses before imports are tried again had passed.
    pub async fn make_due(&self) {
        self.execute("UPDATE import_runs SET due_at = now()").await;
    }

    pub fn set_clock(&self, now: &str) {
        *self.now.lock().unwrap() = now.parse().unwrap();
    }

    // --- requests ---

    /// What a test did to the database itself is seen at once, before the database has told of it.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        self.changes.note();
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

    /// A page, as a browser asks for it.
    pub async fn page(&self, path: &str) -> Reply {
        let request = Request::get(path)
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("host", "localhost:3000");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// What a page reads, by the address that it asks.
    pub async fn read<F>(&self, asked: F) -> F::Output
    where
        F: Reading<Output: DeserializeOwned>,
    {
        let address = format!("{}?{}", F::PATH, asked.query());
        self.get(&address).await.unpacked()
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

    /// The same, of a file with a name.
    pub async fn import_named(&self, filename: &str, backup: impl Into<Body>) -> Reply {
        let request = upload().header("x-filename", filename);
        self.send(request.body(backup.into()).unwrap()).await
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
        self.execute(
            "UPDATE import_runs SET lease_until = now() - interval '1 second';
             UPDATE import_logs SET created_at = now() - interval '1 minute' WHERE status = 'running'",
        )
        .await;
    }

    /// Takes an import, as a worker does, if it waits in line.
    pub async fn claim(&self, id: i32) -> Option<Claimed> {
        let wanted = Wanted {
            lanes: &Lane::ALL,
            has: &self.has,
            import_id: Some(id),
            lease: self.config.attempts.lease.length,
        };
        runs::claim(&self.pool, &wanted).await.unwrap()
    }

    /// As if another worker had been given what is running, and were at it.
    pub async fn hand_to_another(&self, id: i32) {
        sqlx::query("UPDATE import_runs SET attempt = attempt + 1, lease_until = now() + interval '1 minute' WHERE import_id = $1")
            .bind(id)
            .execute(&self.pool)
            .await
            .unwrap();
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
    let mut pause = Duration::from_millis(5);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(pause).await;
        // What takes long is looked at more seldom: looking takes time from others.
        pause = (pause * 5 / 4).min(Duration::from_millis(40));
    }
}
