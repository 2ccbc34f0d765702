//! Starting, repeating, stopping and clearing imports.

use chrono::NaiveDate;
use leptos::{prelude::*, server_fn::codec::GetUrl};

use super::{Answer, Reading};
use crate::{
    error::AppError,
    model::{
        brief::Brief,
        import_log::{Cleared, Earlier, Started},
    },
};
#[cfg(feature = "ssr")]
use {
    crate::{model::history::Filter, server_fns::door},
    leptos::server_fn::ServerFn as _,
};

/// Imports the bundled sample.
///
/// # Errors
/// When the database can't be reached.
#[server(endpoint = "import_sample", output = Answer)]
pub async fn import_sample() -> Result<Started, AppError> {
    let state = door::state();
    state
        .imports
        .start_sample(&door::actor()?)
        .await
        .map_err(|e| door::refuse(&e))
}

/// Imports each day from `start_date` to `end_date`, both included, from the feed.
///
/// # Errors
/// When the dates are no possible range, no feed is configured, or the database can't be reached.
#[server(endpoint = "import_range", output = Answer)]
pub async fn import_range(start_date: NaiveDate, end_date: NaiveDate) -> Result<Started, AppError> {
    let state = door::state();
    state
        .imports
        .start_range(start_date, end_date, &door::actor()?)
        .await
        .map_err(|e| {
            let given = [("start_date", start_date), ("end_date", end_date)];
            let given = given.map(|(field, day)| (field, day.to_string()));
            door::refuse_form(&e, ImportRange::PATH, &given)
        })
}

/// The latest successful import of the very file that has this SHA-256, in hexadecimal digits, if there is one.
///
/// # Errors
/// When the database can't be reached.
#[server(endpoint = "same_file", input = GetUrl, output = Answer)]
pub async fn same_file(sha256: String) -> Result<Option<Earlier>, AppError> {
    let state = door::state();
    state
        .logs
        .same_file(&sha256)
        .await
        .map_err(|e| door::refuse(&e))
}

impl Reading for SameFile {
    fn query(&self) -> String {
        format!("sha256={}", self.sha256)
    }
}

/// Runs a failed import again as a new one.
///
/// # Errors
/// When there is no such import, it did not fail, or its input is gone.
#[server(endpoint = "retry_import", output = Answer)]
pub async fn retry_import(id: i32) -> Result<Started, AppError> {
    let state = door::state();
    state
        .imports
        .retry(id, &door::actor()?)
        .await
        .map_err(|e| door::refuse(&e))
}

/// Asks a running import to stop.
///
/// # Errors
/// When there is no such import or it has ended.
#[server(endpoint = "cancel_import", output = Answer)]
pub async fn cancel_import(id: i32) -> Result<(), AppError> {
    let state = door::state();
    state
        .imports
        .cancel(id, &door::actor()?)
        .await
        .map_err(|e| door::refuse(&e))
}

/// Settles an open failure that nobody will retry.
///
/// # Errors
/// When there is no such import or it isn't an open failure.
#[server(endpoint = "dismiss_failure", output = Answer)]
pub async fn dismiss_failure(id: i32) -> Result<(), AppError> {
    let state = door::state();
    let dismissed = state.logs.dismiss(id, &door::actor()?).await;
    dismissed.map(drop).map_err(|e| door::refuse(&e))
}

/// Asks the upload to stop that the page calls so.
///
/// # Errors
/// When it isn't under way at this server, or the database can't be reached.
#[server(endpoint = "stop_upload", output = Answer)]
pub async fn stop_upload(called: String) -> Result<(), AppError> {
    let state = door::state();
    state
        .imports
        .stop_upload(&called, &door::actor()?)
        .await
        .map_err(|e| door::refuse(&e))
}

/// Removes the logs of finished imports; those of open failures only when told so.
///
/// # Errors
/// When the database can't be reached.
#[server(endpoint = "clear_import_logs", output = Answer)]
pub async fn clear_import_logs(
    #[server(default)] open_failures_too: bool,
) -> Result<Cleared, AppError> {
    let state = door::state();
    let keep = !open_failures_too;
    let cleared = state
        .bulk
        .remove_from_page(Filter::default(), keep, &door::actor()?)
        .await;
    cleared.map_err(|e| door::refuse(&e))
}

/// One import in short.
///
/// # Errors
/// When there is no such import or the database can't be reached.
#[server(endpoint = "import_details", input = GetUrl, output = Answer)]
pub async fn import_details(id: i32) -> Result<Brief, AppError> {
    let state = door::state();
    let details = state.logs.details(id).await;
    details
        .map(|details| Brief::of(&details))
        .map_err(|e| door::refuse(&e))
}

impl Reading for ImportDetails {
    fn query(&self) -> String {
        format!("id={}", self.id)
    }
}
