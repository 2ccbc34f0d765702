//! `/imports/{id}`: the page of one import, and the form that removes its log.

use axum::{
    extract::{Path, Request, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Redirect, Response},
};
use leptos::server_fn::ServerFn as _;

use super::{identity::ByPage, params::Parameters, problem::Problem, site, zone::ReadersZone};
use crate::{
    app,
    error::{AppError, ErrorKind},
    model::{
        import_page::{Asks, ImportPage, Shown},
        rejects::RejectsFrom,
        undo::LISTED,
    },
    server::state::AppState,
    server_fns::imports::{CancelImport, DismissFailure, RetryImport},
};

/// The places among the rejects, in the address.
const AFTER: &str = "rejects_after";
const BEFORE: &str = "rejects_before";

/// The page.
pub async fn show(
    State(state): State<AppState>,
    Path(id): Path<String>,
    zone: ReadersZone,
    parameters: Parameters,
    request: Request,
) -> Response {
    let refused = refused(&parameters);
    answer(state, &id, zone, &parameters, refused, request).await
}

/// Removes the log, and leads to a page that says so; or shows the page again, with the reason why not.
pub async fn remove(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    Path(id): Path<String>,
    zone: ReadersZone,
    parameters: Parameters,
    request: Request,
) -> Response {
    let removed = match read_id(&id) {
        Ok(id) => state
            .logs
            .remove(id, &by)
            .await
            .map_err(|error| error.tell()),
        Err(error) => Err(error),
    };
    match removed {
        Ok(()) => Redirect::to(&format!("/imports/{id}?removed=true")).into_response(),
        Err(error) => answer(state, &id, zone, &parameters, Some(error.message), request).await,
    }
}

/// Takes back what the import did, and leads to its page; or shows the page again, with the reason why not.
pub async fn undo(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    Path(id): Path<String>,
    zone: ReadersZone,
    parameters: Parameters,
    request: Request,
) -> Response {
    let undone = match read_id(&id) {
        Ok(id) => state.logs.undo(id, &by, LISTED).await,
        Err(error) => Err(error.into()),
    };
    match undone {
        Ok(_) => Redirect::to(&format!("/imports/{id}")).into_response(),
        Err(error) => {
            let refused = Some(error.tell().message);
            answer(state, &id, zone, &parameters, refused, request).await
        }
    }
}

/// Where a refused removal or undo is loaded anew.
pub async fn lead_back(Path(id): Path<String>) -> Result<Redirect, Problem> {
    Ok(Redirect::to(&format!("/imports/{}", read_id(&id)?)))
}

async fn answer(
    state: AppState,
    id: &str,
    zone: ReadersZone,
    parameters: &Parameters,
    refused: Option<String>,
    request: Request,
) -> Response {
    let shown = read(&state, id, zone, parameters, refused, request.headers()).await;
    site::shown_page(state, shown, request, app::import).await
}

async fn read(
    state: &AppState,
    id: &str,
    zone: ReadersZone,
    parameters: &Parameters,
    mut refused: Option<String>,
    headers: &HeaderMap,
) -> Result<Shown, AppError> {
    let id = read_id(id)?;
    let from = read_place(parameters)?;
    let whole = match state.logs.whole(id, from).await {
        Ok(whole) => whole,
        Err(error) => {
            let error = error.tell();
            let removed = error.kind == ErrorKind::NotFound && parameters.text("removed").is_some();
            return removed.then_some(Shown::Removed(id)).ok_or(error);
        }
    };
    let path = format!("/imports/{id}");
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let again = match from {
        RejectsFrom::First => path.clone(),
        RejectsFrom::After(place) => format!("{path}?{AFTER}={place}"),
        RejectsFrom::Before(place) => format!("{path}?{BEFORE}={place}"),
    };
    let asks = match parameters.text("ask") {
        Some("remove") => Some(Asks::Remove),
        Some("undo") => match state.logs.plan_undo(id, LISTED).await {
            Ok(undo) => Some(Asks::Undo(Box::new(undo))),
            Err(error) => {
                refused = Some(error.tell().message);
                None
            }
        },
        _ => None,
    };
    let left = match (&asks, whole.log.undone_at) {
        // The page is worth more than this part of it.
        (None, Some(_)) => state.logs.plan_undo(id, LISTED).await.ok(),
        _ => None,
    };
    Ok(Shown::Import(Box::new(ImportPage {
        whole,
        zone: zone.for_page(&state.clock),
        refused,
        asks,
        left,
        address: format!("{}{path}", host.unwrap_or_default()),
        again,
    })))
}

/// Why one of this page's own forms was refused without scripts: what others say in an address is none of its business.
fn refused(parameters: &Parameters) -> Option<String> {
    let path = parameters.text("__path")?;
    let own = [CancelImport::PATH, DismissFailure::PATH, RetryImport::PATH].contains(&path);
    let error = parameters.text("__err").filter(|_| own)?;
    Some(site::why_refused(error))
}

fn read_id(text: &str) -> Result<i32, AppError> {
    text.parse().map_err(|_| {
        AppError::new(
            ErrorKind::NotFound,
            format!("There is no import #{text}. Look for it among all of them."),
        )
    })
}

fn read_place(parameters: &Parameters) -> Result<RejectsFrom, AppError> {
    let read = |name| {
        let Some(text) = parameters.text(name) else {
            return Ok(None);
        };
        let foreign = "is no place among the rejects. Begin at the import's page again.";
        text.parse()
            .map(Some)
            .map_err(|_| parameters.refuse(name, foreign))
    };
    match (read(AFTER)?, read(BEFORE)?) {
        (None, None) => Ok(RejectsFrom::First),
        (Some(place), None) => Ok(RejectsFrom::After(place)),
        (None, Some(place)) => Ok(RejectsFrom::Before(place)),
        (Some(_), Some(_)) => {
            let why = "can't stand beside \"rejects_before\". Give one of them.";
            Err(parameters.refuse(AFTER, why))
        }
    }
}
