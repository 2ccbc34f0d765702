//! What the server's own log says: of a request, and of what it removed.

use std::{
    io::{self, Write},
    sync::{Arc, LazyLock, Mutex},
};

use axum::{
    body::{Body, Bytes},
    http::Request,
};
use futures::stream;
use sqlx::PgPool;
use tracing::{Dispatch, subscriber::DefaultGuard};
use tracing_subscriber::fmt::MakeWriter;

use super::{
    app::{App, upload},
    callers::Caller,
    fixtures::by,
};
use crate::model::{access::Role, import_log::Requester};

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Kept {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A listener that hears nothing. While there is but one listener, tracing asks that of the thread which comes by a line
/// first, and remembers its answer for all: another test's thread, which has none, would silence the line for good.
static SECOND: LazyLock<Dispatch> =
    LazyLock::new(|| Dispatch::new(tracing_subscriber::fmt().with_writer(io::sink).finish()));

/// Keeps what this thread logs until the answer is dropped.
fn listen(kept: &Kept) -> DefaultGuard {
    LazyLock::force(&SECOND);
    let lines = tracing_subscriber::fmt().with_writer(kept.clone());
    tracing::subscriber::set_default(lines.with_ansi(false).finish())
}

#[sqlx::test(migrations = false)]
async fn the_requests_id_stands_in_each_line_that_is_logged_for_it(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let kept = Kept::default();
    let listening = listen(&kept);
    let broken = stream::iter([Err::<Bytes, _>(io::Error::from(
        io::ErrorKind::ConnectionReset,
    ))]);
    let request = upload()
        .header("x-request-id", "id-of-mine")
        .body(Body::from_stream(broken));
    let reply = app.send(request.unwrap()).await;
    drop(listening);
    assert_eq!(reply.header("x-request-id"), "id-of-mine");
    let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    let line = said.lines().find(|line| line.contains("upload failed"));
    assert!(
        line.is_some_and(|line| line.contains("id-of-mine")),
        "{said}"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn each_line_of_an_import_names_it_and_the_request_that_began_it(pool: PgPool) {
    // Nobody listens there: each try of the feed is a line.
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", "http://127.0.0.1:1")]).await;
    let range = "/scheduler/import-range?start_date=2025-06-21&end_date=2025-06-21";
    let request = Request::post(range)
        .header("prefer", "respond-async")
        .header("x-request-id", "of-the-range");
    let id = app
        .send(request.body(Body::empty()).unwrap())
        .await
        .id("id");
    let kept = Kept::default();
    let listening = listen(&kept);
    app.work_on(id).await;
    drop(listening);
    let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    let span = format!(r#"import{{id={id} attempt=1 type="date_range" request="of-the-range"}}: "#);
    for text in [
        "import begins",
        "asking the feed again",
        "import did not succeed",
    ] {
        let line = said.lines().find(|line| line.contains(text));
        assert!(
            line.is_some_and(|line| line.contains(&span)),
            "{text}: {said}"
        );
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_logged_for_a_request_says_who_asked(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let token = Caller::with_token(&app, Role::Viewer).await;
    app.execute("ALTER TABLE schedule RENAME COLUMN enabled TO gone")
        .await;
    let kept = Kept::default();
    let listening = listen(&kept);
    let request = token.sends(Request::get("/scheduler/status"));
    let reply = app.send(request.body(Body::empty()).unwrap()).await;
    drop(listening);
    let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    let line = said.lines().find(|line| line.contains("ERROR"));
    let span = format!(
        r#"request{{id="{}" method=GET path="/scheduler/status" who="token viewer"}}"#,
        reply.header("x-request-id")
    );
    assert!(line.is_some_and(|line| line.contains(&span)), "{said}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_removed_for_its_age_is_said(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, status, completed_at) VALUES ('backup', 'success', '2025-01-01')",
    )
    .await;
    let kept = Kept::default();
    let listening = listen(&kept);
    app.retention.run(&by(Requester::Cli)).await.unwrap();
    drop(listening);
    let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    let line = said.lines().find(|line| line.contains("INFO"));
    assert!(
        line.is_some_and(|line| line.ends_with("removed what is old logs=1 uploads=0")),
        "{said}"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn how_far_a_removal_is_stands_in_the_log(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, status, completed_at) SELECT 'backup', 'success', now() FROM generate_series(1, 3)",
    )
    .await;
    let kept = Kept::default();
    let listening = listen(&kept);
    app.delete("/import-logs").await.json();
    drop(listening);
    let said = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(
        said.lines()
            .any(|line| line.contains("removed logs work=1 logs=3")),
        "{said}"
    );
    app.stop().await;
}
