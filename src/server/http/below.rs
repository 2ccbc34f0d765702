//! What stands below the Scheduler page: the last alerts. It is rendered with the page, and fetched again by it.

use axum::{extract::State, response::Html};
use leptos::prelude::{RenderHtml as _, provide_context};

use super::problem::Problem;
use crate::{
    components::alerts_strip,
    model::alert::Alerts,
    server::{services::in_time, state::AppState},
};

/// So many alerts.
const SHOWN: i64 = 3;

/// The last alerts. `None`: they can't be read, and the page is worth more than them.
pub async fn read(state: &AppState) -> Option<Alerts> {
    in_time(state.alerts.latest(SHOWN)).await.ok()
}

/// Gives them to the page.
pub fn give(alerts: Option<&Alerts>) {
    if let Some(alerts) = alerts {
        provide_context(alerts.clone());
    }
}

/// `GET /alerts/latest`: the part of the page.
pub async fn latest(State(state): State<AppState>) -> Result<Html<String>, Problem> {
    let latest = in_time(state.alerts.latest(SHOWN)).await?;
    Ok(Html(alerts_strip::strip(&latest).to_html()))
}
