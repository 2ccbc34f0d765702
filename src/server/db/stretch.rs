//! Stretches of the history, and the blocks of days that they are gone through by.

use chrono::{DateTime, Utc};

use crate::model::history::{Filter, Place};

/// A stretch of the history, without the two places at its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub above: Place,
    pub below: Place,
}

/// A block of days, by which a text is looked for: 1, 8, 64 or 512 of them, the `nth` since the first of the year 2000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    days: i64,
    nth: i64,
}

impl Block {
    /// How many days blocks have, from the smallest to the largest.
    pub const DAYS: [i64; 4] = [1, 8, 64, 512];

    const DAY: i64 = 86_400;
    /// The first second of the year 2000.
    const FIRST: i64 = 946_684_800;

    /// The block of so many days that a moment lies in.
    #[must_use]
    pub fn of(at: DateTime<Utc>, days: i64) -> Self {
        Self {
            days,
            nth: (at.timestamp() - Self::FIRST).div_euclid(days * Self::DAY),
        }
    }

    /// What the index of texts calls it: as migration `removals` has it.
    #[must_use]
    pub fn term(self) -> String {
        format!("in {} {}", self.days, self.nth)
    }

    /// Whether a place lies in it.
    #[must_use]
    pub fn holds(self, place: Place) -> bool {
        Self::of(place.started_at, self.days) == self
    }

    /// Whether a part of it is at least half of it: one that is less says little of how much others hold.
    #[must_use]
    pub fn is_most_of(self, part: Stretch) -> bool {
        let seconds = part.below.started_at.timestamp() - part.above.started_at.timestamp();
        seconds * 2 >= self.days * Self::DAY
    }

    /// The part of a stretch that lies in it.
    #[must_use]
    pub fn part_of(self, stretch: Stretch) -> Stretch {
        let begin = |nth: i64| {
            let second = Self::FIRST + nth * self.days * Self::DAY;
            DateTime::from_timestamp(second, 0).map(before_all_of)
        };
        let (begin, end) = (begin(self.nth), begin(self.nth + 1));
        Stretch {
            above: begin.map_or(stretch.above, |begin| stretch.above.max(begin)),
            below: end.map_or(stretch.below, |end| stretch.below.min(end)),
        }
    }
}

/// From which end of a stretch its logs are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    NewestFirst,
    OldestFirst,
}

impl Stretch {
    /// The times between which a filter's logs have started.
    #[must_use]
    pub fn of(filter: &Filter) -> Self {
        let (first, last) = (DateTime::<Utc>::UNIX_EPOCH, DateTime::<Utc>::MAX_UTC);
        Self {
            above: before_all_of(filter.from.unwrap_or(first)),
            below: before_all_of(filter.until.unwrap_or(last)),
        }
    }

    /// Whether there can be a log in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.above >= self.below
    }
}

/// The place right before the first log of a moment.
#[must_use]
pub const fn before_all_of(started_at: DateTime<Utc>) -> Place {
    Place {
        started_at,
        id: i32::MIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_called_as_the_database_calls_it() {
        for (at, days, term) in [
            ("2026-11-24T00:00:00Z", 1, "in 1 9824"),
            ("2026-11-24T23:59:59.999999Z", 64, "in 64 153"),
            ("1999-12-31T12:00:00Z", 8, "in 8 -1"),
        ] {
            let block = Block::of(at.parse().expect("an instant"), days);
            assert_eq!(block.term(), term, "{at}");
        }
    }
}
