//! How fast an attempt goes in the phase that it is in, and how long that phase will still take.

use std::time::Duration;

use tokio::time::Instant;

/// Before so much time has passed nobody can know.
const ENOUGH: Duration = Duration::from_millis(500);

/// What had been done when a phase was first heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    since: Instant,
    from: i64,
}

impl Pace {
    #[must_use]
    pub fn begin(since: Instant, from: i64) -> Self {
        Self { since, from }
    }

    /// What was done since, and in how many milliseconds.
    fn way(self, at: Instant, done: i64) -> Option<(i64, i64)> {
        let spent = at.saturating_duration_since(self.since);
        let way = done - self.from;
        if spent < ENOUGH || way <= 0 {
            return None;
        }
        Some((way, i64::try_from(spent.as_millis()).ok()?))
    }

    /// Units done in a second.
    #[must_use]
    pub fn per_second(self, at: Instant, done: i64) -> Option<i64> {
        let (way, millis) = self.way(at, done)?;
        Some(way.saturating_mul(1000) / millis)
    }

    /// Seconds until all is done at this pace, rounded up. When all is, nobody can know what is still waited for.
    #[must_use]
    pub fn seconds_left(self, at: Instant, done: i64, total: i64) -> Option<i32> {
        let (way, millis) = self.way(at, done)?;
        let rest = total.checked_sub(done).filter(|rest| *rest > 0)?;
        let left = millis.saturating_mul(rest) / way;
        Some(i32::try_from(left.saturating_add(999) / 1000).unwrap_or(i32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_was_done_since_the_phase_began() {
        let begun = Instant::now();
        // Four days of seven were done by an earlier attempt.
        let pace = Pace::begin(begun, 4);
        let at = |seconds| begun + Duration::from_secs(seconds);
        assert_eq!(pace.seconds_left(at(5), 4, 7), None, "nothing is done yet");
        assert_eq!(pace.seconds_left(at(6), 5, 7), Some(12));
        assert_eq!(pace.per_second(at(6), 5), Some(0));
        let pace = Pace::begin(begun, 0);
        assert_eq!(pace.per_second(at(4), 100_000_000), Some(25_000_000));
        assert_eq!(pace.seconds_left(at(4), 100_000_000, 239_000_000), Some(6));
        assert_eq!(pace.seconds_left(at(4), 239_000_000, 239_000_000), None);
    }

    #[test]
    fn nobody_knows_at_once_or_when_there_is_more_than_was_announced() {
        let begun = Instant::now();
        let pace = Pace::begin(begun, 0);
        let soon = begun + Duration::from_millis(100);
        assert_eq!(pace.per_second(soon, 1000), None);
        let later = begun + Duration::from_secs(1);
        assert_eq!(pace.seconds_left(later, 1000, 900), None);
    }
}
