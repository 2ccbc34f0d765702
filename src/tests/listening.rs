//! Connections as they are: heads that never end, and a server that is asked to stop in the middle.

use std::{net::SocketAddr, time::Duration};

use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::app::{App, eventually};
use crate::{
    model::import_log::{FailureKind, ImportStatus},
    server::http::listen::{self, Patience},
};

/// Longer than anything here takes, and shorter than the grace that nothing is to wait for.
pub const SOON: Duration = Duration::from_secs(20);

/// A server on a port of its own, and how it is stopped.
pub struct Listening {
    pub address: SocketAddr,
    pub stopping: CancellationToken,
    pub serving: JoinHandle<()>,
}

pub async fn listening(app: &App, patience: Patience) -> Listening {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stopping = CancellationToken::new();
    let (router, limits, stop) = (app.router.clone(), app.config.limits, stopping.clone());
    let serving = tokio::spawn(async move {
        listen::serve(listener, router, patience, &limits, stop).await;
    });
    Listening {
        address,
        stopping,
        serving,
    }
}

pub async fn say(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// All that comes until the connection is closed.
pub async fn hear(mut stream: TcpStream) -> String {
    let mut heard = Vec::new();
    let read = timeout(SOON, stream.read_to_end(&mut heard)).await;
    // One that is reset has been closed, too.
    let _ = read.expect("the connection stays open");
    String::from_utf8_lossy(&heard).into_owned()
}

pub const LONG: Duration = Duration::from_mins(10);
const HALF: &str = "POST /import-sample-data HTTP/1.1\r\nHost: loc";

#[sqlx::test(migrations = false)]
async fn a_head_that_is_sent_by_halves_is_cut_off(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let patience = Patience {
        head: Duration::from_millis(100),
        grace: LONG,
    };
    let server = listening(&app, patience).await;
    hear(say(server.address, HALF).await).await;
    let whole = "GET /import-logs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let answer = hear(say(server.address, whole).await).await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("[]"),
        "{answer}"
    );
    server.serving.abort();
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_head_that_is_sent_by_halves_holds_up_no_stop(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let patience = Patience {
        head: LONG,
        grace: LONG,
    };
    let server = listening(&app, patience).await;
    let _half = say(server.address, HALF).await;
    // And one that has been answered, and is kept for more.
    let mut kept = say(
        server.address,
        "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    .await;
    let mut answer = [0; 12];
    kept.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    server.stopping.cancel();
    timeout(SOON, server.serving)
        .await
        .expect("it waits for them")
        .unwrap();
    app.stop().await;
}

/// A client that goes in the middle of its upload, by each of the two ways to send one: the log says so at once, without
/// anybody having to wait for its lease.
#[sqlx::test(migrations = false)]
async fn invariant_1_every_attempt_has_a_log_row_whose_connection_goes(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let patience = Patience {
        head: LONG,
        grace: LONG,
    };
    let server = listening(&app, patience).await;
    let form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b.json\"\r\n\r\n";
    for (path, content_type, first) in [
        ("/import-backup", "application/json", ""),
        ("/imports/backup", "multipart/form-data; boundary=x", form),
    ] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: 1000\r\n\r\n"
        );
        let upload = say(server.address, &format!("{head}{first}{{\"games\"")).await;
        let newest = eventually("its log is there", async || {
            let log = app.state.logs.latest().await.unwrap().first()?.clone();
            (log.status == ImportStatus::Running && log.progress > 0).then_some(log.id)
        })
        .await;
        drop(upload);
        let log = app.ended(newest).await;
        assert_eq!(
            (log.status, log.failure_kind),
            (ImportStatus::Failed, Some(FailureKind::Interrupted))
        );
        let sentence = log.error_message.unwrap();
        assert!(
            sentence.starts_with("The upload was cut off after "),
            "{sentence}"
        );
        assert!(!sentence.contains("the server"), "{path}: {sentence}");
        assert_eq!(app.data().await, (0, 0));
    }
    server.serving.abort();
    app.stop().await;
}

/// The log says so before the process is gone: nobody has to wait for its lease.
#[sqlx::test(migrations = false)]
async fn an_upload_that_still_arrives_when_the_server_stops_is_settled(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let patience = Patience {
        head: LONG,
        grace: Duration::from_millis(200),
    };
    let server = listening(&app, patience).await;
    let head = "POST /import-backup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
    let _upload = say(server.address, &format!("{head}{{\"games\"")).await;
    let id = app.logged().await;
    eventually("its first bytes are there", async || {
        (app.log(id).await.progress > 0).then_some(())
    })
    .await;
    server.stopping.cancel();
    timeout(SOON, server.serving)
        .await
        .expect("it does not stop")
        .unwrap();
    app.imports.stop_arriving().await;
    let log = app.log(id).await;
    assert_eq!(
        (log.status, log.failure_kind),
        (ImportStatus::Failed, Some(FailureKind::Interrupted))
    );
    let sentence = log.error_message.unwrap();
    assert!(sentence.starts_with("The upload was cut off"), "{sentence}");
    app.stop().await;
}
