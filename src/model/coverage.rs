//! Which draws there are, and which there should be: games by days.

use chrono::{Datelike as _, Days, NaiveDate};

use super::game::ResultStatus;

/// The most days that can be asked for at once.
pub const MOST_DAYS: i64 = 400;

/// So many games are shown on a page.
pub const GAMES_SHOWN: usize = 200;

/// What there is of a game on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A draw.
    Stored(ResultStatus),
    /// A draw was expected, and the feed was asked for the day.
    Missing,
    /// A draw was expected, and nobody asked for the day, or what was brought is gone again.
    NotAsked,
    /// A draw is expected, and its day, today, isn't over.
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
    /// It was answered, and that import was undone since.
    TakenBack,
}

impl Asked {
    /// Whether it is as if nobody had asked.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Never | Self::TakenBack)
    }

    /// The word by which the API calls it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Now => "now",
            Self::Failed => "failed",
            Self::Answered => "answered",
            Self::TakenBack => "taken_back",
        }
    }
}

/// A game, and what there is of it on each day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub base_game_id: String,
    pub game_name: String,
    /// Of its page.
    pub address: String,
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
    /// had an unusual number of draws or was taken back, or nobody asked and there is nothing. In their order.
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
            may && (missing.contains(&day.date)
                || matches!(day.asked, Asked::Failed | Asked::TakenBack)
                || day.unusual.is_some()
                || waits(nth))
        })
        .collect()
    }

    /// The days that are over and of which a draw lacks, or that nobody asked for, or were taken back, and that hold none.
    #[must_use]
    pub fn missing(&self, today: NaiveDate) -> Vec<NaiveDate> {
        let days = self.days.iter().zip(self.lacking());
        let days = days.filter(|(day, lacking)| {
            let nothing = day.asked.is_open() && day.draws == 0;
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
    let months = first.year() * 12 + i32::try_from(first.month0()).unwrap_or(0) + months;
    let in_year = u32::try_from(months.rem_euclid(12)).unwrap_or(0);
    NaiveDate::from_ymd_opt(months.div_euclid(12), in_year + 1, 1).unwrap_or(first)
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
    use super::*;

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
