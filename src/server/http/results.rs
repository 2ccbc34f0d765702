//! The results: their page, the page of each game, and all that matches as a file.

mod asked;
mod game;
mod table;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};

pub use self::{asked::Asked, game::game};
use super::{described::ResultsFilters, files, params::Parameters, problem::Problem, site};
use crate::{
    app,
    error::AppError,
    model::results::{Draw, Found, ResultsPage},
    server::{services::results::Page, state::AppState},
};

/// Where the results are browsed.
const HERE: &str = "/results";

/// `GET /results`: the page. What can't be asked for is told below the form that asks for it.
pub async fn page(
    State(state): State<AppState>,
    parameters: Parameters,
    request: Request,
) -> Response {
    let found = find(&state, &parameters).await;
    let status = found.as_ref().err().map(|error| error.kind.status());
    let page = ResultsPage {
        asked: asked::given(&parameters),
        today: state.clock.today(),
        found: found.map_err(|error| error.message),
    };
    let mut response = site::shown_page(state, Ok(page), request, app::results).await;
    if let Some(status) = status.and_then(|status| StatusCode::from_u16(status).ok()) {
        *response.status_mut() = status;
    }
    response
}

async fn find(state: &AppState, parameters: &Parameters) -> Result<Found, AppError> {
    let asked = Asked::read(parameters)?;
    let page = state
        .results
        .page(&asked.filter, asked.from, asked.limit)
        .await;
    let Page {
        slice,
        matches,
        any_game,
    } = page.map_err(|error| error.tell())?;
    let place = |(draw, ..): &(Draw, _, _)| draw.place;
    let newer = slice.draws.first().filter(|_| slice.has_newer).map(place);
    let older = slice.draws.last().filter(|_| slice.has_older).map(place);
    Ok(Found {
        newest: asked.address(HERE, None),
        newer: newer.map(|place| asked.address(HERE, Some(("before", place)))),
        older: older.map(|place| asked.address(HERE, Some(("after", place)))),
        csv: asked.file("/results.csv"),
        slice,
        matches,
        any_game,
    })
}

/// `GET /results.csv`: all that matches, as a table (RFC 4180).
#[utoipa::path(
    get, path = "/results.csv", operation_id = "exportResultsAsTable", tag = "Results",
    summary = "All results as a table",
    description = "All that the filters match, newest first, as a file (RFC 4180).",
    params(ResultsFilters),
    responses(
        (status = 200, description = "A table.", body = String, content_type = "text/csv"),
    ),
    extensions(("x-action" = json!("see"))),
)]
pub async fn csv(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let filter = asked::read_filter_alone(&parameters)?;
    let draws = state.results.all(filter);
    let head = table::head()?;
    files::answer(files::TABLE, "results.csv", head, table::rows, draws).await
}
