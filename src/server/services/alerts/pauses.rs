//! When an alert that nobody took is tried again: soon at first, then ever more seldom, and after a day no more.

use std::time::Duration;

use crate::server::outgoing::{AskError, Fault};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// Seconds, after the first attempt, the second, and so on.
const PAUSES: [u64; 9] = [
    5,
    30,
    2 * MINUTE,
    10 * MINUTE,
    HOUR,
    2 * HOUR,
    4 * HOUR,
    8 * HOUR,
    9 * HOUR,
];

/// The pause after an attempt, which are counted from 1; longer if whoever was asked wants it so. `None`: it was the last.
#[must_use]
pub fn after(attempt: i32, asked: Option<Duration>) -> Option<Duration> {
    let nth = usize::try_from(attempt).ok()?.checked_sub(1)?;
    let pause = Duration::from_secs(*PAUSES.get(nth)?);
    Some(pause.max(asked.unwrap_or_default()))
}

/// The same after an attempt that failed in this way: who says "gone" wants no more.
#[must_use]
pub fn after_failure(attempt: i32, error: &AskError) -> Option<Duration> {
    const GONE: Fault = Fault::Status(410);
    if error.sort() == GONE {
        return None;
    }
    after(attempt, error.pause())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An alert, its attempts a queue of outcomes: at which seconds it is sent, and whether it arrives. Written without a look
    /// at the pauses but for the promises that are made of them.
    fn run(outcomes: &[Outcome]) -> (Vec<u64>, bool) {
        let (mut now, mut sent) = (0, Vec::new());
        for (nth, outcome) in outcomes.iter().enumerate() {
            sent.push(now);
            let attempt = i32::try_from(nth + 1).unwrap();
            let asked = match outcome {
                Outcome::Taken => return (sent, true),
                Outcome::Refused => None,
                Outcome::Wait(seconds) => Some(Duration::from_secs(*seconds)),
            };
            match after(attempt, asked) {
                Some(pause) => now += pause.as_secs(),
                None => return (sent, false),
            }
        }
        (sent, false)
    }

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Outcome {
        Taken,
        Refused,
        Wait(u64),
    }

    fn outcome() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            1 => Just(Outcome::Taken),
            6 => Just(Outcome::Refused),
            2 => (1..=300_u64).prop_map(Outcome::Wait),
        ]
    }

    proptest! {
        #[test]
        fn it_is_tried_until_it_is_taken_or_a_day_is_over(outcomes in prop::collection::vec(outcome(), 40)) {
            let (sent, arrived) = run(&outcomes);
            // The model: the first that takes it ends it, if it comes within ten attempts.
            let taken = outcomes.iter().take(10).position(|outcome| *outcome == Outcome::Taken);
            prop_assert_eq!(arrived, taken.is_some());
            prop_assert_eq!(sent.len(), taken.map_or(10, |nth| nth + 1));
            let pauses: Vec<u64> = sent.windows(2).map(|pair| pair[1] - pair[0]).collect();
            for (nth, pause) in pauses.iter().enumerate() {
                if let Outcome::Wait(asked) = outcomes[nth] {
                    prop_assert!(*pause >= asked, "it waits for as long as it is asked to");
                }
            }
            if taken.is_none() {
                let last = sent.last().copied().unwrap_or_default();
                prop_assert!((23 * HOUR..=26 * HOUR).contains(&last), "the last after {last} s");
            }
        }

        #[test]
        fn pauses_grow(attempt in 1..=8_i32) {
            prop_assert!(after(attempt, None) < after(attempt + 1, None));
        }
    }

    #[test]
    fn there_is_no_attempt_before_the_first() {
        assert_eq!(after(0, None), None);
        assert_eq!(after(-1, None), None);
        assert_eq!(after(1, None), Some(Duration::from_secs(5)));
        assert_eq!(after(i32::MAX, None), None);
    }
}
