//! How many messages go out at a time. Five hundred uploads that fail at once are no five hundred messages: what is beyond the
//! limit is told by one.

use std::time::Duration;

/// No more messages are begun within [`WITHIN`], tests aside.
pub const MOST: i64 = 20;
pub const WITHIN: Duration = Duration::from_mins(1);

/// What becomes of alerts that nobody has tried to send yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Each has a message of its own.
    Alone,
    /// So many have; one more message tells of the rest.
    First(usize),
    /// They wait: so many messages have just been begun.
    Later,
}

/// How so many alerts share the room that is left for messages.
#[must_use]
pub fn share(alerts: usize, room: usize) -> Share {
    if room == 0 {
        Share::Later
    } else if alerts <= room {
        Share::Alone
    } else {
        Share::First(room - 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Alerts come as they like, each moment a look is taken: of any minute's messages there are never more than the limit,
        /// none is lost, and none waits for more than a minute.
        #[test]
        fn a_storm_is_no_flood(arrivals in prop::collection::vec(0..60_usize, 1..200)) {
            let most = usize::try_from(MOST).unwrap();
            let minute = usize::try_from(WITHIN.as_secs()).unwrap();
            // The second at which each message was begun, and how many alerts it tells of.
            let mut begun: Vec<(usize, usize)> = Vec::new();
            let mut waiting: Vec<usize> = Vec::new();
            let seconds = arrivals.len() + minute;
            for second in 0..seconds {
                let come = arrivals.get(second).copied().unwrap_or(0);
                waiting.extend(std::iter::repeat_n(second, come));
                let recent = begun.iter().filter(|(at, _)| at + minute > second).count();
                match share(waiting.len(), most - recent.min(most)) {
                    Share::Later => {}
                    Share::Alone => begun.extend(waiting.drain(..).map(|_| (second, 1))),
                    Share::First(alone) => {
                        begun.extend(waiting.drain(..alone).map(|_| (second, 1)));
                        begun.push((second, waiting.len()));
                        prop_assert!(waiting.len() > 1, "a summary of one");
                        waiting.clear();
                    }
                }
                prop_assert!(waiting.iter().all(|since| second - since <= minute));
                let recent = begun.iter().filter(|(at, _)| at + minute > second).count();
                prop_assert!(recent <= most, "{recent} messages within a minute");
            }
            let told: usize = begun.iter().map(|(_, alerts)| alerts).sum();
            prop_assert_eq!(told + waiting.len(), arrivals.iter().sum::<usize>());
            prop_assert_eq!(waiting.len(), 0);
        }
    }
}
