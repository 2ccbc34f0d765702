//! What an address asks of the results: read from its parameters, and written into the addresses of other pages.

use chrono::NaiveDate;

use crate::{
    error::AppError,
    model::{
        game::ResultStatus,
        results::{Filter, From, Place, can_be_asked},
    },
    server::http::params::{Parameters, Side, one_of, with_query},
};

/// What can be asked of the results, by name.
const FILTERS: [&str; 4] = ["game", "status", "from", "to"];

const LIMIT: u32 = 50;
const LARGEST_LIMIT: u32 = 200;

/// What an address asks of the results.
#[derive(Clone, Debug)]
pub struct Asked {
    pub filter: Filter,
    pub from: From,
    pub limit: usize,
    /// Its filters as they were given, to be given again.
    given: Vec<(String, String)>,
}

impl Asked {
    /// Reads what an address asks for.
    ///
    /// # Errors
    /// When a parameter is none that there is, or can't be read: a 400 that names it.
    pub fn read(parameters: &Parameters) -> Result<Self, AppError> {
        parameters.only(&[FILTERS.as_slice(), &["after", "before", "limit"]].concat())?;
        let after = read_place(parameters, "after")?;
        let before = read_place(parameters, "before")?;
        Ok(Self {
            filter: read_filter(parameters)?,
            from: match one_of(parameters, after, before)? {
                None => From::Newest,
                Some(Side::After(place)) => From::After(place),
                Some(Side::Before(place)) => From::Before(place),
            },
            limit: read_limit(parameters)?,
            given: given(parameters),
        })
    }

    /// An address of the same filters, at a place if one is given.
    #[must_use]
    pub fn address(&self, path: &str, place: Option<(&str, Place)>) -> String {
        let place = place.map(|(name, place)| (name, format!("{},{}", place.date, place.game_id)));
        with_query(
            path,
            &self.given,
            place.into_iter().chain(unusual(self.limit)),
        )
    }

    /// The address of all that the filters match.
    #[must_use]
    pub fn file(&self, path: &str) -> String {
        with_query(path, &self.given, std::iter::empty())
    }
}

/// How many results a page is to hold.
///
/// # Errors
/// When it is no such number: a 400 that says so.
pub fn read_limit(parameters: &Parameters) -> Result<usize, AppError> {
    let limit = parameters.number("limit", LIMIT, LARGEST_LIMIT)?;
    if limit == 0 {
        return Err(parameters.refuse("limit", "is no page. Ask for 1 to 200 results."));
    }
    Ok(limit as usize)
}

/// What else than the usual number of results a page is asked to hold.
#[must_use]
pub fn unusual(limit: usize) -> Option<(&'static str, String)> {
    (limit != LIMIT as usize).then(|| ("limit", limit.to_string()))
}

/// The filters as an address gives them, whether they can be read or not.
#[must_use]
pub fn given(parameters: &Parameters) -> Vec<(String, String)> {
    let given = FILTERS.iter().filter_map(|name| {
        let value = parameters.text(name)?;
        Some(((*name).to_owned(), value.to_owned()))
    });
    given.collect()
}

/// Reads the filters where nothing else may stand.
///
/// # Errors
/// When a parameter is none that there is, or can't be read: a 400 that names it.
pub fn read_filter_alone(parameters: &Parameters) -> Result<Filter, AppError> {
    parameters.only(&FILTERS)?;
    read_filter(parameters)
}

fn read_filter(parameters: &Parameters) -> Result<Filter, AppError> {
    let game = parameters.text("game").map(str::to_owned);
    if game
        .as_ref()
        .is_some_and(|game| game.contains(char::is_control))
    {
        let odd = "holds a control character. Search for a part of a game's name or id.";
        return Err(parameters.refuse("game", odd));
    }
    let (from, to) = (read_day(parameters, "from")?, read_day(parameters, "to")?);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(parameters.refuse("to", "lies before \"from\". Swap the two."));
    }
    let words = ResultStatus::ALL.map(|it| (it.as_str(), it));
    Ok(Filter {
        game,
        status: parameters.word("status", &words)?,
        from,
        to,
    })
}

/// A day, if one is given.
///
/// # Errors
/// When it is none: a 400 that shows how a day is written.
pub fn read_day(parameters: &Parameters, name: &str) -> Result<Option<NaiveDate>, AppError> {
    let Some(text) = parameters.text(name) else {
        return Ok(None);
    };
    let day = text.parse().ok().filter(|day| can_be_asked(*day));
    let none = "is no day. Write it as 2025-06-22.";
    day.map(Some).ok_or_else(|| parameters.refuse(name, none))
}

fn read_place(parameters: &Parameters, name: &str) -> Result<Option<Place>, AppError> {
    let Some(text) = parameters.text(name) else {
        return Ok(None);
    };
    let place = || {
        let (date, game_id) = text.split_once(',')?;
        let date = date.parse().ok().filter(|date| can_be_asked(*date))?;
        let game_id = game_id.parse().ok()?;
        Some(Place { date, game_id })
    };
    let foreign = "is no place among the results. Begin at the newest again.";
    place()
        .map(Some)
        .ok_or_else(|| parameters.refuse(name, foreign))
}
