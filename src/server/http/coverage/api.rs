//! `GET /coverage?from=2026-11-01&to=2026-11-30` for programs.

use std::collections::BTreeMap;

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, header},
    response::IntoResponse,
};
use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;

use super::asked::read_text;
use crate::{
    error::AppError,
    model::{
        coverage::{Asked, Day, MOST_DAYS, Row, State},
        volume::Usual,
    },
    server::{
        http::{params::Parameters, problem::Problem},
        services::coverage::Games,
        state::AppState,
    },
};

/// The parameters that name the days.
pub const DAYS: [&str; 2] = ["from", "to"];

const NAMES: [&str; 6] = ["from", "to", "q", "gaps", "after", "limit"];

/// The most games in one answer; so many unless fewer are asked for.
const MOST_GAMES: u32 = 1_000;

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Coverage)]
pub struct Answer {
    from: NaiveDate,
    to: NaiveDate,
    days: Vec<DayAnswer>,
    games: Vec<GameAnswer>,
    /// There are games after these: the id to pass as `after`.
    more_after: Option<String>,
}

/// A day, across all games.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CoverageDay)]
struct DayAnswer {
    date: NaiveDate,
    asked: bool,
    /// How asking for it went.
    answer: &'static str,
    import_id: Option<i32>,
    draws: i64,
    /// Draws of the games in this answer that lack.
    missing: usize,
    usual_low: Option<u32>,
    usual_high: Option<u32>,
    unusual: Option<String>,
}

/// A game, across all days.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CoverageGame)]
struct GameAnswer {
    base_game_id: String,
    game_name: String,
    expected: Vec<NaiveDate>,
    missing: Vec<NaiveDate>,
    /// By day; without those on which there is nothing, nor should be.
    states: BTreeMap<NaiveDate, &'static str>,
}

/// Answers; without `from` and `to`, of this month until today.
pub async fn json(
    state: &AppState,
    parameters: &Parameters,
) -> Result<impl IntoResponse + use<>, Problem> {
    let today = state.clock.today();
    parameters.only(&NAMES)?;
    let to = day(parameters, "to")?;
    let from = match (day(parameters, "from")?, to) {
        (Some(from), _) => from,
        (None, to) => {
            let to = to.unwrap_or(today);
            to.with_day(1).unwrap_or(to)
        }
    };
    let to = to.unwrap_or_else(|| today.max(from));
    if to < from {
        return Err(parameters
            .refuse("to", "lies before \"from\". Swap the two.")
            .into());
    }
    if (to - from).num_days() >= MOST_DAYS {
        let long = format!("is more than {MOST_DAYS} days before \"to\". Ask for them in parts.");
        return Err(parameters.refuse("from", &long).into());
    }
    let limit = parameters.number("limit", MOST_GAMES, MOST_GAMES)?;
    if limit == 0 {
        let none = format!("is no page. Ask for 1 to {MOST_GAMES} games.");
        return Err(parameters.refuse("limit", &none).into());
    }
    let games = Games {
        text: read_text(parameters, "q")?,
        gaps: parameters.flag("gaps")?,
        after: read_text(parameters, "after")?,
        limit: limit as usize,
    };
    let read = state.coverage.read_with_usual(from, to, &games).await?;
    let mut headers = HeaderMap::new();
    if let Some(after) = &read.coverage.more_after {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let limit = limit.to_string();
        query
            .append_pair("from", &from.to_string())
            .append_pair("to", &to.to_string());
        for (name, value) in [
            ("q", games.text.as_str()),
            ("after", after),
            ("limit", &limit),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if games.gaps {
            query.append_pair("gaps", "true");
        }
        let link = format!("</coverage?{}>; rel=\"next\"", query.finish());
        if let Ok(link) = HeaderValue::try_from(link) {
            headers.insert(header::LINK, link);
        }
    }
    let lacking = read.coverage.lacking();
    let dates: Vec<NaiveDate> = read.coverage.days.iter().map(|day| day.date).collect();
    let days = read.coverage.days.into_iter().zip(read.usual).zip(lacking);
    let answer = Answer {
        from,
        to,
        days: days.map(of_day).collect(),
        games: read
            .coverage
            .rows
            .into_iter()
            .map(|row| of_game(row, &dates))
            .collect(),
        more_after: read.coverage.more_after,
    };
    Ok((headers, Json(answer)))
}

fn of_day(((day, usual), missing): ((Day, Option<Usual>), usize)) -> DayAnswer {
    DayAnswer {
        date: day.date,
        asked: matches!(day.asked, Asked::Answered | Asked::Failed),
        answer: day.asked.as_str(),
        import_id: day.import,
        draws: day.draws,
        missing,
        usual_low: usual.map(|usual| usual.low),
        usual_high: usual.map(|usual| usual.high),
        unusual: day.unusual,
    }
}

fn of_game(row: Row, dates: &[NaiveDate]) -> GameAnswer {
    let states = || dates.iter().copied().zip(row.states.iter().copied());
    let expected = dates.iter().zip(&row.expected);
    GameAnswer {
        expected: expected
            .filter(|(_, expected)| **expected)
            .map(|(date, _)| *date)
            .collect(),
        missing: states()
            .filter(|(_, state)| state.lacks())
            .map(|(date, _)| date)
            .collect(),
        states: states()
            .filter(|(_, state)| *state != State::Nothing)
            .map(|(date, state)| (date, state.as_str()))
            .collect(),
        base_game_id: row.base_game_id,
        game_name: row.game_name,
    }
}

fn day(parameters: &Parameters, name: &str) -> Result<Option<NaiveDate>, AppError> {
    let Some(text) = parameters.text(name) else {
        return Ok(None);
    };
    let day = text.parse::<NaiveDate>().ok();
    let day = day.filter(|day| (1900..=2100).contains(&day.year()));
    let why = "is no day from 1900 to 2100. Write it as 2026-11-22.";
    day.map(Some).ok_or_else(|| parameters.refuse(name, why))
}
