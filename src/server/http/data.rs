//! The data itself: games, results, the export, and clearing it.

use std::convert::Infallible;

use axum::{
    Json,
    body::Body,
    extract::State,
    http::{Method, header},
    response::IntoResponse,
};
use bytes::Bytes;
use futures::stream;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    described::{Backup, Known, Months},
    identity::ByApi,
    params::Parameters,
    problem::Problem,
};
use crate::{
    model::{
        count::count,
        game::{DrawResult, Game},
    },
    server::state::AppState,
};

/// How much was removed.
#[derive(Serialize, ToSchema)]
pub struct DataCleared {
    message: String,
    results_deleted: u64,
    games_deleted: u64,
}

/// `GET /export-data`: everything, as a backup.
#[utoipa::path(
    get, path = "/export-data", operation_id = "exportData", tag = "Results",
    summary = "All games and results, as a backup",
    description = "One file that `POST /import-backup` reads.",
    responses(
        (status = 200, description = "A backup.", body = Backup),
    ),
    extensions(("x-action" = json!("see")), ("x-problems" = json!([507]))),
)]
pub async fn export(
    State(state): State<AppState>,
    method: Method,
) -> Result<impl IntoResponse, Problem> {
    // Who asks for the head alone makes no work.
    let backup = match method {
        Method::HEAD => nothing(),
        _ => Body::from_stream(state.data.export().await?),
    };
    let disposition = format!("attachment; filename=\"{}\"", state.data.export_filename());
    Ok((
        [
            (header::CONTENT_TYPE, "application/json".to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        backup,
    ))
}

/// A body whose length nobody knows: that of an answer that is not made.
fn nothing() -> Body {
    Body::from_stream(stream::empty::<Result<Bytes, Infallible>>())
}

/// `GET /games`.
#[utoipa::path(
    get, path = "/games", operation_id = "listGames", tag = "Results",
    summary = "All games",
    params(Known),
    responses(
        (status = 200, description = "The games.", body = Vec<Game>),
    ),
    extensions(("x-action" = json!("see"))),
)]
pub async fn games(State(state): State<AppState>) -> Result<Json<Vec<Game>>, Problem> {
    Ok(Json(state.data.games().await?))
}

/// How many of the last months' results are asked for: 0 is all; unless said, as many as the charts show.
const MONTHS: u32 = 4;
const MOST_MONTHS: u32 = 1_200;

/// `GET /results/fast?months=4`: results of the last months, each with its game.
#[utoipa::path(
    get, path = "/results/fast", operation_id = "listResults", tag = "Results",
    summary = "Results of the last months",
    description = "Each with its game.",
    params(Months),
    responses(
        (status = 200, description = "The results.", body = Vec<DrawResult>),
    ),
    extensions(("x-action" = json!("see")), ("x-problems" = json!([507]))),
)]
pub async fn results(
    State(state): State<AppState>,
    parameters: Parameters,
    method: Method,
) -> Result<impl IntoResponse, Problem> {
    parameters.only(&["months"])?;
    let months = parameters.number("months", MONTHS, MOST_MONTHS)?;
    let results = match method {
        Method::HEAD => nothing(),
        _ => Body::from_stream(state.data.results(months).await?),
    };
    Ok(([(header::CONTENT_TYPE, "application/json")], results))
}

/// `DELETE /clear-data`: removes all results and games.
#[utoipa::path(
    delete, path = "/clear-data", operation_id = "clearData", tag = "Results",
    summary = "Remove all games and results",
    description = "For good. Logs stay.",
    responses(
        (status = 200, description = "How many were removed.", body = DataCleared),
    ),
    extensions(("x-action" = json!("clear_data"))),
)]
pub async fn clear(
    State(state): State<AppState>,
    ByApi(by): ByApi,
) -> Result<Json<DataCleared>, Problem> {
    let cleared = state.data.clear(&by).await?;
    let counted = |number, one, many| count(i64::try_from(number).unwrap_or(i64::MAX), one, many);
    let results = counted(cleared.results, "result", "results");
    let games = counted(cleared.games, "game", "games");
    Ok(Json(DataCleared {
        message: format!("Removed {results} and {games}."),
        results_deleted: cleared.results,
        games_deleted: cleared.games,
    }))
}
