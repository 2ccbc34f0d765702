//! `/monitoring`: what the logs add up to.

use axum::{
    extract::{Request, State},
    response::Response,
};
use chrono::{DateTime, Days, TimeDelta, Utc};

use super::{params::Parameters, site, zone::ReadersZone};
use crate::{
    app,
    error::AppError,
    model::{
        history::{Filter, From, Zone},
        import_log::ImportStatus,
        monitoring::{MonitoringPage, Slot, Span},
    },
    server::state::AppState,
};

/// How far the page looks back, in the address.
const DAYS: &str = "days";

/// So many failures are shown.
const FAILURES: usize = 10;

/// The page.
pub async fn show(
    State(state): State<AppState>,
    zone: ReadersZone,
    parameters: Parameters,
    request: Request,
) -> Response {
    let shown = read(&state, zone, &parameters).await;
    site::shown_page(state, shown, request, app::monitoring).await
}

async fn read(
    state: &AppState,
    readers: ReadersZone,
    parameters: &Parameters,
) -> Result<MonitoringPage, AppError> {
    parameters.only(&[DAYS])?;
    let spans = Span::ALL.map(|span| (span.as_str(), span));
    let span = parameters.word(DAYS, &spans)?.unwrap_or(Span::Week);
    let (now, zone) = (state.clock.now(), readers.for_page(&state.clock));
    let day_ago = now - TimeDelta::days(1);
    let slots = match span {
        Span::Day => hours(now, day_ago, zone),
        Span::Week | Span::Month | Span::Quarter => days(span.days(), readers, zone),
    };
    let sums = state.monitoring.sums(&slots, day_ago).await;
    let sums = sums.map_err(|error| error.tell())?;
    let failed = Filter {
        status: Some(ImportStatus::Failed),
        ..Filter::default()
    };
    let failures = state.history.page(&failed, From::Newest, FAILURES).await;
    Ok(MonitoringPage {
        span,
        slots,
        sums,
        day_ago,
        failures: failures.map_err(|error| error.tell())?.logs,
        zone,
    })
}

/// The hours of a zone since a moment: the rest of the first, and the whole of the present one.
fn hours(now: DateTime<Utc>, since: DateTime<Utc>, zone: Zone) -> Vec<Slot> {
    let hour = TimeDelta::hours(1);
    let past = (now.timestamp() + 60 * zone.offset_minutes(now)).rem_euclid(3600);
    let begin = DateTime::from_timestamp(now.timestamp() - past, 0).unwrap_or(now);
    let mut slots: Vec<Slot> = std::iter::successors(Some(begin), |it| Some(*it - hour))
        .take_while(|begin| *begin + hour > since)
        .map(|begin| Slot {
            begins_at: begin.max(since),
            ends_at: begin + hour,
            day: None,
        })
        .collect();
    slots.reverse();
    slots
}

/// The last days of a zone, today among them.
fn days(number: u32, readers: ReadersZone, zone: Zone) -> Vec<Slot> {
    let days = (0..number).rev().filter_map(|back| {
        let day = zone.today.checked_sub_days(Days::new(back.into()))?;
        Some(Slot {
            begins_at: readers.begin_of(day)?,
            ends_at: readers.begin_of(day.checked_add_days(Days::new(1))?)?,
            day: Some(day),
        })
    });
    days.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_those_of_the_readers_clock() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        let zone = |minutes| Zone {
            name: "Somewhere",
            today: "2026-11-26".parse().expect("a day"),
            offsets: Box::leak(Box::new([(DateTime::UNIX_EPOCH, minutes)])),
        };
        let now = at("2026-11-26T04:20:11Z");
        let since = now - TimeDelta::days(1);
        for (minutes, second, last) in [
            (420, "2026-11-25T05:00:00Z", "2026-11-26T04:00:00Z"),
            (330, "2026-11-25T04:30:00Z", "2026-11-26T03:30:00Z"),
            (345, "2026-11-25T05:15:00Z", "2026-11-26T04:15:00Z"),
            (-210, "2026-11-25T04:30:00Z", "2026-11-26T03:30:00Z"),
        ] {
            let slots = hours(now, since, zone(minutes));
            assert_eq!(slots.len(), 25, "{minutes}");
            assert_eq!(slots[0].begins_at, since);
            assert_eq!(slots[1].begins_at, at(second), "{minutes}");
            assert_eq!(slots[24].begins_at, at(last), "{minutes}");
            for pair in slots.windows(2) {
                assert_eq!(pair[0].ends_at, pair[1].begins_at);
            }
        }
        // At the full hour there is no rest of another.
        let now = at("2026-11-26T04:00:00Z");
        let slots = hours(now, now - TimeDelta::days(1), zone(0));
        assert_eq!(slots.len(), 25);
        assert_eq!(slots[0].ends_at, at("2026-11-25T05:00:00Z"));
    }
}
