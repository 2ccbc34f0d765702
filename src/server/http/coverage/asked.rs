//! What an address asks of the coverage: read from its parameters, and written into the addresses of other pages.

use chrono::{Datelike as _, NaiveDate};
use url::form_urlencoded;

use crate::{
    error::AppError,
    model::coverage::{Addresses, Coverage, GAMES_SHOWN, Span},
    server::{http::params::Parameters, services::coverage::Games},
};

const NAMES: [&str; 5] = ["month", "year", "q", "gaps", "after"];

/// Between these years there may be draws.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;

/// What an address asks of the page.
#[derive(Clone, Debug)]
pub struct Asked {
    pub span: Span,
    pub q: String,
    pub gaps: bool,
    after: String,
}

impl Asked {
    /// The month of a day, and all games.
    pub fn of_today(today: NaiveDate) -> Self {
        Self {
            span: Span::Month(today.with_day(1).unwrap_or(today)),
            q: String::new(),
            gaps: false,
            after: String::new(),
        }
    }

    /// Reads what an address asks for; the month of `today` unless it says another.
    ///
    /// # Errors
    /// When a parameter is none that there is, or can't be read: a 400 that names it.
    pub fn read(parameters: &Parameters, today: NaiveDate) -> Result<Self, AppError> {
        parameters.only(&NAMES)?;
        let first = |name: &str, text: Option<String>, example: &str| {
            let Some(text) = text else { return Ok(None) };
            let day = text.parse::<NaiveDate>().ok();
            let day = day.filter(|day| YEARS.contains(&day.year()));
            let why = format!("is none from 1900 to 2100. Write it as {example}.");
            day.map(Some).ok_or_else(|| parameters.refuse(name, &why))
        };
        let with = |name, rest: &str| parameters.text(name).map(|text| format!("{text}{rest}"));
        let month = first("month", with("month", "-01"), "2026-11")?;
        let year = first("year", with("year", "-01-01"), "2026")?;
        let span = match (month, year) {
            (Some(_), Some(_)) => {
                let both = "can't stand beside \"month\". Give one of them.";
                return Err(parameters.refuse("year", both));
            }
            (Some(month), None) => Span::Month(month),
            (None, Some(year)) => Span::Year(year),
            (None, None) => Self::of_today(today).span,
        };
        let (q, after) = (read_text(parameters, "q")?, read_text(parameters, "after")?);
        let gaps = parameters.word("gaps", &[("true", true), ("false", false)])?;
        Ok(Self {
            span,
            q,
            gaps: gaps.unwrap_or(false),
            after,
        })
    }

    /// Which games it asks for.
    pub fn games(&self) -> Games {
        Games {
            text: self.q.clone(),
            gaps: self.gaps,
            after: self.after.clone(),
            limit: GAMES_SHOWN,
        }
    }

    /// The address of these games at other days, or behind another one.
    fn at(&self, path: &str, span: Span, after: &str) -> String {
        let (name, value) = span.in_address();
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(name, &value);
        if !self.q.is_empty() {
            query.append_pair("q", &self.q);
        }
        if self.gaps {
            query.append_pair("gaps", "true");
        }
        if !after.is_empty() {
            query.append_pair("after", after);
        }
        format!("{path}?{}", query.finish())
    }

    /// The address of just this at another path.
    pub fn address(&self, path: &str) -> String {
        self.at(path, self.span, &self.after)
    }

    /// The addresses of the pages beside it.
    pub fn addresses(&self, coverage: Option<&Coverage>, today: NaiveDate) -> Addresses {
        let path = "/coverage";
        let at = |span| self.at(path, span, "");
        let (first, last) = self.span.ends();
        let year_of = |day: NaiveDate| Span::Year(day.with_ordinal(1).unwrap_or(day));
        let this_month = Self::of_today(today).span;
        let month = match self.span {
            Span::Month(_) => self.span,
            Span::Year(first) if first.year() == today.year() => this_month,
            Span::Year(first) => Span::Month(first),
        };
        let months = match self.span {
            Span::Month(_) => Vec::new(),
            Span::Year(first) => {
                let january = Span::Month(first);
                let all = std::iter::successors(Some(january), |month| Some(month.beside(true)));
                all.take(12).map(at).collect()
            }
        };
        let earlier = (*YEARS.start() < first.year() || first.month() > 1)
            .then(|| at(self.span.beside(false)));
        Addresses {
            earlier,
            later: (last < today).then(|| at(self.span.beside(true))),
            this_month: at(this_month),
            month: at(month),
            year: at(year_of(first)),
            months,
            more: coverage
                .and_then(|coverage| coverage.more_after.as_ref())
                .map(|after| self.at(path, self.span, after)),
            fetch: self.address("/coverage/fetch"),
        }
    }
}

/// A text that is looked for, or looked from.
pub fn read_text(parameters: &Parameters, name: &str) -> Result<String, AppError> {
    let text = parameters.text(name).unwrap_or_default();
    if text.contains(char::is_control) {
        let odd = "holds a control character. Write letters, digits and marks.";
        return Err(parameters.refuse(name, odd));
    }
    Ok(text.to_owned())
}
