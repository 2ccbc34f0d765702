//! What a request may use.

use std::{path::Path, sync::Arc};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use super::{
    clock::Clock,
    config::Config,
    services::{ServiceError, data::Data, imports::Imports, logs::Logs, scheduler::Scheduler},
};
use crate::{model::scheduler::SchedulerPage, server::db::import_logs};

/// The services, and what is fixed for the process.
#[derive(Clone, Debug)]
pub struct AppState {
    pub imports: Imports,
    pub logs: Logs,
    pub scheduler: Scheduler,
    pub data: Data,
    pub clock: Clock,
    pub pool: sqlx::PgPool,
    pub config: Arc<Config>,
    pub leptos: LeptosOptions,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

impl AppState {
    /// All that the Scheduler page shows.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn scheduler_page(&self) -> Result<SchedulerPage, ServiceError> {
        let (logs, scheduler, has_results) =
            tokio::try_join!(self.logs.latest(), self.scheduler.status(), self.data.has_results())?;
        let counts = import_logs::counts(&self.pool).await?;
        Ok(SchedulerPage {
            now: self.clock.now(),
            today: self.clock.today(),
            logs,
            finished_logs: counts.finished,
            running_logs: counts.running,
            unresolved_failures: counts.unresolved,
            newest_unresolved: counts.newest_unresolved,
            has_results,
            scheduler,
            max_upload_bytes: self.config.max_upload,
        })
    }
}

/// How the browser's half is found: the build puts it in a folder named by its content's hash, so that it can
/// be cached for ever, and notes the hash beside it. `cargo leptos` leaves it in `pkg` itself.
#[must_use]
pub fn leptos_options(config: &Config) -> LeptosOptions {
    let hash = std::fs::read_to_string(config.site_root.join("pkg/current")).unwrap_or_default();
    let pkg = Path::new("pkg").join(hash.trim());
    LeptosOptions::builder()
        .output_name("numwatch")
        .site_root(config.site_root.to_string_lossy().as_ref())
        .site_pkg_dir(pkg.to_string_lossy().trim_end_matches('/'))
        .site_addr(config.addr)
        .env(leptos::config::Env::PROD)
        .build()
}
