//! Gathers the first logs of a stretch that have a text, and counts all.
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

/// The smallest span that PostgreSQL keeps.
const MOMENT: TimeDelta = TimeDelta::microseconds(1);

/// The way through a stretch.
struct Walk {
    order: Order,
    left: Stretch,
    /// Where it began, if there are logs beyond.
    began: Option<Place>,
    /// Which of the sizes that blocks have comes next.
    size: usize,
    /// Up to where blocks of a size, and larger ones, are known to hold too much.
    full: Option<(usize, Place)>,
}

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
    let mut walk = Walk::through(db, within, order).await?;
    while found.len() < enough && !walk.left.is_empty() {
        let (block, part) = walk.next();
        let most = i64::try_from(MANY + 1).unwrap_or(i64::MAX);
        let mut hits = history::hits(&mut *db, facets, text, (part, block), most).await?;
        if hits.len() > MANY {
            if walk.is_cut(part) {
                continue;
            }
            // So many have it that the first are found soon.
            let wanted = i64::try_from(enough - found.len()).unwrap_or(i64::MAX);
            hits = history::first_with(&mut *db, facets, Some(text), part, order, wanted).await?;
        }
        match order {
            Order::NewestFirst => hits.sort_unstable_by_key(|place| Reverse(*place)),
            Order::OldestFirst => hits.sort_unstable(),
        }
        walk.goes_past(block, part, hits.len() <= FEW);
        found.extend(hits);
    }
    found.truncate(enough);
    Ok(found)
}

/// How many matches a stretch has, up to `most`; and a place, as far down as it is known, above which there are none.
///
/// # Errors
/// When the database refuses.
pub async fn count(
    db: &mut PgConnection,
    facets: &Facets,
    text: &str,
    within: Stretch,
    most: usize,
) -> sqlx::Result<(usize, Place)> {
    let mut counted = 0;
    let mut walk = Walk::through(db, within, Order::NewestFirst).await?;
    walk.size = 1;
    let mut none_above = walk.left.below;
    while counted < most && !walk.left.is_empty() {
        let (block, part) = walk.next();
        let wanted = i64::try_from(most - counted).unwrap_or(i64::MAX);
        let hits = history::count_hits(&mut *db, facets, text, (part, block), wanted).await?;
        walk.goes_past(block, part, hits <= most / 8);
        counted += hits;
        if counted == 0 {
            none_above = walk.left.below;
        }
    }
    Ok((counted, none_above))
}

impl Walk {
    async fn through(db: &mut PgConnection, within: Stretch, order: Order) -> sqlx::Result<Self> {
        let nothing = Stretch {
            below: within.above,
            ..within
        };
        let extent = history::extent(db).await?;
        let all = extent.map_or(nothing, |(first, last)| Stretch {
            above: before_all_of(first),
            below: before_all_of(last + MOMENT),
        });
        let left = Stretch {
            above: within.above.max(all.above),
            below: within.below.min(all.below),
        };
        let began = match order {
            Order::NewestFirst => Some(left.below).filter(|began| *began < all.below),
            Order::OldestFirst => Some(left.above).filter(|began| *began > all.above),
        };
        Ok(Self {
            order,
            left,
            began,
            size: 0,
            full: None,
        })
    }

    /// The block that comes next, and the part of what is left that lies in it.
    fn next(&mut self) -> (Block, Stretch) {
        loop {
            let (block, part) = self.block(self.size);
            // Of a block's other logs none may have been looked at: they are in the way.
            let is_in_the_way = self.began.is_some_and(|began| block.holds(began));
            if self.size == 0 || block.is_most_of(part) || !is_in_the_way {
                return (block, part);
            }
            self.size -= 1;
        }
    }

    fn block(&self, size: usize) -> (Block, Stretch) {
        let at = match self.order {
            Order::NewestFirst => last_of(self.left),
            Order::OldestFirst => self.left.above.started_at,
        };
        let block = Block::of(at, Block::DAYS[size]);
        (block, block.part_of(self.left))
    }

    /// Goes on with a smaller block than the last, which held too much; if there is one.
    fn is_cut(&mut self, part: Stretch) -> bool {
        if self.size == 0 {
            return false;
        }
        self.full = Some((self.size, self.end_of(part)));
        // A smaller block in which the same lies holds as much.
        while self.size > 0 && self.block(self.size).1 == part {
            self.size -= 1;
        }
        true
    }

    /// Goes on after a part.
    fn goes_past(&mut self, block: Block, part: Stretch, has_few: bool) {
        let end = self.end_of(part);
        match self.order {
            Order::NewestFirst => self.left.below = end,
            Order::OldestFirst => self.left.above = end,
        }
        if has_few && block.is_most_of(part) {
            let is_before = |until: Place| match self.order {
                Order::NewestFirst => end > until,
                Order::OldestFirst => end < until,
            };
            let full = self.full.filter(|(_, until)| is_before(*until));
            let largest = full.map_or(Block::DAYS.len(), |(size, _)| size) - 1;
            self.size = (self.size + 1).min(largest);
        }
    }

    fn end_of(&self, part: Stretch) -> Place {
        match self.order {
            Order::NewestFirst => part.above,
            Order::OldestFirst => part.below,
        }
    }
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
