//! What stands in an address, read with sentences of our own for what can't be.

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};

use url::form_urlencoded;

use super::problem::Problem;
use crate::error::{AppError, ErrorKind};

/// The number of an import, in a path.
pub struct ImportId(pub i32);

impl<S: Send + Sync> FromRequestParts<S> for ImportId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let text = match Path::<String>::from_request_parts(parts, state).await {
            Ok(Path(text)) => text,
            Err(_) => String::from("\u{fffd}"),
        };
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && let Ok(id) = text.parse() {
            return Ok(Self(id));
        }
        let error = if is_number {
            // None has so large a number.
            AppError::new(ErrorKind::NotFound, format!("There is no import #{text}."))
        } else {
            AppError::new(
                ErrorKind::Malformed,
                format!("\"{text}\" is no import's number. Write it as 12."),
            )
        };
        Err(error.into())
    }
}

/// The parameters of a query, by name; of one that comes twice, the last.
pub struct Parameters(HashMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<HashMap<String, String>>::from_request_parts(parts, state).await;
        match query {
            Ok(Query(parameters)) => Ok(Self(parameters)),
            Err(_) => Err(malformed(
                "The query can't be read. Write it as ?name=value&name=value.".into(),
            )
            .into()),
        }
    }
}

impl Parameters {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses what isn't one of these names: one that is mistyped would otherwise ask for too much.
    ///
    /// # Errors
    /// A 400 that names the first of them.
    pub fn only(&self, names: &[&str]) -> Result<(), AppError> {
        let mut others: Vec<_> = self
            .0
            .keys()
            .filter(|it| !names.contains(&it.as_str()))
            .collect();
        others.sort_unstable();
        others.first().map_or(Ok(()), |other| {
            let known = names.join(", ");
            Err(malformed(format!(
                "There is no parameter \"{other}\" here. There are: {known}."
            )))
        })
    }

    /// Refuses parameters that say nothing: where something is done with what they choose, none must choose all.
    ///
    /// # Errors
    /// A 400 that names the first of them.
    pub fn none_empty(&self) -> Result<(), AppError> {
        let mut silent: Vec<_> = self
            .0
            .keys()
            .filter(|name| self.text(name).is_none())
            .collect();
        silent.sort_unstable();
        silent.first().map_or(Ok(()), |name| {
            Err(malformed(format!(
                "{name} is empty. Give it a value, or leave it out."
            )))
        })
    }

    /// What a parameter says, if anything: a form sends its empty fields, too.
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(|value| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// A parameter that is one of some words, each with what it stands for.
    ///
    /// # Errors
    /// When it is none of them: a 400 that lists them.
    pub fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, AppError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        if let Some((_, meant)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(Some(*meant));
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let known = known.join(", ");
        Err(self.refuse(name, &format!("is none of {known}. Write one of them.")))
    }

    /// Why a parameter can't be used.
    pub fn refuse(&self, name: &str, why: &str) -> AppError {
        let value = self.text(name).unwrap_or_default();
        malformed(format!("{name}: \"{value}\" {why}"))
    }

    /// A parameter that has to be there; `example` shows how it is written.
    ///
    /// # Errors
    /// When it isn't there: a 400 that says so.
    pub fn required(&self, name: &str, example: &str) -> Result<&str, AppError> {
        self.text(name)
            .ok_or_else(|| malformed(format!("{name} is missing. Write it as {name}={example}.")))
    }

    /// A whole number up to `most`, or the default.
    ///
    /// # Errors
    /// When it is none: a 400 that says so.
    pub fn number(&self, name: &str, default: u32, most: u32) -> Result<u32, AppError> {
        let Some(text) = self.0.get(name) else {
            return Ok(default);
        };
        let number = text.trim().parse().ok().filter(|number| *number <= most);
        number.ok_or_else(|| {
            malformed(format!(
                "{name} is \"{text}\", which is no whole number from 0 to {most}. Write it as {name}={default}."
            ))
        })
    }

    /// Yes or no; no unless said.
    ///
    /// # Errors
    /// When it is neither: a 400 that says so.
    pub fn flag(&self, name: &str) -> Result<bool, AppError> {
        match self.0.get(name).map(String::as_str) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(malformed(format!(
                "{name} is \"{other}\". Write it as {name}=true or {name}=false."
            ))),
        }
    }
}

/// A page's side of a place.
#[derive(Clone, Copy, Debug)]
pub enum Side<T> {
    After(T),
    Before(T),
}

/// The one of two places that is given, if any.
///
/// # Errors
/// When both are: a 400 that says so.
pub fn one_of<T>(
    parameters: &Parameters,
    after: Option<T>,
    before: Option<T>,
) -> Result<Option<Side<T>>, AppError> {
    match (after, before) {
        (None, None) => Ok(None),
        (Some(place), None) => Ok(Some(Side::After(place))),
        (None, Some(place)) => Ok(Some(Side::Before(place))),
        (Some(_), Some(_)) => {
            Err(parameters.refuse("after", "can't stand beside \"before\". Give one of them."))
        }
    }
}

/// An address with these parameters.
#[must_use]
pub fn with_query<'a>(
    path: &str,
    given: &[(String, String)],
    besides: impl Iterator<Item = (&'a str, String)>,
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(given).extend_pairs(besides);
    let query = query.finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

fn malformed(sentence: String) -> AppError {
    AppError::new(ErrorKind::Malformed, sentence)
}
