//! Which draws there are, and which there should be: games by days.

use chrono::{Datelike as _, Days, NaiveDate};

use super::{game::ResultStatus, volume::WEEKS};

/// So many days before those that are looked at say which draws are expected.
pub const BEFORE: usize = 7 * WEEKS;

/// The most days that can be asked for at once.
pub const MOST_DAYS: i64 = 400;

/// So many games are shown on a page.
pub const GAMES_SHOWN: usize = 200;

/// What there is of a game on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A draw.
    Stored(ResultStatus),
    /// A draw was expected, and the feed, asked for the day, had none.
    Missing,
    /// A draw was expected, and nobody asked for the day, or none who did got an answer.
    NotAsked,
    /// A draw is expected, and its day isn't over.
    Due,
    /// None is expected, and there is none.
    Nothing,
}

impl State {
    /// Every one that is told of.
    pub const TOLD: [Self; 7] = [
        Self::Stored(ResultStatus::Completed),
        Self::Stored(ResultStatus::Waiting),
        Self::Stored(ResultStatus::Cancelled),
        Self::Stored(ResultStatus::NoResult),
        Self::Missing,
        Self::NotAsked,
        Self::Due,
    ];

    /// The word by which the API calls it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stored(status) => status.as_str(),
            Self::Missing => "missing",
            Self::NotAsked => "not_asked",
            Self::Due => "due",
            Self::Nothing => "nothing",
        }
    }

    /// Whether a draw lacks of a day that is over.
    #[must_use]
    pub const fn lacks(self) -> bool {
        matches!(self, Self::Missing | Self::NotAsked)
    }
}

/// On which of some days a game's draw is expected that has these draws: the days from [`BEFORE`] days before the first of
/// them on. A weekday is the game's own when it was drawn in at least half of the last eight weeks; of a game that began since,
/// in half of the weeks that it has.
#[must_use]
pub fn expected<T>(draws: &[Option<T>]) -> Vec<bool> {
    let mut first = draws.iter().position(Option::is_some);
    (BEFORE..draws.len())
        .map(|day| {
            // The first draw of the eight weeks before.
            while first.is_some_and(|first| first + BEFORE < day) {
                let from = first.map_or(0, |first| first + 1);
                let next = draws.iter().skip(from).position(Option::is_some);
                first = next.map(|next| from + next);
            }
            let Some(first) = first.filter(|first| *first < day) else {
                return false;
            };
            let weeks = (day - first).div_ceil(7);
            let drawn = (1..=weeks).filter(|week| {
                let before = day.checked_sub(7 * week);
                before.is_some_and(|at| draws.get(at).is_some_and(Option::is_some))
            });
            let drawn = drawn.count();
            drawn > 0 && 2 * drawn >= weeks
        })
        .collect()
}

/// A day, across all games.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: NaiveDate,
    pub asked: Asked,
    /// The latest import that asked for it and whose log still stands.
    pub import: Option<i32>,
    /// What is said of its number of draws, if that was unusual.
    pub unusual: Option<String>,
    /// How many draws of it are stored.
    pub draws: i64,
}

/// What became of asking the feed for a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Never,
    /// It is being asked for the first time, or again.
    Now,
    Failed,
    Answered,
}

impl Asked {
    /// The word by which the API calls it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Now => "now",
            Self::Failed => "failed",
            Self::Answered => "answered",
        }
    }
}

/// A game, and what there is of it on each day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub base_game_id: String,
    pub game_name: String,
    /// The id as it stands in addresses.
    pub encoded_id: String,
    pub states: Vec<State>,
    pub expected: Vec<bool>,
}

impl Row {
    /// Whether a draw of it lacks.
    #[must_use]
    pub fn has_gaps(&self) -> bool {
        self.states.iter().any(|state| state.lacks())
    }
}

/// Some days of some games.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    pub days: Vec<Day>,
    pub rows: Vec<Row>,
    /// There are games after these: after the one with this id.
    pub more_after: Option<String>,
    /// There are games at all.
    pub any_games: bool,
}

impl Coverage {
    /// How many draws of the rows lack on each day.
    #[must_use]
    pub fn lacking(&self) -> Vec<usize> {
        let lacks = |nth: usize| {
            let states = self.rows.iter().filter_map(|row| row.states.get(nth));
            states.filter(|state| state.lacks()).count()
        };
        (0..self.days.len()).map(lacks).collect()
    }

    /// Whether asking for a day that is over may bring something: a draw lacks or waits for its result, the feed didn't answer,
    /// or nobody asked and there is nothing. In their order.
    #[must_use]
    pub fn can_fetch(&self, today: NaiveDate) -> Vec<bool> {
        let waiting = State::Stored(ResultStatus::Waiting);
        let waits = |nth: usize| {
            let states = self.rows.iter().filter_map(|row| row.states.get(nth));
            states.into_iter().any(|state| *state == waiting)
        };
        let missing = self.missing(today);
        let days = self.days.iter().enumerate();
        days.map(|(nth, day)| {
            let may = day.date < today && day.asked != Asked::Now;
            may && (missing.contains(&day.date) || day.asked == Asked::Failed || waits(nth))
        })
        .collect()
    }

    /// The days that are over and of which a draw lacks, or that nobody asked for and that hold none.
    #[must_use]
    pub fn missing(&self, today: NaiveDate) -> Vec<NaiveDate> {
        let days = self.days.iter().zip(self.lacking());
        let days = days.filter(|(day, lacking)| {
            let nothing = day.asked == Asked::Never && day.draws == 0;
            day.date < today && day.asked != Asked::Now && (*lacking > 0 || nothing)
        });
        days.map(|(day, _)| day.date).collect()
    }

    /// The imports that ask for these days right now.
    #[must_use]
    pub fn running(&self) -> Vec<i32> {
        let now = self.days.iter().filter(|day| day.asked == Asked::Now);
        let mut running: Vec<i32> = now.filter_map(|day| day.import).collect();
        running.sort_unstable();
        running.dedup();
        running
    }

    /// How often there is something.
    #[must_use]
    pub fn count(&self, wanted: State) -> usize {
        let states = self.rows.iter().flat_map(|row| &row.states);
        states.filter(|state| **state == wanted).count()
    }
}

/// The days that are shown at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// A month, by its first day.
    Month(NaiveDate),
    /// A year, by its first day.
    Year(NaiveDate),
}

impl Span {
    /// Its first day and its last.
    #[must_use]
    pub fn ends(self) -> (NaiveDate, NaiveDate) {
        let (first, next) = match self {
            Self::Month(first) => (first, moved(first, 1)),
            Self::Year(first) => (first, moved(first, 12)),
        };
        (first, next.checked_sub_days(Days::new(1)).unwrap_or(next))
    }

    /// The one before it, or after it.
    #[must_use]
    pub fn beside(self, later: bool) -> Self {
        let by = |months: i32| if later { months } else { -months };
        match self {
            Self::Month(first) => Self::Month(moved(first, by(1))),
            Self::Year(first) => Self::Year(moved(first, by(12))),
        }
    }

    /// As an address names it: `month=2026-11`, `year=2026`.
    #[must_use]
    pub fn in_address(self) -> (&'static str, String) {
        match self {
            Self::Month(first) => ("month", format!("{:04}-{:02}", first.year(), first.month())),
            Self::Year(first) => ("year", format!("{:04}", first.year())),
        }
    }
}

/// The first day of the month that is so many months later.
fn moved(first: NaiveDate, months: i32) -> NaiveDate {
    let month = first.year() * 12 + i32::try_from(first.month0()).unwrap_or(0) + months;
    let month0 = u32::try_from(month.rem_euclid(12)).unwrap_or(0);
    NaiveDate::from_ymd_opt(month.div_euclid(12), month0 + 1, 1).unwrap_or(first)
}

/// What the page of the coverage shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveragePage {
    pub span: Span,
    pub today: NaiveDate,
    /// What is looked for in the games' ids and names.
    pub q: String,
    /// Only games of which a draw lacks.
    pub gaps: bool,
    /// What can't be shown, and why: an address that can't be read, or days that can't be fetched.
    pub refused: Option<String>,
    /// None where the address can't be read.
    pub coverage: Option<Coverage>,
    pub addresses: Addresses,
}

/// Where the pages beside a page of the coverage are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    pub earlier: Option<String>,
    /// None: it would lie in the future.
    pub later: Option<String>,
    pub this_month: String,
    pub month: String,
    pub year: String,
    /// The months of a year.
    pub months: Vec<String>,
    /// The games after these.
    pub more: Option<String>,
    /// Where the days to be fetched are sent.
    pub fetch: String,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rule, said once more: word by word, for one day.
    fn is_expected(drawn: &[bool], day: usize) -> bool {
        let window: Vec<bool> = (1..=56)
            .map(|back| drawn.get(day.wrapping_sub(back)) == Some(&true))
            .collect();
        let Some(oldest) = window.iter().rposition(|drawn| *drawn) else {
            return false;
        };
        let weeks = oldest / 7 + 1;
        let same = window.iter().skip(6).step_by(7).filter(|drawn| **drawn);
        let same = same.count();
        same >= 1 && same * 2 >= weeks
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_draw_is_expected_where_the_games_own_weekdays_say_so(
            weekdays in prop::collection::vec(0_u8..4, 7),
            begins in 0_usize..150,
            ends in 0_usize..150,
            chances in prop::collection::vec(0_u8..8, 0..150),
        ) {
            // Drawn on some weekdays always, on others now and then, on others never; with gaps, from some day to another.
            let drawn: Vec<bool> = chances.iter().enumerate().map(|(day, chance)| {
                (begins.min(ends)..=begins.max(ends)).contains(&day) && match weekdays[day % 7] {
                    0 => false,
                    1 => *chance == 0,
                    2 => *chance > 0,
                    _ => true,
                }
            }).collect();
            let draws: Vec<Option<()>> = drawn.iter().map(|drawn| drawn.then_some(())).collect();
            let told = expected(&draws);
            let plain: Vec<bool> = (BEFORE..drawn.len()).map(|day| is_expected(&drawn, day)).collect();
            prop_assert_eq!(told, plain);
        }
    }

    /// Draws on these days; the answer is of the day that follows them.
    fn next(drawn: impl Fn(usize) -> bool) -> bool {
        let draws: Vec<Option<()>> = (0..=BEFORE)
            .map(|day| (day < BEFORE && drawn(day)).then_some(()))
            .collect();
        expected(&draws) == [true]
    }

    #[test]
    fn a_game_keeps_its_weekdays_through_gaps() {
        assert!(next(|_| true), "drawn each day");
        assert!(next(|day| day % 7 == 0), "drawn on this weekday");
        assert!(!next(|day| day % 7 == 1), "drawn on another");
        assert!(next(|day| day < 28), "not for four weeks");
        assert!(!next(|day| day < 21), "not for five");
        assert!(!next(|_| false), "never drawn");
        assert!(next(|day| day >= 49), "known for a week");
        assert!(!next(|day| day > 49), "known for less");
        assert!(!next(|day| day == 14), "drawn once, long ago");
        let twice_a_month = [3, 18, 31, 46];
        assert!(!next(|day| twice_a_month.contains(&day)), "by the month");
    }

    #[test]
    fn months_and_years_lie_beside_each_other() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let february = Span::Month(day("2028-02-01"));
        assert_eq!(february.ends(), (day("2028-02-01"), day("2028-02-29")));
        assert_eq!(february.in_address(), ("month", "2028-02".into()));
        let january = Span::Month(day("2028-01-01"));
        assert_eq!(january.beside(false), Span::Month(day("2027-12-01")));
        assert_eq!(january.beside(true), february);
        let year = Span::Year(day("2028-01-01"));
        assert_eq!(year.ends(), (day("2028-01-01"), day("2028-12-31")));
        assert_eq!(year.beside(true), Span::Year(day("2029-01-01")));
        assert_eq!(year.in_address(), ("year", "2028".into()));
    }
}
