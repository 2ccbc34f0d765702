//! A year of the coverage: games down, weeks across, each cell how many draws of the week lack, or are not as others are.

use std::ops::Range;

use chrono::{Datelike as _, NaiveDate, Weekday};
use leptos::prelude::*;

use super::{
    calendar,
    coverage_month::{add_game, cell},
    markup::Markup,
};
use crate::model::{
    coverage::{Coverage, Day, State},
    game::ResultStatus,
};

/// The table; `months` are the addresses of its months.
#[must_use]
pub fn year_table(coverage: &Coverage, months: &[String], today: NaiveDate) -> AnyView {
    let weeks = weeks(&coverage.days);
    let mut table = Markup::default();
    head(&mut table, coverage, &weeks, months, today);
    table.tags("<tbody>");
    for row in &coverage.rows {
        add_game(&mut table, row);
        for week in &weeks {
            let states = row.states.get(week.clone()).unwrap_or_default();
            let (class, word, number) = look(states);
            if number == 0 {
                cell(&mut table, class, word);
                continue;
            }
            table.tags("<td class=").tags(class).tags(">");
            table.number(number).tags("<i> ").tags(word).tags("</i>");
        }
    }
    table.into_table("cov year", "coverage-heading")
}

fn head(
    table: &mut Markup,
    coverage: &Coverage,
    weeks: &[Range<usize>],
    months: &[String],
    today: NaiveDate,
) {
    let first_of = |week: &Range<usize>| coverage.days.get(week.start).map(|day| day.date);
    let month_of = |week: &Range<usize>| first_of(week).map_or(0, |first| first.month0());
    table.tags("<thead><tr><th scope=col rowspan=2>Game");
    for month in weeks.chunk_by(|a, b| month_of(a) == month_of(b)) {
        let columns = i64::try_from(month.len()).unwrap_or(1);
        let nth = month.first().map_or(0, month_of);
        table.tags("<th scope=colgroup colspan=").number(columns);
        let address = months.get(nth as usize);
        table.tags("><a href=\"");
        table.text(address.map_or("", String::as_str)).tags("\">");
        table.tags(calendar::month_name(nth)).tags("</a>");
    }
    table.tags("<tr>");
    for week in weeks {
        let day = first_of(week).map_or(0, |first| first.day());
        table.tags("<th scope=col>").number(day);
    }
    table.tags("<tr><th scope=row>Days not asked for");
    for week in weeks {
        let days = coverage.days.get(week.clone()).unwrap_or_default();
        let not_asked = |day: &&Day| day.date < today && day.asked.is_open();
        numbered(table, "k", days.iter().filter(not_asked).count());
    }
    table.tags("<tr><th scope=row>Unusual days");
    for week in weeks {
        let days = coverage.days.get(week.clone()).unwrap_or_default();
        let odd = days.iter().filter(|day| day.unusual.is_some());
        numbered(table, "u", odd.count());
    }
}

/// A cell with a number, if there is one.
fn numbered(table: &mut Markup, class: &'static str, number: usize) {
    if number == 0 {
        table.tags("<td>");
    } else {
        table.tags("<td class=").tags(class).tags(">");
        table.number(i64::try_from(number).unwrap_or(i64::MAX));
    }
}

/// The weeks that some days lie in, each from Monday on.
fn weeks(days: &[Day]) -> Vec<Range<usize>> {
    let monday = |day: &Day| day.date.week(Weekday::Mon).first_day();
    let weeks = days.chunk_by(|a, b| monday(a) == monday(b));
    weeks
        .scan(0, |at, week| {
            let from = *at;
            *at += week.len();
            Some(from..*at)
        })
        .collect()
}

/// How a week of a game is shown: the class of its cell, a word, and the number that goes before it; 0: none does.
fn look(states: &[State]) -> (&'static str, &'static str, i64) {
    let with = |is: fn(State) -> bool| {
        let found = states.iter().filter(|state| is(**state)).count();
        i64::try_from(found).unwrap_or(i64::MAX)
    };
    let not_asked = with(|state| state == State::NotAsked);
    let lacking = with(State::lacks);
    let missing = if not_asked > 0 {
        "missing, some not asked for"
    } else {
        "missing"
    };
    match lacking {
        0 => look_of_whole(with),
        _ if not_asked == lacking => ("k", "missing, not asked for", lacking),
        1 => ("m", missing, lacking),
        2..=3 => ("m2", missing, lacking),
        _ => ("m3", missing, lacking),
    }
}

/// The same of a week of which no draw lacks, by how many days there are of each state.
fn look_of_whole(with: impl Fn(fn(State) -> bool) -> i64) -> (&'static str, &'static str, i64) {
    let waiting = with(|state| state == State::Stored(ResultStatus::Waiting));
    let cancelled = with(|state| state == State::Stored(ResultStatus::Cancelled));
    let without = with(|state| state == State::Stored(ResultStatus::NoResult));
    if waiting > 0 {
        ("w", "waiting", waiting)
    } else if cancelled > 0 {
        ("x", "cancelled", cancelled)
    } else if without > 0 {
        ("n", "no result", without)
    } else if with(|state| state == State::Stored(ResultStatus::Completed)) > 0 {
        ("c", "complete", 0)
    } else if with(|state| state == State::Due) > 0 {
        ("d", "still to come", 0)
    } else {
        ("", "", 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_tells_what_it_lacks_before_what_it_waits_for_and_what_was_cancelled() {
        let [done, waits, cancelled, without] = [
            ResultStatus::Completed,
            ResultStatus::Waiting,
            ResultStatus::Cancelled,
            ResultStatus::NoResult,
        ]
        .map(State::Stored);
        for (states, shown) in [
            (&[][..], ("", "", 0)),
            (&[State::Nothing], ("", "", 0)),
            (&[State::Nothing, done], ("c", "complete", 0)),
            (&[State::Due, done], ("c", "complete", 0)),
            (&[State::Due, State::Nothing], ("d", "still to come", 0)),
            (&[waits, done, waits], ("w", "waiting", 2)),
            (&[waits, State::Missing], ("m", "missing", 1)),
            (&[cancelled; 7], ("x", "cancelled", 7)),
            (&[done, cancelled, without], ("x", "cancelled", 1)),
            (&[cancelled, waits], ("w", "waiting", 1)),
            (&[done, without, without], ("n", "no result", 2)),
            (
                &[State::NotAsked, State::Missing],
                ("m2", "missing, some not asked for", 2),
            ),
            (
                &[State::NotAsked, State::NotAsked, waits],
                ("k", "missing, not asked for", 2),
            ),
            (&[State::Missing; 7], ("m3", "missing", 7)),
        ] {
            assert_eq!(look(states), shown, "{states:?}");
        }
    }

    #[test]
    fn the_weeks_of_a_year_begin_on_mondays() {
        let first: NaiveDate = "2026-01-01".parse().expect("a date");
        let days: Vec<Day> = first
            .iter_days()
            .take(365)
            .map(|date| Day {
                date,
                asked: crate::model::coverage::Asked::Never,
                import: None,
                unusual: None,
                draws: 0,
            })
            .collect();
        let weeks = weeks(&days);
        assert_eq!(weeks.len(), 53);
        assert_eq!(
            (&weeks[0], &weeks[1], &weeks[52]),
            (&(0..4), &(4..11), &(361..365))
        );
    }
}
