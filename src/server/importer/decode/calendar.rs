//! Which dates a draw may have (`formats.md` §2, "Dates").

use chrono::{Datelike, Months, NaiveDate};

use super::{
    instant,
    reasons::{Quoted, wrong},
};

/// The first date that a draw may have.
const FIRST: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap();
/// The Buddhist era counts so many years more.
const BUDDHIST_ERA: i32 = 543;

/// The dates that a draw may have, seen from a day: from 1900 to one year after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    today: NaiveDate,
    last: NaiveDate,
}

impl Calendar {
    /// The calendar as it is today in Bangkok.
    #[must_use]
    pub fn new(today: NaiveDate) -> Self {
        let last = today.checked_add_months(Months::new(12)).unwrap_or(today);
        Self { today, last }
    }

    /// Whether a draw may have this date.
    #[must_use]
    pub fn allows(self, date: NaiveDate) -> bool {
        (FIRST..=self.last).contains(&date)
    }

    /// The date that a text such as `2025-06-22` means.
    ///
    /// # Errors
    /// What is wrong with it, as the reason of a reject that calls the member by its name.
    pub fn read(self, name: &str, text: &str) -> Result<NaiveDate, String> {
        if let Some(date) = instant::date(text).filter(|date| self.allows(*date)) {
            return Ok(date);
        }
        if let Some((year, date)) = self.buddhist(text) {
            return Err(format!(
                "{name} is {}, and {year} is a year of the Buddhist era: write {date}.",
                Quoted(&text.into())
            ));
        }
        match instant::date(text) {
            None => Err(wrong(
                name,
                &text.into(),
                "a date of the calendar, such as \"2025-06-22\"",
            )),
            Some(_) => Err(format!(
                "{name} is {} but must be from {FIRST} to {}, a year from today.",
                Quoted(&text.into()),
                self.last
            )),
        }
    }

    /// A year of the Buddhist era, and the date as the world writes it. The 29th of February is one in its own era only.
    fn buddhist(self, text: &str) -> Option<(i32, NaiveDate)> {
        let (year, rest) = text.split_once('-')?;
        let year: i32 = year.parse().ok().filter(|_| year.len() == 4)?;
        let date = instant::date(&format!("{:04}-{rest}", year.checked_sub(BUDDHIST_ERA)?))?;
        (date >= FIRST && date.year() <= self.today.year()).then_some((year, date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<NaiveDate, String> {
        Calendar::new(NaiveDate::from_ymd_opt(2025, 6, 22).unwrap()).read("result_date", text)
    }

    #[test]
    fn from_1900_to_a_year_from_today() {
        for text in ["1900-01-01", "2025-06-22", "2026-06-22", "2024-02-29"] {
            assert_eq!(read(text).map(|date| date.to_string()), Ok(text.to_owned()));
        }
        for text in [
            "1899-12-31",
            "2026-06-23",
            "9999-12-31",
            "0001-01-01",
            "3000-01-01",
        ] {
            let why = read(text).unwrap_err();
            let range = "but must be from 1900-01-01 to 2026-06-22, a year from today.";
            assert!(why.ends_with(range), "{why}");
        }
    }

    #[test]
    fn a_year_of_the_buddhist_era_is_called_what_it_is() {
        assert_eq!(
            read("2568-06-22").unwrap_err(),
            "result_date is \"2568-06-22\", and 2568 is a year of the Buddhist era: write 2025-06-22."
        );
        assert!(read("2567-02-29").unwrap_err().contains("write 2024-02-29"));
        assert!(read("2569-01-01").unwrap_err().contains("but must be from"));
        assert!(
            read("2568-02-30")
                .unwrap_err()
                .contains("a date of the calendar")
        );
    }
}
