//! Accepts connections and answers their requests: axum's own `serve`, with limits for heads and connections, and an end that
//! waits for requests, not for connections.

use std::{
    convert::Infallible,
    io,
    net::IpAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, HttpBody as _},
    extract::Request,
    response::Response,
};
use http_body_util::BodyExt as _;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

use super::room::{self, Room};
use crate::server::config::Limits;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a request's head to arrive, and for the next request on a connection.
    pub head: Duration,
    /// For requests to be answered once the server is asked to stop.
    pub grace: Duration,
}

/// With each request: cancelled when the server is asked to stop, for answers that would go on for ever.
#[derive(Clone, Debug)]
pub struct Stopping(pub CancellationToken);

/// With each request: who is at the other end of its connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// For an answer that has been given to be on its way.
const FLUSH: Duration = Duration::from_secs(1);
/// The pause after a connection could not be accepted: there are too many, usually.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves until asked to stop, then waits for the requests that have begun.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    patience: Patience,
    limits: &Limits,
    stopping: CancellationToken,
) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head);
    builder
        .http2()
        .timer(TokioTimer::new())
        // Each may hold a body in memory.
        .max_concurrent_streams(32)
        .max_header_list_size(u32::try_from(limits.headers).unwrap_or(u32::MAX));
    let room = Room::new(limits);
    let builder = Arc::new(builder);
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopping.cancelled() => break,
        };
        match accepted {
            Ok((stream, from)) => match room.enter(from.ip()) {
                Ok(place) => {
                    let serving = answer(
                        stream,
                        Peer(from.ip().to_canonical()),
                        builder.clone(),
                        router.clone(),
                        stopping.clone(),
                        patience,
                    );
                    connections.spawn(async move {
                        serving.await;
                        drop(place);
                    });
                }
                Err(full) => {
                    if let Some(told) = room.refuse() {
                        tokio::spawn(room::tell(stream, full, told));
                    }
                }
            },
            Err(error) if is_of_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(PAUSE).await;
            }
        }
    }
    // New ones are refused from now on.
    drop(listener);
    connections.close();
    let _ = timeout(patience.grace, connections.wait()).await;
}

/// Whether only the connection that was being made has failed.
fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// Answers the requests of one connection.
async fn answer(
    stream: TcpStream,
    peer: Peer,
    builder: Arc<auto::Builder<TokioExecutor>>,
    router: Router,
    stopping: CancellationToken,
    patience: Patience,
) {
    // Answers are written whole: there is nothing to wait for.
    let _ = stream.set_nodelay(true);
    let requests = Requests::default();
    let counted = requests.clone();
    let told = Stopping(stopping.clone());
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let (router, begun) = (router.clone(), counted.begin());
        request.extensions_mut().insert(told.clone());
        request.extensions_mut().insert(peer);
        async move {
            let answer = router
                .oneshot(Request::from(request).map(Body::new))
                .await?;
            Ok::<_, Infallible>(until_sent(answer, begun))
        }
    });
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = stopping.cancelled() => None,
        // Before its first bytes have told which protocol it speaks, nothing else watches a connection.
        () = requests.silence(patience.head) => return,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        // One that has only begun to say what it wants is not waited for.
        let patience = if requests.none() {
            FLUSH
        } else {
            patience.grace
        };
        timeout(patience, connection).await.unwrap_or(Ok(()))
    };
    if let Err(error) = ended {
        tracing::debug!(error, "a connection broke off");
    }
}

/// The requests of a connection.
#[derive(Clone, Default)]
struct Requests(Arc<Counts>);

#[derive(Default)]
struct Counts {
    /// That have begun and are not answered to the end.
    open: AtomicUsize,
    /// That have begun.
    all: AtomicUsize,
}

/// One of them, until this is dropped.
struct Begun(Requests);

impl Requests {
    fn begin(&self) -> Begun {
        self.0.open.fetch_add(1, Ordering::SeqCst);
        self.0.all.fetch_add(1, Ordering::SeqCst);
        Begun(self.clone())
    }

    fn none(&self) -> bool {
        self.0.open.load(Ordering::SeqCst) == 0
    }

    /// Waits until for so long none has been open and none has begun.
    async fn silence(&self, length: Duration) {
        let mut before = None;
        loop {
            let all = self.0.all.load(Ordering::SeqCst);
            if before == Some(all) && self.none() {
                return;
            }
            before = self.none().then_some(all);
            sleep(length).await;
        }
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.0.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The same answer, with which its request ends.
fn until_sent(answer: Response, begun: Begun) -> Response {
    answer.map(|body| {
        if body.is_end_stream() {
            return body;
        }
        Body::new(body.map_frame(move |frame| {
            let _until_here = &begun;
            frame
        }))
    })
}
