//! How many draws a day usually has, and what is said of a day that has far fewer or more.

use chrono::{Datelike as _, NaiveDate, Weekday};

use super::count::{count, thousands};

/// So many weeks before a day are looked at, and so many of them must be known to say what is usual.
pub const WEEKS: usize = 8;
const ENOUGH: usize = 4;

/// How many draws a day is known to have had: so many are stored, so many its latest answer held. What is stored may have been
/// cleared or taken back since, and may have come by another way. None at all is known only when the feed has just said so.
#[must_use]
pub fn known(stored: i64, answered: Option<i32>, succeeded: bool) -> Option<u32> {
    let most = stored.max(answered.map_or(0, i64::from));
    let known = most > 0 || succeeded && answered == Some(0);
    known.then(|| u32::try_from(most).unwrap_or(u32::MAX))
}

/// How many draws are usual: neither fewer nor more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    pub low: u32,
    pub high: u32,
}

impl Usual {
    /// What the same weekday of the weeks before says, each with its number of draws: what lies around their median, by three
    /// times their spread, by a tenth of it, or by two draws, whichever is most. The spread is the median distance from the
    /// median, so that one odd week among them doesn't count. `None`: too few weeks are known.
    #[must_use]
    pub fn of(weeks: &[u32]) -> Option<Self> {
        // All in 40,000ths: median and spread may lie between two numbers, and three spreads are 4.4478 distances.
        const ONE: i64 = 40_000;
        if weeks.len() < ENOUGH {
            return None;
        }
        let doubled: Vec<i64> = weeks.iter().map(|draws| 2 * i64::from(*draws)).collect();
        let median = twice_the_median(doubled.clone()) / 2;
        let distances = doubled.iter().map(|draws| (draws - median).abs()).collect();
        let distance = twice_the_median(distances);
        let middle = median * (ONE / 2);
        let around = (distance * 44_478).max(middle / 10).max(2 * ONE);
        let draws = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
        Some(Self {
            low: draws((middle - around + ONE - 1).div_euclid(ONE)),
            high: draws((middle + around).div_euclid(ONE)),
        })
    }

    /// What there is to say of a day with so many draws, if it is unusual: `12 draws; a Sunday usually has 74 to 80.`
    #[must_use]
    pub fn unusual(self, date: NaiveDate, draws: u32) -> Option<String> {
        if (self.low..=self.high).contains(&draws) {
            return None;
        }
        let found = match draws {
            0 => "No draws".to_owned(),
            draws => count(draws.into(), "draw", "draws"),
        };
        let usual = match (self.low, self.high) {
            (low, high) if low == high => thousands(low.into()),
            (0, high) => format!("at most {}", thousands(high.into())),
            (low, high) => format!("{} to {}", thousands(low.into()), thousands(high.into())),
        };
        let weekday = in_words(date.weekday());
        Some(format!("{found}; a {weekday} usually has {usual}."))
    }
}

/// Twice the middle one of some numbers, or the sum of the middle two.
fn twice_the_median(mut numbers: Vec<i64>) -> i64 {
    numbers.sort_unstable();
    let at = |nth: usize| numbers.get(nth).copied().unwrap_or_default();
    let half = numbers.len() / 2;
    if numbers.len().is_multiple_of(2) {
        at(half.saturating_sub(1)) + at(half)
    } else {
        2 * at(half)
    }
}

/// A weekday as people say it.
#[must_use]
pub const fn in_words(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_known_by_its_answer_or_by_what_is_stored() {
        for (stored, answered, succeeded, told) in [
            (40, Some(40), true, Some(40)),
            // Cleared, or taken back; asked again in vain.
            (0, Some(40), true, Some(40)),
            (0, Some(40), false, Some(40)),
            // More came from a backup, or the latest answer lacked some.
            (77, Some(12), true, Some(77)),
            (77, None, false, Some(77)),
            // No draws: said by the feed, or not known.
            (0, Some(0), true, Some(0)),
            (0, Some(0), false, None),
            (0, None, true, None),
            (0, None, false, None),
        ] {
            let known = known(stored, answered, succeeded);
            assert_eq!(known, told, "{stored} {answered:?} {succeeded}");
        }
    }

    #[test]
    fn what_is_usual_lies_around_the_median() {
        for (weeks, usual) in [
            // Alike: a tenth of it, at least two.
            (&[77; 8][..], Some((70, 84))),
            (&[10; 8], Some((8, 12))),
            (&[3; 4], Some((1, 5))),
            (&[0; 8], Some((0, 2))),
            (&[1; 8], Some((0, 3))),
            // Spread out: median 75, distances 1 1 2 2 3 3 4 5, of which the middle is 2.5: 75 ± 11.1.
            (&[70, 72, 73, 74, 76, 77, 78, 79], Some((64, 86))),
            // One week without draws, or with twice as many, changes nothing.
            (&[0, 77, 77, 77, 77, 77, 77, 77], Some((70, 84))),
            (&[154, 77, 77, 77, 77, 77, 77, 77], Some((70, 84))),
            // An even number of weeks: median 8.5, distance 1.5, by 6.7.
            (&[7, 8, 9, 10, 7, 10], Some((2, 15))),
            // Too few to judge.
            (&[77; 3], None),
            (&[], None),
        ] {
            let usual = usual.map(|(low, high)| Usual { low, high });
            assert_eq!(Usual::of(weeks), usual, "{weeks:?}");
        }
    }

    #[test]
    fn an_unusual_day_says_how_many_it_has_and_how_many_are_usual() {
        let sunday = "2026-11-22".parse().expect("a date");
        let usual = Usual { low: 74, high: 80 };
        for draws in [74, 77, 80] {
            assert_eq!(usual.unusual(sunday, draws), None, "{draws}");
        }
        for (usual, draws, said) in [
            (usual, 12, "12 draws; a Sunday usually has 74 to 80."),
            (usual, 73, "73 draws; a Sunday usually has 74 to 80."),
            (usual, 1, "1 draw; a Sunday usually has 74 to 80."),
            (usual, 0, "No draws; a Sunday usually has 74 to 80."),
            (usual, 1_081, "1,081 draws; a Sunday usually has 74 to 80."),
            (
                Usual { low: 0, high: 2 },
                3,
                "3 draws; a Sunday usually has at most 2.",
            ),
        ] {
            assert_eq!(usual.unusual(sunday, draws).as_deref(), Some(said));
        }
    }
}
