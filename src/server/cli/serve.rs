//! `numwatch serve` and `numwatch worker`.

use std::{net::SocketAddr, time::Duration};

use clap::Args;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use url::Url;

use super::{
    connect::{Failure, connect},
    parts::Parts,
    print,
};
use crate::server::{
    clock::Clock,
    config::Config,
    feed::simulator,
    http::{
        self,
        listen::{self, Patience},
    },
    jobs::presence::{self, Duties},
    open_files,
    site_files::SiteFiles,
    state::AppState,
};

#[derive(Args)]
pub struct Serve {
    /// Start a made-up results feed too and use it, unless `EXTERNAL_API_URL` names a real one
    #[arg(long)]
    demo_feed: bool,
    /// Where the made-up feed listens
    #[arg(
        long,
        env = "NUMWATCH_FEED_ADDR",
        hide_env_values = true,
        default_value = "127.0.0.1:4000"
    )]
    feed_addr: SocketAddr,
    /// Run no imports in this process; `numwatch worker` does
    #[arg(long)]
    no_worker: bool,
}

impl Serve {
    pub async fn run(self) -> Result<(), Failure> {
        let mut config = Config::from_env()?;
        let site = SiteFiles::find(config.site_root.as_deref())?;
        let _demo_feed = if self.demo_feed && config.feed.url.is_none() {
            let (url, server) = demo_feed(self.feed_addr).await?;
            config.feed.url = Some(url.parse::<Url>()?.into());
            config.feed.demo = true;
            Some(server)
        } else {
            None
        };
        open_files::raise();
        let pool = connect(&config).await?;
        let parts = Parts::wire(&config, pool, Clock::system()).await?;
        refuse_to_be_open(&parts).await?;
        let listener = TcpListener::bind(config.addr)
            .await
            .map_err(|error| format!("NUMWATCH_ADDR: can't listen on {} ({error})", config.addr))?;
        let addr = listener.local_addr()?;
        let duties = Duties {
            runs_imports: !self.no_worker,
            has_timer: true,
        };
        let state = parts.state(site);
        let _watched = be_watched(&parts.config, &state).await?;
        let (presence, background) = parts.begin("numwatch serve", duties).await?;
        // The last line, for whoever waits for it.
        print::line(&format!("NumWatch is at http://{addr}"))?;

        // Requests have the same grace as imports: uploads arrive whole, and who waits for an import hears of it.
        let patience = patience(&config);
        let stopping = CancellationToken::new();
        let router = http::router(&state);
        let (limits, stop) = (config.limits, stopping.clone());
        let serving = tokio::spawn(async move {
            listen::serve(listener, router, patience, &limits, stop).await;
        });
        let serving = AbortOnDropHandle::new(serving);
        asked_to_stop().await?;
        tracing::info!("stopping");
        stopping.cancel();
        let ((), served) = tokio::join!(parts.worker.shut_down(patience.grace), serving);
        if served.is_err() {
            tracing::error!("the server ended in a panic");
        }
        parts.imports.stop_arriving().await;
        drop(background);
        presence::leave(&parts.pool, &presence).await;
        close(&parts.pool).await;
        Ok(())
    }
}

/// Without an account whoever reaches the server may do everything: so it must be out of the network's reach.
async fn refuse_to_be_open(parts: &Parts) -> Result<(), Failure> {
    let Config { addr, hosts, .. } = &parts.config;
    let reached = if !addr.ip().is_loopback() {
        format!("NUMWATCH_ADDR: {addr} is reached from other machines")
    } else if let Some(host) = hosts.first() {
        format!("NUMWATCH_HOSTS: \"{host}\" is reached from other machines")
    } else {
        return Ok(());
    };
    if parts
        .access
        .is_closed()
        .await
        .map_err(|error| error.tell())?
    {
        return Ok(());
    }
    Err(format!(
        "{reached}, and there is no account yet: anybody could do everything. Add one with `numwatch user add NAME --role admin`, then start again; or serve this machine alone (NUMWATCH_ADDR=127.0.0.1:3000, and no NUMWATCH_HOSTS)."
    )
    .into())
}

/// `numwatch worker`.
pub async fn work() -> Result<(), Failure> {
    let config = Config::from_env()?;
    let pool = connect(&config).await?;
    let parts = Parts::wire(&config, pool, Clock::system()).await?;
    let duties = Duties {
        runs_imports: true,
        has_timer: true,
    };
    let _watched = be_watched(&config, &parts.state(SiteFiles::default())).await?;
    let (presence, background) = parts.begin("numwatch worker", duties).await?;
    print::line("NumWatch runs imports.")?;
    asked_to_stop().await?;
    parts.worker.shut_down(config.shutdown_grace).await;
    drop(background);
    presence::leave(&parts.pool, &presence).await;
    close(&parts.pool).await;
    Ok(())
}

/// How long the requests of a process may take.
const fn patience(config: &Config) -> Patience {
    Patience {
        head: config.limits.head_time,
        grace: config.shutdown_grace,
    }
}

/// Answers those who watch this process where `NUMWATCH_METRICS_ADDR` says, for as long as the answer is kept: to its very end.
async fn be_watched(
    config: &Config,
    state: &AppState,
) -> Result<Option<AbortOnDropHandle<()>>, Failure> {
    let Some(addr) = config.metrics_addr else {
        return Ok(None);
    };
    let listener = TcpListener::bind(addr)
        .await
        .map_err(|error| format!("NUMWATCH_METRICS_ADDR: can't listen on {addr} ({error})"))?;
    let addr = listener.local_addr()?;
    print::line(&format!("Its metrics are at http://{addr}/metrics"))?;
    let router = http::router_of_watchers(state);
    let (patience, limits) = (patience(config), config.limits);
    let answering = async move {
        let never = CancellationToken::new();
        listen::serve(listener, router, patience, &limits, never).await;
    };
    Ok(Some(AbortOnDropHandle::new(tokio::spawn(answering))))
}

/// Closes the connections, but waits for none that is stuck.
async fn close(pool: &sqlx::PgPool) {
    let _ = tokio::time::timeout(Duration::from_secs(5), pool.close()).await;
}

/// Starts the made-up feed and answers its URL.
async fn demo_feed(addr: SocketAddr) -> Result<(String, AbortOnDropHandle<()>), Failure> {
    let listener = TcpListener::bind(addr)
        .await
        .map_err(|error| format!("NUMWATCH_FEED_ADDR: can't listen on {addr} ({error})"))?;
    let url = format!("http://{}", listener.local_addr()?);
    tracing::info!(url, "a made-up feed answers here");
    let serve = axum::serve(listener, simulator::router(simulator::Trouble::default()));
    let server = tokio::spawn(async move {
        if let Err(error) = serve.await {
            tracing::error!(%error, "the made-up feed ended");
        }
    });
    Ok((url, AbortOnDropHandle::new(server)))
}

/// Ends with SIGTERM or Ctrl-C.
async fn asked_to_stop() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        done = tokio::signal::ctrl_c() => done,
    }
}
