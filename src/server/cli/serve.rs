//! `numwatch serve` and `numwatch worker`.

use std::{net::SocketAddr, time::Duration};

use clap::Args;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::task::AbortOnDropHandle;

use super::parts::{Failure, Parts, connect};
use crate::server::{
    config::Config,
    db,
    feed::simulator,
    http,
    jobs::{housekeeping::Housekeeping, schedule},
    services::{data::Data, logs::Logs, overview::Overview, scheduler::Scheduler},
    state::{self, AppState, leptos_options},
};

#[derive(Args)]
pub struct Serve {
    /// Start a made-up results feed too and use it, unless `EXTERNAL_API_URL` names a real one
    #[arg(long)]
    demo_feed: bool,
    /// Where the made-up feed listens
    #[arg(long, env = "NUMWATCH_FEED_ADDR", default_value = "127.0.0.1:4000")]
    feed_addr: SocketAddr,
    /// Run no imports in this process; `numwatch worker` does
    #[arg(long)]
    no_worker: bool,
}

impl Serve {
    pub async fn run(self) -> Result<(), Failure> {
        let mut config = Config::from_env()?;
        let _demo_feed = if self.demo_feed && config.feed.url.is_none() {
            let (url, server) = demo_feed(self.feed_addr).await?;
            config.feed.url = Some(url.parse()?);
            config.feed.demo = true;
            Some(server)
        } else {
            None
        };
        let pool = connect(&config).await?;
        db::migrate(&pool).await?;
        let parts = Parts::wire(&config, pool).await?;
        let listener = TcpListener::bind(config.addr)
            .await
            .map_err(|error| format!("NUMWATCH_ADDR: can't listen on {} ({error})", config.addr))?;
        let addr = listener.local_addr()?;

        let mut background = background(&parts, &config);
        let scheduler = Scheduler::new(
            parts.pool.clone(),
            parts.imports.clone(),
            parts.clock.clone(),
            &config,
            !self.no_worker,
        );
        if !self.no_worker {
            let worker = parts.worker.clone();
            background.push(AbortOnDropHandle::new(tokio::spawn(async move {
                worker.run().await;
            })));
            background.push(AbortOnDropHandle::new(tokio::spawn(schedule::run(
                scheduler.clone(),
            ))));
        }
        let (pool, clock) = (parts.pool.clone(), parts.clock.clone());
        let logs = Logs::new(pool.clone());
        let data = Data::new(pool.clone(), clock.clone());
        let state = AppState::new(state::Parts {
            imports: parts.imports.clone(),
            overview: Overview::new(
                pool.clone(),
                clock,
                scheduler.clone(),
                data.clone(),
                config.max_upload,
            ),
            logs,
            scheduler,
            data,
            pool,
            leptos: leptos_options(&config),
            config: config.clone(),
        });
        // The last line, for whoever waits for it.
        println!("NumWatch is at http://{addr}");

        let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
        // Made into a service once: as it is, axum would copy every route for each connection.
        let router = http::router(&state).into_make_service();
        let server = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = stopping.await;
        });
        let mut server = AbortOnDropHandle::new(tokio::spawn(async move { server.await }));
        asked_to_stop().await?;
        tracing::info!("stopping");
        let _ = stop.send(());
        // Requests have the same grace as imports: uploads arrive whole, and who waits for an import hears of it.
        let grace = config.shutdown_grace;
        let requests = tokio::time::timeout(grace, &mut server);
        let _ = tokio::join!(parts.worker.shut_down(grace), requests);
        drop((background, server));
        close(&parts.pool).await;
        Ok(())
    }
}

/// `numwatch worker`.
pub async fn work() -> Result<(), Failure> {
    let config = Config::from_env()?;
    let pool = connect(&config).await?;
    db::migrate(&pool).await?;
    let parts = Parts::wire(&config, pool).await?;
    let background = background(&parts, &config);
    let worker = parts.worker.clone();
    let running = AbortOnDropHandle::new(tokio::spawn(async move { worker.run().await }));
    println!("NumWatch runs imports.");
    asked_to_stop().await?;
    parts.worker.shut_down(config.shutdown_grace).await;
    drop((background, running));
    close(&parts.pool).await;
    Ok(())
}

/// Closes the connections, but waits for none that is stuck.
async fn close(pool: &sqlx::PgPool) {
    let _ = tokio::time::timeout(Duration::from_secs(5), pool.close()).await;
}

/// What runs beside the worker in every process.
pub(super) fn background(parts: &Parts, config: &Config) -> Vec<AbortOnDropHandle<()>> {
    let housekeeping = Housekeeping {
        pool: parts.pool.clone(),
        payloads: parts.payloads.clone(),
        clock: parts.clock.clone(),
        limits: config.attempts,
    };
    let endings = parts.endings.clone();
    let pool = parts.pool.clone();
    vec![
        AbortOnDropHandle::new(tokio::spawn(async move { housekeeping.run().await })),
        AbortOnDropHandle::new(tokio::spawn(async move { endings.run(pool).await })),
    ]
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
