//! The time that an address asks for, from and to: days of a zone, or instants.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, SecondsFormat, TimeDelta, Utc};

use super::{params::Parameters, zone::ReadersZone};
use crate::error::AppError;

const FROM: &str = "from";
const TO: &str = "to";

/// PostgreSQL keeps microseconds.
const SMALLEST: TimeDelta = TimeDelta::microseconds(1);

/// When it begins, and until when it goes, that moment left out; as far as it is given.
type Span = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// Reads it.
///
/// # Errors
/// When one of the two is neither a day nor an instant, or they stand the wrong way round: a 400 that names it.
pub fn read(parameters: &Parameters, zone: ReadersZone) -> Result<Span, AppError> {
    let begin = |day: NaiveDate| zone.begin_of(day);
    let end = |day: NaiveDate| zone.begin_of(day.checked_add_days(Days::new(1))?);
    let from = moment(parameters, FROM, begin, TimeDelta::zero())?;
    // A day is meant whole, and a moment with itself.
    let until = moment(parameters, TO, end, SMALLEST)?;
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        return Err(parameters.refuse(TO, "lies before \"from\". Swap the two."));
    }
    Ok((from, until))
}

/// Puts instants in the place of days, for an address where days are not those of this one's zone.
pub fn to_instants(
    given: &mut [(String, String)],
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
) {
    for (name, value) in given {
        let moment = match name.as_str() {
            FROM => from,
            TO => until.map(|until| until - SMALLEST),
            _ => None,
        };
        if let Some(moment) = moment {
            *value = moment.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        }
    }
}

/// A moment: an instant and what is `beyond` it, or what `of_day` makes of a day.
fn moment(
    parameters: &Parameters,
    name: &str,
    of_day: impl Fn(NaiveDate) -> Option<DateTime<Utc>>,
    beyond: TimeDelta,
) -> Result<Option<DateTime<Utc>>, AppError> {
    let Some(text) = parameters.text(name) else {
        return Ok(None);
    };
    let instant = || {
        let instant = DateTime::parse_from_rfc3339(text).ok()?;
        instant.to_utc().checked_add_signed(beyond)
    };
    let day = || of_day(text.parse().ok()?);
    let moment = day()
        .or_else(instant)
        .filter(|it| (1..=9999).contains(&it.year()));
    let example =
        "is neither a day nor an instant. Write it as 2025-06-22 or 2025-06-22T10:00:00Z.";
    moment
        .map(Some)
        .ok_or_else(|| parameters.refuse(name, example))
}
