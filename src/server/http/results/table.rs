//! Results as the rows of a table.

use crate::{
    error::AppError,
    model::results::{Draw, GameName},
    server::http::files,
};

/// A column: its name, which is the API's, and its cell of a result.
type Column = (&'static str, fn(&Draw, &GameName) -> String);

const COLUMNS: [Column; 9] = [
    ("base_game_id", |_, game| game.base_game_id.clone()),
    ("game_name", |_, game| game.game_name.clone()),
    ("result_date", |draw, _| draw.place.date.to_string()),
    ("result_3up", |draw, _| {
        maybe(draw.values.result_3up.as_ref())
    }),
    ("result_2down", |draw, _| {
        maybe(draw.values.result_2down.as_ref())
    }),
    ("result_4up", |draw, _| {
        maybe(draw.values.result_4up.as_ref())
    }),
    ("status", |draw, _| draw.values.status.to_string()),
    ("created_by", |draw, _| maybe(draw.created_by)),
    ("changed_by", |draw, _| maybe(draw.changed_by)),
];

fn maybe(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// The columns' names.
///
/// # Errors
/// Never: there is memory.
pub fn head() -> Result<Vec<u8>, AppError> {
    let names = COLUMNS.map(|(name, _)| name.to_owned()).to_vec();
    files::table_of_texts(std::iter::once(names))
}

/// Results as rows. Their digits are texts: a leading zero counts.
///
/// # Errors
/// Never: there is memory.
pub fn rows(draws: Vec<(Draw, GameName)>) -> Result<Vec<u8>, AppError> {
    let cells = |(draw, game): (Draw, GameName)| {
        COLUMNS.iter().map(|(_, cell)| cell(&draw, &game)).collect()
    };
    files::table_of_texts(draws.into_iter().map(cells))
}
