//! Gathers the first logs of a stretch that have a text.
//!
//! An index tells which logs have it, in no order, and all of them at once: half a million take a tenth of a second. So the
//! stretch is gone through from its end in windows of whole days, which grow while they bring little and shrink when they
//! hold too much.

use std::cmp::Reverse;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::{
    model::history::Place,
    server::db::history::{self, Facets, Order, Stretch, before_all_of},
};

/// A window of several days with more matches is cut.
const MANY: usize = 2500;

/// What a window best holds.
const GOOD: usize = 2000;

/// The first `enough` matches of a stretch, in order.
///
/// # Errors
/// When the database refuses.
pub async fn gather(
    db: &mut PgConnection,
    facets: &Facets,
    text: &str,
    within: Stretch,
    order: Order,
    enough: usize,
) -> sqlx::Result<Vec<Place>> {
    let mut found = Vec::new();
    let Some((first, last)) = history::extent(&mut *db).await? else {
        return Ok(found);
    };
    let mut left = Stretch {
        above: within.above.max(before_all_of(first)),
        below: within
            .below
            .min(before_all_of(last + TimeDelta::microseconds(1))),
    };
    let mut days = 1;
    while found.len() < enough && !left.is_empty() {
        let wanted = enough - found.len();
        let (window, rest) = split(left, order, days);
        let most = if days == 1 { wanted } else { wanted.min(MANY) };
        let mut hits = history::hits(&mut *db, facets, text, window, number(most + 1)).await?;
        if hits.len() > most {
            if days > 1 {
                days = (days / 4).max(1);
                continue;
            }
            // So many have it that the first are found soon.
            hits = history::first_with(&mut *db, facets, Some(text), window, order, number(wanted))
                .await?;
        }
        match order {
            Order::NewestFirst => hits.sort_unstable_by_key(|place| Reverse(*place)),
            Order::OldestFirst => hits.sort_unstable(),
        }
        days = (days * 4).min((days * GOOD / hits.len().max(1)).max(1));
        found.extend(hits);
        left = rest;
    }
    found.truncate(enough);
    Ok(found)
}

/// The first days of a stretch, and what is left of it.
fn split(left: Stretch, order: Order, days: usize) -> (Stretch, Stretch) {
    let days = TimeDelta::days(i64::try_from(days).unwrap_or(i64::MAX).min(100_000));
    match order {
        Order::NewestFirst => {
            let last = midnight(left.below.started_at - TimeDelta::microseconds(1));
            let from = last.checked_sub_signed(days - TimeDelta::days(1));
            let cut = from.map_or(left.above, |from| left.above.max(before_all_of(from)));
            // The place at the cut stands before all of its moment: none has it.
            (
                Stretch { above: cut, ..left },
                Stretch { below: cut, ..left },
            )
        }
        Order::OldestFirst => {
            let until = midnight(left.above.started_at).checked_add_signed(days);
            let cut = until.map_or(left.below, |until| left.below.min(before_all_of(until)));
            (
                Stretch { below: cut, ..left },
                Stretch { above: cut, ..left },
            )
        }
    }
}

fn midnight(at: DateTime<Utc>) -> DateTime<Utc> {
    at.date_naive().and_time(NaiveTime::MIN).and_utc()
}

fn number(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
