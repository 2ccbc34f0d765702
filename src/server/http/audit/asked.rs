//! What an address asks of the audit: read from its parameters, and written into the addresses of other pages.

use crate::{
    error::AppError,
    model::audit::{ActorKind, Deed, Filter, Page},
    server::http::{
        params::{Parameters, Side, one_of, with_query},
        span,
        zone::ReadersZone,
    },
};

/// What can be asked of the audit, by name.
const FILTERS: [&str; 7] = ["action", "actor", "kind", "import", "refused", "from", "to"];

/// Right after which line.
pub const AFTER: &str = "after";
/// Right before which line.
pub const BEFORE: &str = "before";

const LIMIT: u32 = 50;
const LARGEST_LIMIT: u32 = 200;

/// What an address asks of the audit.
#[derive(Clone, Debug)]
pub struct Asked {
    pub filter: Filter,
    pub from: Page,
    pub limit: usize,
    /// Its filters as they were given, to be given again.
    given: Vec<(String, String)>,
}

impl Asked {
    /// Reads what an address asks for, days as those of a zone.
    ///
    /// # Errors
    /// When a parameter is none that there is, or can't be read: a 400 that names it.
    pub fn read(parameters: &Parameters, zone: ReadersZone) -> Result<Self, AppError> {
        parameters.only(&[FILTERS.as_slice(), &[AFTER, BEFORE, "limit"]].concat())?;
        let limit = parameters.number("limit", LIMIT, LARGEST_LIMIT)?;
        if limit == 0 {
            return Err(parameters.refuse("limit", "is no page. Ask for 1 to 200 lines."));
        }
        let (after, before) = (
            read_line(parameters, AFTER)?,
            read_line(parameters, BEFORE)?,
        );
        let from = match one_of(parameters, after, before)? {
            None => Page::Newest,
            Some(Side::After(line)) => Page::After(line),
            Some(Side::Before(line)) => Page::Before(line),
        };
        Ok(Self {
            filter: read_filter(parameters, zone)?,
            from,
            limit: limit as usize,
            given: given(parameters),
        })
    }

    /// An address of the same filters, at a place if one is given.
    #[must_use]
    pub fn address(&self, path: &str, place: Option<(&str, i64)>) -> String {
        let limit = (self.limit != LIMIT as usize).then(|| ("limit", self.limit.to_string()));
        let place = place.map(|(name, line)| (name, line.to_string()));
        with_query(path, &self.given, place.into_iter().chain(limit))
    }

    /// The address of all that the filters match, where days are not those of this address's zone.
    #[must_use]
    pub fn file(&self, path: &str) -> String {
        let mut given = self.given.clone();
        span::to_instants(&mut given, self.filter.from, self.filter.until);
        with_query(path, &given, std::iter::empty())
    }
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
pub fn read_filter_alone(parameters: &Parameters, zone: ReadersZone) -> Result<Filter, AppError> {
    parameters.only(&FILTERS)?;
    read_filter(parameters, zone)
}

fn read_filter(parameters: &Parameters, zone: ReadersZone) -> Result<Filter, AppError> {
    let (from, until) = span::read(parameters, zone)?;
    let actor = parameters.text("actor").map(str::to_owned);
    if actor
        .as_ref()
        .is_some_and(|it| it.contains(char::is_control))
    {
        let odd = "holds a control character. Write the name as the audit shows it.";
        return Err(parameters.refuse("actor", odd));
    }
    let deeds: Vec<_> = Deed::all().map(|it| (it.as_str(), it)).collect();
    let kinds = ActorKind::ALL.map(|it| (it.as_str(), it));
    Ok(Filter {
        action: parameters.word("action", &deeds)?,
        actor,
        kind: parameters.word("kind", &kinds)?,
        import_id: read_import(parameters)?,
        refused: parameters.word("refused", &[("true", true), ("false", false)])?,
        from,
        until,
    })
}

/// The number of an import, as it is written anywhere: `12` or `#12`.
fn read_import(parameters: &Parameters) -> Result<Option<i32>, AppError> {
    const NAME: &str = "import";
    let Some(text) = parameters.text(NAME) else {
        return Ok(None);
    };
    let number = text.strip_prefix('#').unwrap_or(text);
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse().ok().filter(|_| is_number);
    number
        .map(Some)
        .ok_or_else(|| parameters.refuse(NAME, "is no import's number. Write it as 12."))
}

fn read_line(parameters: &Parameters, name: &str) -> Result<Option<i64>, AppError> {
    let Some(text) = parameters.text(name) else {
        return Ok(None);
    };
    let foreign = "is no line of the audit. Begin at the newest again.";
    text.parse()
        .map(Some)
        .map_err(|_| parameters.refuse(name, foreign))
}
