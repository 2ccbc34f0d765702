//! `/checked/{token}`: what was found out of a file before its import, and what can be done with it.

use axum::{
    extract::{Path, Request, State},
    response::{IntoResponse as _, Redirect, Response},
};

use uuid::Uuid;

use super::{identity::ByPage, params::Parameters, site, zone::ReadersZone};
use crate::{
    app,
    error::AppError,
    model::checked::{CheckedPage, ShownCheck},
    server::{payloads::checks::Ended, services::checks::Standing, state::AppState},
};

/// How many files came with it and were not looked at, in the address.
const OTHERS: &str = "others";

/// The page.
pub async fn show(
    State(state): State<AppState>,
    Path(token): Path<String>,
    zone: ReadersZone,
    parameters: Parameters,
    request: Request,
) -> Response {
    let others = parameters.number(OTHERS, 0, u32::MAX).unwrap_or(0);
    answer(state, &token, zone, others, None, request).await
}

/// Imports the file, and leads to its import; or shows the page again, with the reason why not.
pub async fn import(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    Path(token): Path<String>,
    zone: ReadersZone,
    request: Request,
) -> Response {
    match state.checks.import(&token, &by).await {
        Ok(received) => Redirect::to(&format!("/imports/{}", received.started.id)).into_response(),
        Err(error) => answer(state, &token, zone, 0, Some(error.tell()), request).await,
    }
}

/// Checks the file again, as the data is now.
pub async fn again(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    Path(token): Path<String>,
    zone: ReadersZone,
    request: Request,
) -> Response {
    match state.checks.again(&token, &by).await {
        Ok(checked) => Redirect::to(&format!("/checked/{}", checked.checked)).into_response(),
        Err(error) => answer(state, &token, zone, 0, Some(error.tell()), request).await,
    }
}

/// Lets the file go.
pub async fn discard(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    Path(token): Path<String>,
    zone: ReadersZone,
    request: Request,
) -> Response {
    match state.checks.discard(&token, &by).await {
        Ok(()) => lead_back(State(state), Path(token), zone, request).await,
        Err(error) => answer(state, &token, zone, 0, Some(error.tell()), request).await,
    }
}

/// Leads to the page, such as from where a refused action is loaded anew. What is no token leads nowhere: it may hold
/// anything.
pub async fn lead_back(
    State(state): State<AppState>,
    Path(token): Path<String>,
    zone: ReadersZone,
    request: Request,
) -> Response {
    match Uuid::parse_str(&token) {
        Ok(token) => Redirect::to(&format!("/checked/{token}")).into_response(),
        Err(_) => answer(state, &token, zone, 0, None, request).await,
    }
}

async fn answer(
    state: AppState,
    token: &str,
    zone: ReadersZone,
    others: u32,
    refused: Option<AppError>,
    request: Request,
) -> Response {
    let standing = state.checks.find(token).await.map_err(|error| error.tell());
    let refused = refused.map(|error| error.message);
    let shown = standing.map(|standing| match standing {
        Standing::Ended(Ended::Imported(id)) => ShownCheck::Imported(id),
        Standing::Ended(Ended::Discarded) => ShownCheck::Discarded,
        Standing::Open(checked) => ShownCheck::Checked(Box::new(CheckedPage {
            checked: *checked,
            zone: zone.for_page(&state.clock),
            refused,
            others,
        })),
    });
    site::shown_page(state, shown, request, app::checked).await
}
