//! Which draws there are and which there should be, read at one moment.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use sqlx::PgPool;

use super::ServiceError;
use crate::{
    model::{
        coverage::{Asked, Coverage, Day, Row, State},
        expected::{BEFORE, expected},
        game::ResultStatus,
        results::game_address,
        volume::{self, Usual, WEEKS},
    },
    server::{
        clock::Clock,
        db::{
            coverage::{self, AskedDay, GameDraws},
            game_search, results,
        },
    },
};

/// Which draws there are and should be.
#[derive(Clone, Debug)]
pub struct CoverageReader {
    pool: PgPool,
    clock: Clock,
}

/// Which games are looked at.
#[derive(Clone, Debug, Default)]
pub struct Games {
    /// Part of the id or the name; empty: all.
    pub text: String,
    /// Only those of which a draw lacks.
    pub gaps: bool,
    /// Those after this id; empty: from the first on.
    pub after: String,
    /// At most so many.
    pub limit: usize,
}

/// Days and games, and what is usual on each of the days.
#[derive(Clone, Debug)]
pub struct WithUsual {
    pub coverage: Coverage,
    pub usual: Vec<Option<Usual>>,
}

impl CoverageReader {
    #[must_use]
    pub fn new(pool: PgPool, clock: Clock) -> Self {
        Self { pool, clock }
    }

    /// What there is from `first` to `last`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn read(
        &self,
        first: NaiveDate,
        last: NaiveDate,
        games: &Games,
    ) -> Result<Coverage, ServiceError> {
        Ok(self.read_with(first, last, first, games).await?.0)
    }

    /// The same, and how many draws are usual on each day.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn read_with_usual(
        &self,
        first: NaiveDate,
        last: NaiveDate,
        games: &Games,
    ) -> Result<WithUsual, ServiceError> {
        let before = days_before(first);
        let (coverage, known) = self.read_with(first, last, before, games).await?;
        let usual = (0..coverage.days.len()).map(|nth| {
            let weeks = (1..=WEEKS).filter_map(|week| *known.get(nth + BEFORE - 7 * week)?);
            Usual::of(&weeks.collect::<Vec<_>>())
        });
        let usual = usual.collect();
        Ok(WithUsual { coverage, usual })
    }

    /// What there is from `first` to `last`, and how many draws each day from `from` on is known to have.
    async fn read_with(
        &self,
        first: NaiveDate,
        last: NaiveDate,
        from: NaiveDate,
        games: &Games,
    ) -> Result<(Coverage, Vec<Option<u32>>), ServiceError> {
        let mut db = self.pool.begin().await?;
        results::freeze(&mut *db).await?;
        let counts = coverage::draws_per_day(&mut *db, from, last).await?;
        let counts: HashMap<NaiveDate, i64> = counts.into_iter().collect();
        let asked = coverage::asked_days(&mut *db, from, last).await?;
        let draws = |date| counts.get(&date).copied().unwrap_or_default();
        let known = asked.iter().map(|day| {
            let succeeded = day.succeeded == Some(true);
            volume::known(draws(day.date), day.answered, succeeded)
        });
        let known = known.collect();
        let shown = asked.into_iter().filter(|day| day.date >= first);
        let days: Vec<Day> = shown.map(|day| (draws(day.date), day)).map(told).collect();
        let text = (!games.text.is_empty()).then_some(games.text.as_str());
        let named = game_search::named(&mut *db, text).await?;
        let any_games = !named.is_empty() || game_search::any(&mut *db).await?;
        let frame = Frame {
            games: named.into_iter().map(|(id, _)| id).collect(),
            from: days_before(first),
            last,
            today: self.clock.today(),
            days: &days,
        };
        let (rows, more_after) = read_rows(&mut db, &frame, games).await?;
        db.rollback().await?;
        let coverage = Coverage {
            days,
            rows,
            more_after,
            any_games,
        };
        Ok((coverage, known))
    }
}

/// What rows are made within.
struct Frame<'a> {
    /// The games that match, by their database ids.
    games: Vec<i32>,
    /// The first day that is read, which is before those that are shown.
    from: NaiveDate,
    last: NaiveDate,
    today: NaiveDate,
    days: &'a [Day],
}

/// The rows of some games, and after which of them there are more.
async fn read_rows(
    db: &mut sqlx::PgConnection,
    frame: &Frame<'_>,
    games: &Games,
) -> sqlx::Result<(Vec<Row>, Option<String>)> {
    let mut rows: Vec<Row> = Vec::new();
    let mut after = games.after.clone();
    // Which have gaps is known only once they are read: some more, until there are enough.
    loop {
        let limit = i64::try_from(games.limit + 1).unwrap_or(i64::MAX);
        let mut read = coverage::draws(
            &mut *db,
            frame.from,
            frame.last,
            &frame.games,
            &after,
            limit,
        )
        .await?;
        let goes_on = read.len() > games.limit;
        read.truncate(games.limit);
        for game in read {
            if rows.len() == games.limit {
                let last = rows.last().map(|row| row.base_game_id.clone());
                return Ok((rows, last));
            }
            after.clone_from(&game.base_game_id);
            let row = row(game, frame);
            if !games.gaps || row.has_gaps() {
                rows.push(row);
            }
        }
        if !goes_on {
            return Ok((rows, None));
        }
        if rows.len() == games.limit {
            return Ok((rows, Some(after)));
        }
    }
}

fn row(game: GameDraws, frame: &Frame<'_>) -> Row {
    let draws = game.by_day(number_of_days(frame.from, frame.last));
    // What is to come after today depends on draws that are still to come, too.
    let due = frame
        .days
        .iter()
        .map(|day| game.is_active && day.date <= frame.today);
    let expected: Vec<bool> = expected(&draws)
        .into_iter()
        .zip(due)
        .map(|(expected, due)| expected && due)
        .collect();
    let stored = draws.iter().skip(BEFORE);
    let states = frame.days.iter().zip(&expected).zip(stored);
    let states = states
        .map(|((day, expected), stored)| state(day, *expected, *stored, frame.today))
        .collect();
    Row {
        address: game_address(&game.base_game_id),
        base_game_id: game.base_game_id,
        game_name: game.game_name,
        states,
        expected,
    }
}

fn state(day: &Day, expected: bool, stored: Option<ResultStatus>, today: NaiveDate) -> State {
    match stored {
        Some(status) => State::Stored(status),
        None if !expected => State::Nothing,
        None if day.date >= today => State::Due,
        None if day.asked.is_open() => State::NotAsked,
        None => State::Missing,
    }
}

fn told((draws, day): (i64, AskedDay)) -> Day {
    let asked = match day.succeeded {
        _ if day.is_running => Asked::Now,
        _ if day.is_taken_back => Asked::TakenBack,
        None => Asked::Never,
        Some(true) => Asked::Answered,
        Some(false) => Asked::Failed,
    };
    Day {
        date: day.date,
        asked,
        import: day.import_id,
        // It was said of draws that are gone.
        unusual: day.unusual.filter(|_| asked != Asked::TakenBack),
        draws,
    }
}

/// The first of the days before one that say what is expected of it.
fn days_before(first: NaiveDate) -> NaiveDate {
    let days = Days::new(BEFORE as u64);
    first.checked_sub_days(days).unwrap_or(NaiveDate::MIN)
}

fn number_of_days(first: NaiveDate, last: NaiveDate) -> usize {
    usize::try_from((last - first).num_days() + 1).unwrap_or_default()
}
