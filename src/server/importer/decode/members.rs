//! Looks at the members of a record one by one and says in a sentence which of them is wrong.
//!
//! This is the slow way, taken for records that turned out to be unusable; and for the feed, whose
//! days are small.

use std::fmt;

use chrono::NaiveDate;
use serde_json::{Map, Value};

use super::{
    instant,
    record::{ResultStatus, fits},
};

/// How much of a wrong value a reason quotes, in characters.
const QUOTED_MAX: usize = 60;

/// A record's members, by name.
pub struct Members(Map<String, Value>);

impl Members {
    /// The members of a JSON object; a reason if the JSON is something else.
    pub fn parse(record: &[u8]) -> Result<Self, String> {
        if let Err(error) = std::str::from_utf8(record) {
            let byte = error.valid_up_to() + 1;
            return Err(format!("The record is not valid UTF-8 (its byte {byte})."));
        }
        match serde_json::from_slice(record) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(other) => Err(format!(
                "The record is {} but must be an object.",
                Quoted(&other)
            )),
            Err(error) => Err(unreadable(&error)),
        }
    }

    /// A member that may be missing or null.
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A member that has to be there.
    fn require(&self, name: &str, must_be: &str) -> Result<&Value, String> {
        match self.0.get(name) {
            None => Err(format!("{name} is missing.")),
            Some(Value::Null) => Err(format!("{name} is null but must be {must_be}.")),
            Some(value) => Ok(value),
        }
    }

    pub fn integer(&self, name: &str) -> Result<i64, String> {
        let must_be = "a whole number of at most 64 bits";
        let value = self.require(name, must_be)?;
        value.as_i64().ok_or_else(|| wrong(name, value, must_be))
    }

    pub fn flag(&self, name: &str) -> Result<(), String> {
        match self.get(name) {
            None | Some(Value::Bool(_)) => Ok(()),
            Some(value) => Err(wrong(name, value, "true or false")),
        }
    }

    /// A text that has to be there, that is not blank and fits its column.
    pub fn required_text(&self, name: &str, max: usize) -> Result<&str, String> {
        let text = as_text(name, self.require(name, "text")?)?;
        if text.trim().is_empty() {
            return Err(format!("{name} is empty."));
        }
        fitting(name, text, max)
    }

    /// A text that may be missing, null or blank (then `None`), and that fits its column.
    pub fn optional_text(&self, name: &str, max: usize) -> Result<Option<&str>, String> {
        match self.text(name)?.map(str::trim) {
            None | Some("") => Ok(None),
            Some(text) => fitting(name, text, max).map(Some),
        }
    }

    /// A text that may be missing or null.
    pub fn text(&self, name: &str) -> Result<Option<&str>, String> {
        self.get(name).map(|value| as_text(name, value)).transpose()
    }

    /// A member's text, if it is one: for members of which anything else counts as absent.
    pub fn text_if_any(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    pub fn date(&self, name: &str) -> Result<NaiveDate, String> {
        let must_be = "a date of the calendar, such as \"2025-06-22\"";
        let value = self.require(name, must_be)?;
        let date = value.as_str().and_then(instant::date);
        date.ok_or_else(|| wrong(name, value, must_be))
    }

    pub fn instant(&self, name: &str) -> Result<(), String> {
        match self.get(name) {
            Some(value) if value.as_str().and_then(instant::instant).is_none() => {
                let must_be = "an instant, such as \"2025-06-27T03:11:09+00:00\"";
                Err(wrong(name, value, must_be))
            }
            _ => Ok(()),
        }
    }

    pub fn status(&self, name: &str) -> Result<(), String> {
        match self.get(name) {
            Some(value)
                if value
                    .as_str()
                    .is_none_or(|word| word.parse::<ResultStatus>().is_err()) =>
            {
                let words = ResultStatus::ALL
                    .iter()
                    .map(|status| status.as_str())
                    .collect::<Vec<_>>()
                    .join(", ");
                Err(wrong(name, value, &format!("one of {words}")))
            }
            _ => Ok(()),
        }
    }
}

fn as_text<'a>(name: &str, value: &'a Value) -> Result<&'a str, String> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(digits) if digits.is_u64() => Err(format!(
            "{name} is the number {digits} but must be text, such as \"{digits}\": as a number its leading zeros would be lost."
        )),
        other => Err(wrong(name, other, "text")),
    }
}

/// The text, if a `varchar(max)` holds it.
pub fn fitting<'a>(name: &str, text: &'a str, max: usize) -> Result<&'a str, String> {
    if fits(text, max) {
        return Ok(text);
    }
    let length = text.chars().count();
    Err(if length > max {
        format!("{name} is {length} characters long; at most {max} fit.")
    } else {
        format!("{name} contains a NUL character, which the database cannot store.")
    })
}

/// The reason for JSON that is sound but beyond reading, such as half a surrogate pair.
fn unreadable(error: &serde_json::Error) -> String {
    let message = error.to_string();
    // The position is relative to the record and would mislead.
    let cause = message.split(" at line ").next().unwrap_or_default();
    format!("The record can't be read: {cause}.")
}

/// The reason for a value that is not what it must be.
pub fn wrong(name: &str, value: &Value, must_be: &str) -> String {
    format!("{name} is {} but must be {must_be}.", Quoted(value))
}

/// A value as JSON, so that control characters are escaped, and cut to a readable length.
struct Quoted<'a>(&'a Value);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = self.0.to_string();
        match json.char_indices().nth(QUOTED_MAX) {
            Some((end, _)) => write!(f, "{}…", &json[..end]),
            None => f.write_str(&json),
        }
    }
}
