//! The Scheduler page's data, and the scheduler's switches.

use leptos::{prelude::*, server_fn::codec::GetUrl};

use super::{Answer, Reading};
use crate::{
    error::AppError,
    model::{import_log::Started, scheduler::SchedulerPage},
};
#[cfg(feature = "ssr")]
use crate::{model::asked::Shows, server_fns::door};

/// All that the Scheduler page shows, or as much of the imports as is asked for.
///
/// # Errors
/// When the database can't be reached.
#[server(name = ReadSchedulerPage, endpoint = "scheduler_page", input = GetUrl, output = Answer)]
pub async fn scheduler_page(
    #[server(default)] all_failures: bool,
    #[server(default)] all_runs: bool,
) -> Result<SchedulerPage, AppError> {
    if let Some(door::AlreadyRead(page)) = use_context() {
        return Ok(page);
    }
    let state = door::state();
    let page = state
        .overview
        .page(Shows {
            all_failures,
            all_runs,
        })
        .await;
    page.map_err(|e| door::refuse(&e))
}

impl Reading for ReadSchedulerPage {
    fn query(&self) -> String {
        format!(
            "all_failures={}&all_runs={}",
            self.all_failures, self.all_runs
        )
    }
}

/// Switches the scheduler on.
///
/// # Errors
/// When no feed is configured or the database can't be reached.
#[server(endpoint = "start_scheduler", output = Answer)]
pub async fn start_scheduler() -> Result<(), AppError> {
    let state = door::state();
    state
        .scheduler
        .start(&door::actor()?)
        .await
        .map_err(|e| door::refuse(&e))
}

/// Switches the scheduler off. An import that it started goes on.
///
/// # Errors
/// When the database can't be reached.
#[server(endpoint = "stop_scheduler", output = Answer)]
pub async fn stop_scheduler() -> Result<(), AppError> {
    let state = door::state();
    state
        .scheduler
        .stop(&door::actor()?)
        .await
        .map_err(|e| door::refuse(&e))
}

/// Imports today's date now.
///
/// # Errors
/// When no feed is configured, a run is under way, or the database can't be reached.
#[server(endpoint = "trigger_scheduler", output = Answer)]
pub async fn trigger_scheduler() -> Result<Started, AppError> {
    let state = door::state();
    state
        .scheduler
        .trigger(&door::actor()?)
        .await
        .map_err(|e| door::refuse(&e))
}
