//! What a request may use.

use std::{ops::Deref, sync::Arc};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use super::{
    clock::Clock,
    config::Config,
    jobs::supervisor::Supervisor,
    metrics::Metrics,
    services::{
        access::Access, alerts::Alerts, audit::Audit, bulk::Bulk, changes::Changes, checks::Checks,
        coverage::CoverageReader, data::Data, history::History, imports::Imports, logs::Logs,
        monitoring::Monitoring, overview::Overview, readiness::Readiness, results::Results,
        scheduler::Scheduler, stores::Stores,
    },
    site_files::SiteFiles,
};

/// What a request may use. Each route holds a copy of it, and copies of the routes are made all the time: it is cheap.
#[derive(Clone, Debug)]
pub struct AppState(Arc<Parts>);

/// The services, and what is fixed for the process.
#[derive(Debug)]
pub struct Parts {
    pub access: Access,
    pub imports: Imports,
    pub checks: Checks,
    pub logs: Logs,
    pub history: History,
    pub alerts: Alerts,
    pub audit: Audit,
    pub monitoring: Monitoring,
    pub bulk: Bulk,
    pub coverage: CoverageReader,
    pub scheduler: Scheduler,
    pub stores: Stores,
    pub data: Data,
    pub results: Results,
    pub overview: Overview,
    pub changes: Changes,
    pub supervisor: Supervisor,
    pub readiness: Readiness,
    pub metrics: Metrics,
    pub clock: Clock,
    pub pool: sqlx::PgPool,
    pub config: Config,
    pub site: SiteFiles,
    pub leptos: LeptosOptions,
}

impl AppState {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

/// How pages find the browser's half: in a folder named by its content's hash, so that it can be cached for ever.
#[must_use]
pub fn leptos_options(config: &Config, site: &SiteFiles) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("numwatch")
        .site_pkg_dir(site.pkg())
        .site_addr(config.addr)
        .env(leptos::config::Env::PROD)
        .build()
}
