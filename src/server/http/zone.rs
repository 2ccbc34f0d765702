//! The zone of the reader, as a page's script keeps it in a cookie: in it a page reads days and tells times. Without one it
//! is Bangkok's, where the draws are.

use std::sync::OnceLock;

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use chrono::{DateTime, Datelike as _, NaiveDate, Offset as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::{
    model::history::Zone,
    server::{clock::Clock, http::problem::Problem},
};

/// Seconds.
const DAY: i64 = 86_400;

/// What its clocks are ahead of UTC, in minutes, from each moment on.
type Offsets = Vec<(DateTime<Utc>, i64)>;

/// Each zone's, once they were asked for.
static OFFSETS: [OnceLock<Offsets>; TZ_VARIANTS.len()] =
    [const { OnceLock::new() }; TZ_VARIANTS.len()];

/// The zone in which days are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadersZone(Tz);

impl<S: Send + Sync> FromRequestParts<S> for ReadersZone {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let cookies = parts.headers.get_all(header::COOKIE).iter();
        let mut cookies = cookies
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'));
        let named = cookies.find_map(|cookie| cookie.trim().strip_prefix("zone="));
        let known = named.and_then(|name| name.parse().ok());
        Ok(known.map_or(Self::BANGKOK, Self))
    }
}

impl ReadersZone {
    /// The API's, and what a reader's is unless it is known.
    pub const BANGKOK: Self = Self(Tz::Asia__Bangkok);

    /// When a day begins: at midnight, or, where clocks are put forward then, right after.
    pub fn begin_of(self, day: NaiveDate) -> Option<DateTime<Utc>> {
        let midnight = day.and_hms_opt(0, 0, 0)?;
        let quarters = (0..=12).map(|quarters| midnight + TimeDelta::minutes(15 * quarters));
        let mut begins = quarters.filter_map(|at| self.0.from_local_datetime(&at).earliest());
        begins.next().map(|begin| begin.to_utc())
    }

    /// As a page is told of it.
    pub fn for_page(self, clock: &Clock) -> Zone {
        let now = clock.now();
        let nth = TZ_VARIANTS.iter().position(|zone| *zone == self.0);
        let offsets = nth.and_then(|nth| OFFSETS.get(nth));
        let offsets = offsets.map(|offsets| offsets.get_or_init(|| offsets_of(self.0, now)));
        Zone {
            name: self.0.name(),
            today: now.with_timezone(&self.0).date_naive(),
            offsets: offsets.map_or(&[], Vec::as_slice),
        }
    }
}

/// What the clocks of a zone are ahead of UTC, from 1990 to ten years from now.
fn offsets_of(zone: Tz, now: DateTime<Utc>) -> Offsets {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or_default();
    let ahead = |seconds| {
        let offset = zone.offset_from_utc_datetime(&at(seconds).naive_utc());
        i64::from(offset.fix().local_minus_utc()) / 60
    };
    let first = 20 * 365 * DAY;
    let days = (0..).map(|nth| first + nth * DAY);
    let days = days.take_while(|seconds| at(*seconds).year() <= now.year() + 10);
    let mut offsets = vec![(at(first), ahead(first))];
    for until in days {
        let (_, known) = offsets.last().copied().unwrap_or_default();
        if ahead(until) == known {
            continue;
        }
        // Within this day they were put forward or back: to the second.
        let (mut before, mut after) = (until - DAY, until);
        while after - before > 1 {
            let middle = i64::midpoint(before, after);
            if ahead(middle) == known {
                before = middle;
            } else {
                after = middle;
            }
        }
        offsets.push((at(after), ahead(after)));
    }
    offsets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> ReadersZone {
        ReadersZone(name.parse().unwrap())
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_at_its_own_midnight_and_has_23_or_25_hours_when_clocks_change() {
        for (name, day, begins) in [
            ("Asia/Bangkok", "2026-03-29", "2026-03-28T17:00:00Z"),
            ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z"),
            ("Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z"),
            ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z"),
            ("Europe/Berlin", "2026-10-26", "2026-10-25T23:00:00Z"),
            // Midnight itself doesn't come, and comes twice.
            ("Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z"),
            ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"),
        ] {
            let day = day.parse().unwrap();
            assert_eq!(
                zone(name).begin_of(day),
                Some(instant(begins)),
                "{name}, {day}"
            );
        }
    }

    #[test]
    fn a_page_tells_a_time_as_the_clocks_showed_it_then() {
        let clock = Clock::from_fn(|| instant("2026-11-26T23:30:00Z"));
        let berlin = zone("Europe/Berlin").for_page(&clock);
        assert_eq!(
            (berlin.name, berlin.today.to_string()),
            ("Europe/Berlin", "2026-11-27".into())
        );
        for (at, minutes) in [
            ("1980-01-01T00:00:00Z", 60),
            ("2026-03-29T00:59:59Z", 60),
            ("2026-03-29T01:00:00Z", 120),
            ("2026-10-25T00:59:59Z", 120),
            ("2026-10-25T01:00:00Z", 60),
        ] {
            assert_eq!(berlin.offset_minutes(instant(at)), minutes, "{at}");
        }
        for tz in TZ_VARIANTS {
            let shown = ReadersZone(tz).for_page(&clock);
            for days in (0..9000).step_by(13) {
                let at = instant("2002-01-01T12:34:56Z") + TimeDelta::days(days);
                let told = at.naive_utc() + TimeDelta::minutes(shown.offset_minutes(at));
                assert!(
                    (at.with_timezone(&tz).naive_local() - told).abs() < TimeDelta::minutes(1),
                    "{tz}, {at}"
                );
            }
        }
    }
}
