//! `POST /imports/bulk`: the page's form that does something to all that it shows. It leads back to the page, which tells how
//! far it is, or how it came out.

use std::time::Duration;

use axum::{
    extract::{Form, State, rejection::FormRejection},
    response::{IntoResponse, Redirect},
};
use serde::Deserialize;

use super::{asked::Asked, page::telling_of};
use crate::{
    error::{AppError, ErrorKind},
    model::history::BulkKind,
    server::{
        http::{identity::ByPage, params::Parameters, problem::Problem, zone::ReadersZone},
        state::AppState,
    },
};

/// So long the answer waits for the work: most is done by then.
const AT_ONCE: Duration = Duration::from_secs(2);

/// What the form says.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(rename = "do")]
    kind: BulkKind,
    #[serde(default)]
    keep_open_failures: bool,
}

/// Begins what the form wants with all that its address matches.
pub async fn bulk(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    zone: ReadersZone,
    parameters: Parameters,
    wanted: Result<Form<Wanted>, FormRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Form(wanted) = wanted.map_err(|_| {
        let sentence = "The form can't be read. Go back, load the page anew, and try again.";
        AppError::new(ErrorKind::Malformed, sentence)
    })?;
    let asked = Asked::read(&parameters, zone, &[])?;
    let filter = asked.filter.clone();
    let (work, task) = match wanted.kind {
        BulkKind::Remove => {
            let keep = wanted.keep_open_failures;
            state.bulk.start_removal(filter, keep, &by).await?
        }
        BulkKind::Retry => state.bulk.start_retry(filter, &by).await?,
    };
    // What takes longer goes on by itself.
    let _ = tokio::time::timeout(AT_ONCE, task).await;
    Ok(Redirect::to(&telling_of(&asked, work)))
}
