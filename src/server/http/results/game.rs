//! `/results/{game}`: the page of one game.

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    response::Response,
};
use chrono::NaiveDate;

use super::asked::{read_day, read_limit, unusual};
use crate::{
    app,
    error::{AppError, ErrorKind},
    model::{
        game_page::GamePage,
        results::{game_address, game_of_path},
    },
    server::{
        http::{
            params::{Parameters, Side, one_of, with_query},
            site,
            zone::ReadersZone,
        },
        services::one_game::Wanted,
        state::AppState,
    },
};

/// The page. The game's id is the rest of the path, percent-decoded.
pub async fn game(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    zone: ReadersZone,
    parameters: Parameters,
    request: Request,
) -> Response {
    let shown = match path {
        Ok(Path(path)) => read(&state, game_of_path(&path), zone, &parameters).await,
        Err(_) => Err(AppError::new(
            ErrorKind::NotFound,
            "There is no such game: its id can't be read. Look for it among the results.",
        )),
    };
    site::shown_page(state, shown, request, app::game).await
}

async fn read(
    state: &AppState,
    base_game_id: &str,
    zone: ReadersZone,
    parameters: &Parameters,
) -> Result<GamePage, AppError> {
    parameters.only(&["date", "after", "before", "limit"])?;
    let date = read_day(parameters, "date")?;
    let after = read_day(parameters, "after")?;
    let before = read_day(parameters, "before")?;
    let limit = read_limit(parameters)?;
    let wanted = match (one_of(parameters, after, before)?, date) {
        (None, None) => Wanted::Newest,
        (None, Some(date)) => Wanted::Around(date),
        (Some(Side::After(date)), None) => Wanted::After(date),
        (Some(Side::Before(date)), None) => Wanted::Before(date),
        (Some(_), Some(_)) => {
            let why = "can't stand beside \"after\" or \"before\". Give one of them.";
            return Err(parameters.refuse("date", why));
        }
    };
    let game = state.results.game(base_game_id, wanted, limit).await;
    let game = game.map_err(|error| error.tell())?;
    let path = game_address(base_game_id);
    let address = |place: Option<(&'static str, NaiveDate)>| {
        let place = place.map(|(name, date)| (name, date.to_string()));
        with_query(&path, &[], place.into_iter().chain(unusual(limit)))
    };
    let draws = &game.slice.draws;
    let newer = draws.first().filter(|_| game.slice.has_newer);
    let older = draws.last().filter(|_| game.slice.has_older);
    Ok(GamePage {
        newest: address(None),
        newer: newer.map(|told| address(Some(("before", told.draw.place.date)))),
        older: older.map(|told| address(Some(("after", told.draw.place.date)))),
        date,
        today: state.clock.today(),
        zone: zone.for_page(&state.clock),
        game,
    })
}
