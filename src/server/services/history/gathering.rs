//! Gathers the first logs of a stretch that have a text.
//!
//! An index tells which logs have it in no order, and all of them at once. So the stretch is gone through from its end in
//! blocks of days: larger ones while they bring little, smaller ones where they hold too much.

use std::cmp::Reverse;

use chrono::TimeDelta;
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
    let Some((first, last)) = history::extent(&mut *db).await? else {
        return Ok(found);
    };
    let mut left = Stretch {
        above: within.above.max(before_all_of(first)),
        below: within.below.min(before_all_of(last + MOMENT)),
    };
    let mut size = 0;
    while found.len() < enough && !left.is_empty() {
        let at = match order {
            // Before all logs of a midnight it is the day before; before one of them it isn't.
            Order::NewestFirst if left.below.id == i32::MIN => left.below.started_at - MOMENT,
            Order::NewestFirst => left.below.started_at,
            Order::OldestFirst => left.above.started_at,
        };
        let block = Block::of(at, Block::DAYS[size]);
        let part = block.part_of(left);
        let most = i64::try_from(MANY + 1).unwrap_or(i64::MAX);
        let mut hits = history::hits(&mut *db, facets, text, part, Some(block), most).await?;
        let too_many = hits.len() > MANY;
        if too_many && size > 0 {
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
            size = (size + 1).min(Block::DAYS.len() - 1);
        }
        found.extend(hits);
    }
    found.truncate(enough);
    Ok(found)
}

/// The smallest span that PostgreSQL keeps.
const MOMENT: TimeDelta = TimeDelta::microseconds(1);
