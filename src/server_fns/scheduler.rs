//! The Scheduler page's data, and the scheduler's switches.

use leptos::prelude::*;

use super::Answer;
use crate::{
    error::AppError,
    model::{import_log::Started, scheduler::SchedulerPage},
};
#[cfg(feature = "ssr")]
use crate::{model::import_log::Requester, server_fns::door};
#[cfg(not(feature = "ssr"))]
use {crate::browser, leptos::server_fn::ServerFn as _};

/// All that the Scheduler page shows; with the latest of the older open failures, or with all of them.
///
/// # Errors
/// When the database can't be reached.
#[server(name = ReadSchedulerPage, endpoint = "scheduler_page")]
pub async fn scheduler_page(
    #[server(default)] all_failures: bool,
) -> Result<SchedulerPage, AppError> {
    if let Some(door::AlreadyRead(page)) = use_context() {
        return Ok(page);
    }
    let state = door::state();
    let page = state.overview.page(all_failures).await;
    page.map_err(|e| door::refuse(&e))
}

/// The same for a page, in both worlds.
///
/// # Errors
/// As above, and when the server can't be reached.
pub async fn read_scheduler_page(all_failures: bool) -> Answer {
    #[cfg(feature = "ssr")]
    return door::json(scheduler_page(all_failures).await);
    #[cfg(not(feature = "ssr"))]
    browser::ask(
        ReadSchedulerPage::PATH,
        format!("all_failures={all_failures}"),
    )
    .await
}

/// Switches the scheduler on.
///
/// # Errors
/// When no feed is configured or the database can't be reached.
#[server(endpoint = "start_scheduler")]
pub async fn start_scheduler() -> Result<(), AppError> {
    let state = door::state();
    state.scheduler.start().await.map_err(|e| door::refuse(&e))
}

/// Switches the scheduler off. An import that it started goes on.
///
/// # Errors
/// When the database can't be reached.
#[server(endpoint = "stop_scheduler")]
pub async fn stop_scheduler() -> Result<(), AppError> {
    let state = door::state();
    state.scheduler.stop().await.map_err(|e| door::refuse(&e))
}

/// Imports today's date now.
///
/// # Errors
/// When no feed is configured, a run is under way, or the database can't be reached.
#[server(endpoint = "trigger_scheduler")]
pub async fn trigger_scheduler() -> Result<Started, AppError> {
    let state = door::state();
    state
        .scheduler
        .trigger(Requester::Page)
        .await
        .map_err(|e| door::refuse(&e))
}
