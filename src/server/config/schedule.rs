//! When the scheduler asks the feed: a cron expression in Bangkok's time, and what it says in words.

use std::str::FromStr as _;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use croner::Cron;

use crate::server::clock::BANGKOK;

/// When the scheduler asks the feed, and for how many days besides today.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// As written, to be shown.
    pub expression: String,
    cron: Cron,
    /// So many days before today are asked for again while they failed or a draw of theirs waits for its result.
    pub look_back: i32,
}

impl Schedule {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it: it is none, or never comes due after an instant.
    pub fn read(expression: &str, look_back: i32, now: DateTime<Utc>) -> Result<Self, String> {
        let cron = Cron::from_str(expression).map_err(|error| {
            format!("is not a cron expression such as \"*/5 * * * *\" ({error})")
        })?;
        let schedule = Self {
            expression: expression.to_owned(),
            cron,
            look_back,
        };
        match schedule.next_after(now) {
            Some(_) => Ok(schedule),
            None => {
                Err("never comes due: there is no such day. Write it as \"*/5 * * * *\"".into())
            }
        }
    }

    /// The first time after an instant that it comes due. `None`: never.
    #[must_use]
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.cron
            .find_next_occurrence(&instant.with_timezone(&BANGKOK), false)
            .ok()
            .map(|next| next.with_timezone(&Utc))
    }

    /// What it does, as it stands in the middle of a sentence: "every 5 minutes". Where the usual words would say
    /// something else than what happens (`*/45` is no "every 45 minutes"), the minutes are named.
    #[must_use]
    pub fn in_words(&self) -> String {
        let described = self.cron.describe();
        let described = described.trim_end_matches('.');
        let Some(often) = described.strip_prefix("At every ") else {
            return lowercase(described);
        };
        let step = often
            .split(' ')
            .next()
            .and_then(|number| number.parse::<i64>().ok());
        match step {
            Some(step) if often == format!("{step} minutes") && !self.repeats_every(step) => {
                self.minutes_of_an_hour()
            }
            _ => format!("every {often}"),
        }
    }

    /// All times of a day, by its first minute on.
    fn day(&self) -> Vec<DateTime<Utc>> {
        let begins =
            DateTime::UNIX_EPOCH - TimeDelta::seconds(i64::from(BANGKOK.local_minus_utc()));
        let (mut times, mut at) = (Vec::new(), begins - TimeDelta::seconds(1));
        while let Some(next) = self
            .next_after(at)
            .filter(|next| *next < begins + TimeDelta::days(1))
        {
            times.push(next);
            at = next;
        }
        times
    }

    fn repeats_every(&self, minutes: i64) -> bool {
        let times = self.day();
        times
            .windows(2)
            .all(|pair| pair[1] - pair[0] == TimeDelta::minutes(minutes))
    }

    fn minutes_of_an_hour(&self) -> String {
        let mut minutes: Vec<u32> = self.day().iter().map(Timelike::minute).collect();
        minutes.sort_unstable();
        minutes.dedup();
        let named: Vec<String> = minutes.iter().map(ToString::to_string).collect();
        match named.as_slice() {
            [one] => format!("at minute {one} of each hour"),
            [most @ .., last] => {
                format!("at minutes {} and {last} of each hour", most.join(", "))
            }
            [] => format!("as \"{}\" says", self.expression),
        }
    }
}

fn lowercase(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(expression: &str) -> Result<Schedule, String> {
        Schedule::read(expression, 3, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn it_is_worded_as_it_runs() {
        for (expression, words) in [
            ("*/5 * * * *", "every 5 minutes"),
            ("* * * * *", "every minute"),
            ("*/20 * * * *", "every 20 minutes"),
            ("*/45 * * * *", "at minutes 0 and 45 of each hour"),
            (
                "*/7 * * * *",
                "at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of each hour",
            ),
            ("0-59/61 * * * *", "at minute 0 of each hour"),
            ("30 16 * * *", "at 16:30"),
        ] {
            assert_eq!(read(expression).unwrap().in_words(), words, "{expression}");
        }
    }

    #[test]
    fn what_is_none_or_never_comes_due_is_refused() {
        for (expression, why) in [
            ("0 0 30 2 *", "never comes due"),
            ("0 0 31 4,6,9,11 *", "never comes due"),
            ("often", "is not a cron expression"),
        ] {
            let refused = read(expression).unwrap_err();
            assert!(refused.contains(why), "{expression}: {refused}");
        }
        assert!(read("0 0 29 2 *").is_ok(), "it comes in leap years");
    }
}
