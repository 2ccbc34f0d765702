//! What an address asks of the history: read from its parameters, and written into the addresses of other pages.

use chrono::{DateTime, Datelike as _, SecondsFormat};
use url::form_urlencoded;

use crate::{
    error::AppError,
    model::{
        history::{Filter, From, Place, SHORTEST_SEARCH, Slice},
        import_log::{FailureKind, ImportLog, ImportStatus, ImportType, Requester},
    },
    server::http::{params::Parameters, span, zone::ReadersZone},
};

/// What can be asked of the history, by name.
const FILTERS: [&str; 9] = [
    "import_type",
    "status",
    "failure_kind",
    "unresolved",
    "requested_by",
    "from",
    "to",
    "q",
    "quiet",
];
/// Where in it.
const PLACES: [&str; 2] = ["after", "before"];

const LIMIT: u32 = 20;
const LARGEST_LIMIT: u32 = 200;

/// What an address asks of the history.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub filter: Filter,
    pub from: From,
    pub limit: usize,
    /// Its filters as they were given, to be given again.
    pub given: Vec<(String, String)>,
}

impl Asked {
    /// Reads what an address asks for, days as those of a zone. `others` may stand there, too.
    ///
    /// # Errors
    /// When a parameter is none that there is, or can't be read: a 400 that names it.
    pub fn read(
        parameters: &Parameters,
        zone: ReadersZone,
        others: &[&str],
    ) -> Result<Self, AppError> {
        let known = FILTERS.iter().chain(&PLACES).chain(&["limit"]);
        parameters.only(&known.chain(others).copied().collect::<Vec<_>>())?;
        let filter = read_filter(parameters, zone)?;
        let given = FILTERS.iter().filter_map(|name| {
            let value = parameters.text(name)?;
            Some(((*name).to_owned(), value.to_owned()))
        });
        let given = given.collect();
        let limit = parameters.number("limit", LIMIT, LARGEST_LIMIT)?;
        if limit == 0 {
            return Err(parameters.refuse("limit", "is no page. Ask for 1 to 200 imports."));
        }
        let from = match (
            read_place(parameters, "after")?,
            read_place(parameters, "before")?,
        ) {
            (None, None) => From::Newest,
            (Some(place), None) => From::After(place),
            (None, Some(place)) => From::Before(place),
            (Some(_), Some(_)) => {
                return Err(
                    parameters.refuse("after", "can't stand beside \"before\". Give one of them.")
                );
            }
        };
        Ok(Self {
            filter,
            from,
            limit: limit as usize,
            given,
        })
    }

    /// The query of an address that asks for the same, and for something else besides.
    fn query(&self, besides: &[(&str, String)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.given).extend_pairs(besides);
        query.finish()
    }

    /// An address of the same filters, and of something else besides.
    #[must_use]
    pub fn address(&self, path: &str, besides: &[(&str, String)]) -> String {
        with_query(path, &self.query(besides))
    }

    /// An address of the same filters where days are not those of this address's zone: with instants in their place.
    #[must_use]
    pub fn address_in_instants(&self, path: &str) -> String {
        let mut there = self.clone();
        span::to_instants(&mut there.given, self.filter.from, self.filter.until);
        there.address(path, &[])
    }

    /// The addresses of the pages before and after a page, where there are such: newer, older.
    #[must_use]
    pub fn neighbours(&self, path: &str, slice: &Slice) -> (Option<String>, Option<String>) {
        let limit = (self.limit != LIMIT as usize).then(|| ("limit", self.limit.to_string()));
        let address = |name, log: &ImportLog| {
            let place = [Some((name, written(Place::of(log)))), limit.clone()];
            with_query(
                path,
                &self.query(&place.into_iter().flatten().collect::<Vec<_>>()),
            )
        };
        let newer = slice.logs.first().filter(|_| slice.has_newer);
        let older = slice.logs.last().filter(|_| slice.has_older);
        (
            newer.map(|log| address("before", log)),
            older.map(|log| address("after", log)),
        )
    }
}

fn with_query(path: &str, query: &str) -> String {
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

/// Reads the filters where nothing else may stand but these names, and nothing empty.
///
/// # Errors
/// When a parameter is none that there is, or can't be read: a 400 that names it.
pub fn read_filter_and(
    parameters: &Parameters,
    zone: ReadersZone,
    others: &[&str],
) -> Result<Filter, AppError> {
    parameters.only(&[FILTERS.as_slice(), others].concat())?;
    parameters.none_empty()?;
    read_filter(parameters, zone)
}

fn read_filter(parameters: &Parameters, zone: ReadersZone) -> Result<Filter, AppError> {
    let quiet = parameters.word("quiet", &[("hide", true), ("show", false)])?;
    let text = parameters.text("q").map(str::to_owned);
    if text
        .as_ref()
        .is_some_and(|text| text.chars().count() < SHORTEST_SEARCH)
    {
        let shortest = format!(
            "is too short. Write at least {SHORTEST_SEARCH} characters of the filename or the message."
        );
        return Err(parameters.refuse("q", &shortest));
    }
    if text
        .as_ref()
        .is_some_and(|text| text.contains(char::is_control))
    {
        let odd = "holds a control character. Search for letters, digits and marks.";
        return Err(parameters.refuse("q", odd));
    }
    let (from, until) = span::read(parameters, zone)?;
    Ok(Filter {
        import_type: parameters.word("import_type", &words(ImportType::ALL, ImportType::as_str))?,
        status: parameters.word("status", &words(ImportStatus::ALL, ImportStatus::as_str))?,
        failure_kind: parameters.word(
            "failure_kind",
            &words(FailureKind::ALL, FailureKind::as_str),
        )?,
        unresolved: parameters.word("unresolved", &[("true", true), ("false", false)])?,
        requested_by: parameters.word("requested_by", &words(Requester::ALL, Requester::as_str))?,
        from,
        until,
        text,
        hides_quiet: quiet.unwrap_or(false),
    })
}

/// All that a parameter may be, each with its word.
fn words<T: Copy, const N: usize>(
    all: [T; N],
    word: fn(T) -> &'static str,
) -> [(&'static str, T); N] {
    all.map(|it| (word(it), it))
}

/// How a place is written in an address.
fn written(place: Place) -> String {
    let at = place
        .started_at
        .to_rfc3339_opts(SecondsFormat::Micros, true);
    format!("{at},{}", place.id)
}

fn read_place(parameters: &Parameters, name: &str) -> Result<Option<Place>, AppError> {
    let Some(text) = parameters.text(name) else {
        return Ok(None);
    };
    let place = || {
        let (at, id) = text.split_once(',')?;
        let started_at = DateTime::parse_from_rfc3339(at).ok()?.to_utc();
        let id = id.parse().ok()?;
        (1..=9999)
            .contains(&started_at.year())
            .then_some(Place { started_at, id })
    };
    let foreign = "is no place in the history. Take it from the Link header of the page before.";
    place()
        .map(Some)
        .ok_or_else(|| parameters.refuse(name, foreign))
}
