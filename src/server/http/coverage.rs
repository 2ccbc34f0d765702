//! `/coverage`: which draws there are and which lack, as a page and for programs; and fetching what is missing.

mod api;
mod asked;

use axum::{
    body::Bytes,
    extract::{Request, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Redirect, Response},
};
use chrono::NaiveDate;
use url::form_urlencoded;

pub use self::asked::Asked;
use super::{
    described::CoverageDays, guard, identity::ByPage, params::Parameters, problem::Problem, site,
};
use crate::{
    app,
    error::{AppError, ErrorKind},
    model::coverage::CoveragePage,
    server::{
        services::{ServiceError, in_time},
        state::AppState,
    },
};

/// `GET /coverage`: for browsers the page; for programs, and whoever names the days by `from` and `to`, JSON.
#[utoipa::path(
    get, path = "/coverage", operation_id = "readCoverage", tag = "Results",
    summary = "Which draws there are, and which lack",
    description = "Games by days. For whoever takes `text/html`, and names no days, this address is a page.",
    params(CoverageDays),
    responses(
        (status = 200, description = "The days and games.", body = api::Answer, headers(("Link" = String, description = "Where more games are (`next`), if there are such."))),
    ),
    extensions(("x-action" = json!("see"))),
)]
pub async fn show(
    State(state): State<AppState>,
    parameters: Parameters,
    request: Request,
) -> Response {
    let named = api::DAYS.iter().any(|name| parameters.text(name).is_some());
    let mut answer = if named || !guard::wants_page(request.headers()) {
        api::json(&state, &parameters).await.into_response()
    } else {
        page(state, &parameters, None, request).await
    };
    let both = HeaderValue::from_static("accept");
    answer.headers_mut().append(header::VARY, both);
    answer
}

/// `POST /coverage/fetch`: the page's form. It leads to the import of the days that were chosen; or shows the page again, with
/// the reason why not.
pub async fn fetch(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    parameters: Parameters,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let started = match chosen(body) {
        Ok(days) => in_time(state.imports.start_days(days, &by)).await,
        Err(error) => Err(error.into()),
    };
    let refused = match started {
        Ok(started) => return lead_to(started.id),
        // Its log says the same, and what can be done.
        Err(ServiceError::OfImport { import_id, .. }) => return lead_to(import_id),
        Err(error) => error.tell(),
    };
    let mut request = Request::default();
    *request.headers_mut() = headers;
    page(state, &parameters, Some(refused), request).await
}

fn lead_to(import: i32) -> Response {
    Redirect::to(&format!("/imports/{import}")).into_response()
}

/// Where a refused form is loaded anew.
pub async fn lead_back(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<Redirect, Problem> {
    let asked = Asked::read(&parameters, state.clock.today())?;
    Ok(Redirect::to(&asked.address("/coverage")))
}

/// The days that a form names: those that are ticked, or all of a list.
fn chosen(body: Result<Bytes, BytesRejection>) -> Result<Vec<NaiveDate>, AppError> {
    let unread = || {
        let sentence = "The form can't be read. Load the page anew, and try again.";
        AppError::new(ErrorKind::Malformed, sentence)
    };
    let body = body.map_err(|_| unread())?;
    let fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
    let all = fields.iter().find(|(name, _)| name == "all");
    let days: Vec<&str> = match all {
        Some((_, all)) => all.split(',').collect(),
        None => fields
            .iter()
            .filter(|(name, _)| name == "date")
            .map(|(_, date)| date.as_str())
            .collect(),
    };
    let days: Result<Vec<NaiveDate>, _> = days.into_iter().map(str::parse).collect();
    let days = days.map_err(|_| unread())?;
    if days.is_empty() {
        let sentence = "No day is chosen. Tick the days below their dates in the table, then press the button.";
        return Err(AppError::new(ErrorKind::Unprocessable, sentence));
    }
    Ok(days)
}

/// The page that an address asks for, with why what was asked of it was refused.
async fn page(
    state: AppState,
    parameters: &Parameters,
    refused: Option<AppError>,
    request: Request,
) -> Response {
    let today = state.clock.today();
    let (asked, refused, readable) = match Asked::read(parameters, today) {
        Ok(asked) => (asked, refused, true),
        // The form is shown all the same, without anything below it.
        Err(error) => (Asked::of_today(today), Some(error), false),
    };
    let kind = refused.as_ref().map(|error| error.kind);
    let (first, last) = asked.span.ends();
    let read = if readable {
        let read = state.coverage.read(first, last, &asked.games()).await;
        read.map(Some)
    } else {
        Ok(None)
    };
    let shown = read.map_err(|error| error.tell()).map(|coverage| {
        let addresses = asked.addresses(coverage.as_ref(), today);
        CoveragePage {
            span: asked.span,
            today,
            q: asked.q,
            gaps: asked.gaps,
            refused: refused.map(|error| error.message),
            coverage,
            addresses,
        }
    });
    let mut answer = site::shown_page(state, shown, request, app::coverage).await;
    if let Some(kind) = kind {
        site::set_status(&mut answer, kind);
    }
    answer
}
