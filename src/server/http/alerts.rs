//! `/alerts`: what was told to whom, as a page and for programs; and sending a test.

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    below,
    described::AlertsShown,
    guard,
    identity::ByApi,
    params::{Parameters, with_query},
    problem::Problem,
    site,
    zone::ReadersZone,
};
use crate::{
    app,
    error::{AppError, ErrorKind},
    model::{
        alert::{Alert, AlertState, Alerts, AlertsPage},
        import_log::Requester,
    },
    server::{
        actor::Actor,
        services::{ServiceError, in_time},
        state::AppState,
    },
};

const HERE: &str = "/alerts";
/// The parameter that names the test that was just sent.
const TEST: &str = "test";

/// So many are shown.
const SHOWN: u32 = 50;
const MOST: u32 = 500;

/// The page, and what programs ask for. A form that is loaded by its address leads back.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/alerts", get(show))
        .route("/alerts/latest", get(below::latest))
        .route("/alerts/test", post(test).get(lead_back))
}

/// `GET /alerts`: for browsers the page; for programs JSON.
#[utoipa::path(
    get, path = "/alerts", operation_id = "listAlerts", tag = "Server",
    summary = "What was told to whom",
    description = "The latest alerts, newest first, and what became of each. For whoever takes `text/html` this address is a page.",
    params(AlertsShown),
    responses(
        (status = 200, description = "The alerts.", body = Alerts),
    ),
    extensions(("x-action" = json!("see")), ("x-problems" = json!([404]))),
)]
pub async fn show(
    State(state): State<AppState>,
    zone: ReadersZone,
    parameters: Parameters,
    request: Request,
) -> Response {
    let mut answer = if guard::wants_page(request.headers()) {
        page(state, zone, &parameters, None, request).await
    } else {
        let read = read(&state, &parameters).await;
        read.map(|(latest, _)| Json(latest))
            .map_err(Problem::from)
            .into_response()
    };
    let both = HeaderValue::from_static("accept");
    answer.headers_mut().append(header::VARY, both);
    answer
}

/// What became of a test.
#[derive(Serialize, ToSchema)]
pub struct Tested {
    /// It was delivered.
    success: bool,
    message: String,
    alert: Alert,
}

/// `POST /alerts/test`: sends a test. For a form it leads to the page that tells how it went; programs are told at once.
#[utoipa::path(
    post, path = "/alerts/test", operation_id = "testAlerts", tag = "Server",
    summary = "Send a test to the webhook",
    responses(
        (status = 200, description = "What became of it.", body = Tested),
    ),
    extensions(("x-action" = json!("test_alerts")), ("x-problems" = json!([409]))),
)]
pub async fn test(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    zone: ReadersZone,
    parameters: Parameters,
    headers: HeaderMap,
) -> Response {
    if !guard::wants_page(&headers) {
        return sent(&state, &by).await.into_response();
    }
    match state.alerts.test(&by.through(Requester::Page)).await {
        Ok(test) => {
            let address = with_query(HERE, &[], std::iter::once((TEST, test.id)));
            Redirect::to(&address).into_response()
        }
        Err(error) => {
            let mut request = Request::default();
            *request.headers_mut() = headers;
            page(state, zone, &parameters, Some(error.tell()), request).await
        }
    }
}

async fn sent(state: &AppState, by: &Actor) -> Result<Json<Tested>, Problem> {
    let test = state.alerts.test(by).await?;
    let message = test.went().unwrap_or_else(|| {
        "The test is on its way. GET /alerts tells whether it arrived.".to_owned()
    });
    let success = test.state == AlertState::Delivered;
    Ok(Json(Tested {
        success,
        message,
        alert: test,
    }))
}

/// Where a refused form is loaded anew.
async fn lead_back() -> Redirect {
    Redirect::to(HERE)
}

/// The page, with why what was asked of it was refused.
async fn page(
    state: AppState,
    zone: ReadersZone,
    parameters: &Parameters,
    refused: Option<AppError>,
    request: Request,
) -> Response {
    let kind = refused.as_ref().map(|error| error.kind);
    let shown = read(&state, parameters).await;
    let shown = shown.map(|(latest, test)| AlertsPage {
        zone: zone.for_page(&state.clock),
        latest,
        test,
        refused: refused.map(|error| error.message),
    });
    let mut answer = site::shown_page(state, shown, request, app::alerts).await;
    if let Some(kind) = kind {
        site::set_status(&mut answer, kind);
    }
    answer
}

async fn read(
    state: &AppState,
    parameters: &Parameters,
) -> Result<(Alerts, Option<Alert>), AppError> {
    parameters.only(&["limit", TEST])?;
    let limit = parameters.number("limit", SHOWN, MOST)?;
    if limit == 0 {
        return Err(parameters.refuse("limit", "is no list. Ask for 1 to 500 alerts."));
    }
    let read = in_time(async {
        let latest = state.alerts.latest(limit.into()).await?;
        let test = match parameters.text(TEST) {
            Some(id) => Some(state.alerts.get(id).await?),
            None => None,
        };
        Ok::<_, ServiceError>((latest, test))
    });
    let (latest, test) = read.await.map_err(|error| error.tell())?;
    let unknown = || {
        let sentence = "There is no such test any more. Load the page of alerts anew.";
        AppError::new(ErrorKind::NotFound, sentence)
    };
    match test {
        Some(None) => Err(unknown()),
        Some(test) => Ok((latest, test)),
        None => Ok((latest, None)),
    }
}
