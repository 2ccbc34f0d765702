//! The data itself: games, results, the export, and clearing it.

use axum::{Json, body::Body, extract::State, http::header, response::IntoResponse};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{params::InQuery, problem::Problem};
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

#[derive(Deserialize)]
pub struct Since {
    /// 0: all.
    #[serde(default = "four")]
    months: u32,
}

const fn four() -> u32 {
    4
}

/// `GET /results/fast?months=4`: results of the last months, each with its game.
pub async fn results(
    State(state): State<AppState>,
    InQuery(since): InQuery<Since>,
) -> Result<impl IntoResponse, Problem> {
    let results = state.data.results(since.months).await?;
    Ok((
        [(header::CONTENT_TYPE, "application/json")],
        Body::from_stream(results),
    ))
}

/// `DELETE /clear-data`: removes all results and games.
pub async fn clear(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let cleared = state.data.clear().await?;
    let counted = |number, one, many| count(i64::try_from(number).unwrap_or(i64::MAX), one, many);
    let results = counted(cleared.results, "result", "results");
    let games = counted(cleared.games, "game", "games");
    Ok(Json(json!({
        "message": format!("Removed {results} and {games}."),
        "results_deleted": cleared.results,
        "games_deleted": cleared.games,
    })))
}
