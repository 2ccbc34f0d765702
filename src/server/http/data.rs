//! The data itself: games, results, the export, and clearing it.

use axum::{Json, body::Body, extract::State, http::header, response::IntoResponse};
use serde_json::{Value, json};

use super::{identity::ByApi, params::Parameters, problem::Problem};
use crate::{
    model::{count::count, game::Game},
    server::state::AppState,
};

/// `GET /export-data`: everything, as a backup.
pub async fn export(State(state): State<AppState>) -> Result<impl IntoResponse, Problem> {
    let backup = state.data.export().await?;
    let disposition = format!("attachment; filename=\"{}\"", state.data.export_filename());
    Ok((
        [
            (header::CONTENT_TYPE, "application/json".to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        Body::from_stream(backup),
    ))
}

/// `GET /games`.
pub async fn games(State(state): State<AppState>) -> Result<Json<Vec<Game>>, Problem> {
    Ok(Json(state.data.games().await?))
}

/// How many of the last months' results are asked for: 0 is all; unless said, as many as the charts show.
const MONTHS: u32 = 4;
const MOST_MONTHS: u32 = 1_200;

/// `GET /results/fast?months=4`: results of the last months, each with its game.
pub async fn results(
    State(state): State<AppState>,
    parameters: Parameters,
) -> Result<impl IntoResponse, Problem> {
    let months = parameters.number("months", MONTHS, MOST_MONTHS)?;
    let results = state.data.results(months).await?;
    Ok((
        [(header::CONTENT_TYPE, "application/json")],
        Body::from_stream(results),
    ))
}

/// `DELETE /clear-data`: removes all results and games.
pub async fn clear(
    State(state): State<AppState>,
    ByApi(by): ByApi,
) -> Result<Json<Value>, Problem> {
    let cleared = state.data.clear(&by).await?;
    let counted = |number, one, many| count(i64::try_from(number).unwrap_or(i64::MAX), one, many);
    let results = counted(cleared.results, "result", "results");
    let games = counted(cleared.games, "game", "games");
    Ok(Json(json!({
        "message": format!("Removed {results} and {games}."),
        "results_deleted": cleared.results,
        "games_deleted": cleared.games,
    })))
}
