//! Gathers the first logs of a stretch that have a text.
//!
//! An index tells which logs have it in no order, and all of them at once. So the stretch is gone through from its end in
//! blocks of days: larger ones while they bring little, smaller ones where they hold too much.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use crate::{
    model::history::Place,
    server::db::{
        history::{self, Facets},
        stretch::{Block, Order, Stretch, before_all_of},
    },
};

/// A block with more matches is too large.
const MANY: usize = 2500;

/// A block is followed by one eight times as large unless it holds more.
const FEW: usize = MANY / 8;

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
    let mut left = with_logs(db, within).await?;
    let mut size = 0;
    // Up to where blocks of a size, and larger ones, are known to hold too much.
    let mut full: Option<(usize, Place)> = None;
    while found.len() < enough && !left.is_empty() {
        let at = match order {
            Order::NewestFirst => last_of(left),
            Order::OldestFirst => left.above.started_at,
        };
        let block = Block::of(at, Block::DAYS[size]);
        let part = block.part_of(left);
        let most = i64::try_from(MANY + 1).unwrap_or(i64::MAX);
        let mut hits = history::hits(&mut *db, facets, text, (part, block), most).await?;
        let too_many = hits.len() > MANY;
        if too_many && size > 0 {
            let until = match order {
                Order::NewestFirst => part.above,
                Order::OldestFirst => part.below,
            };
            full = Some((size, until));
            size -= 1;
            continue;
        }
        if too_many {
            // So many have it that the first are found soon.
            let wanted = i64::try_from(enough - found.len()).unwrap_or(i64::MAX);
            hits = history::first_with(&mut *db, facets, Some(text), part, order, wanted).await?;
        }
        match order {
            Order::NewestFirst => {
                hits.sort_unstable_by_key(|place| Reverse(*place));
                left.below = part.above;
            }
            Order::OldestFirst => {
                hits.sort_unstable();
                left.above = part.below;
            }
        }
        if hits.len() <= FEW {
            let is_past = |until: Place| match order {
                Order::NewestFirst => left.below <= until,
                Order::OldestFirst => left.above >= until,
            };
            let largest = match full {
                Some((size, until)) if !is_past(until) => size - 1,
                _ => Block::DAYS.len() - 1,
            };
            size = (size + 1).min(largest);
        }
        found.extend(hits);
    }
    found.truncate(enough);
    Ok(found)
}

/// How many matches a stretch has, up to `most`.
///
/// # Errors
/// When the database refuses.
pub async fn count(
    db: &mut PgConnection,
    facets: &Facets,
    text: &str,
    within: Stretch,
    most: usize,
) -> sqlx::Result<usize> {
    let mut left = with_logs(db, within).await?;
    let (mut counted, mut size) = (0, 1);
    while counted < most && !left.is_empty() {
        let block = Block::of(last_of(left), Block::DAYS[size]);
        let part = block.part_of(left);
        let wanted = i64::try_from(most - counted).unwrap_or(i64::MAX);
        let hits = history::count_hits(&mut *db, facets, text, (part, block), wanted).await?;
        counted += hits;
        left.below = part.above;
        if hits <= most / 8 {
            size = (size + 1).min(Block::DAYS.len() - 1);
        }
    }
    Ok(counted)
}

/// The part of a stretch in which there are logs.
async fn with_logs(db: &mut PgConnection, within: Stretch) -> sqlx::Result<Stretch> {
    let extent = history::extent(db).await?;
    let nothing = Stretch {
        below: within.above,
        ..within
    };
    Ok(extent.map_or(nothing, |(first, last)| Stretch {
        above: within.above.max(before_all_of(first)),
        below: within.below.min(before_all_of(last + MOMENT)),
    }))
}

/// The last moment of a stretch. Before all logs of a midnight it is the day before; before one of them it isn't.
fn last_of(stretch: Stretch) -> DateTime<Utc> {
    let Place { started_at, id } = stretch.below;
    if id == i32::MIN {
        started_at - MOMENT
    } else {
        started_at
    }
}

/// The smallest span that PostgreSQL keeps.
const MOMENT: TimeDelta = TimeDelta::microseconds(1);
