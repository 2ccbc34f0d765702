//! Looks at the members of a record one by one and says in a sentence which of them is wrong.
//!
//! This is the slow way, taken for records that turned out to be odd; and for the feed, whose days are small.

use std::{borrow::Cow, fmt};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{
    calendar::Calendar,
    instant,
    reasons::{Quoted, fitting, wrong},
    record::{RESULT_VALUE_MAX, ResultStatus},
    values::{self, VALUE_FORM},
};

/// A record's members, by name.
pub struct Members {
    by_name: Map<String, Value>,
    /// Names that stand there more than once: which of the values is meant, nobody can know.
    repeated: Vec<String>,
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Members {
                    by_name: Map::new(),
                    repeated: Vec::new(),
                };
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.by_name.contains_key(&name) {
                        members.repeated.push(name.clone());
                    }
                    members.by_name.insert(name, value);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

impl Members {
    /// The members of a JSON object; a reason if the JSON is something else.
    pub fn parse(record: &[u8]) -> Result<Self, String> {
        if let Err(error) = std::str::from_utf8(record) {
            let byte = error.valid_up_to() + 1;
            return Err(format!("The record is not valid UTF-8 (its byte {byte})."));
        }
        if !record.trim_ascii_start().starts_with(b"{") {
            return Err(match serde_json::from_slice::<Value>(record) {
                Ok(other) => format!("The record is {} but must be an object.", Quoted(&other)),
                Err(error) => unreadable(&error),
            });
        }
        serde_json::from_slice(record).map_err(|error| unreadable(&error))
    }

    /// Refuses a record in which one of these members stands twice.
    pub fn each_once(&self, names: &[&str]) -> Result<(), String> {
        match self
            .repeated
            .iter()
            .find(|name| names.contains(&name.as_str()))
        {
            Some(name) => Err(format!("{name} stands in the record twice.")),
            None => Ok(()),
        }
    }

    /// A member that may be missing or null.
    fn get(&self, name: &str) -> Option<&Value> {
        self.by_name.get(name).filter(|value| !value.is_null())
    }

    /// A member that has to be there.
    fn require(&self, name: &str, must_be: &str) -> Result<&Value, String> {
        match self.by_name.get(name) {
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

    pub fn flag(&self, name: &str) -> Result<Option<bool>, String> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
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

    /// One of the three values of a draw.
    pub fn value(&self, name: &str) -> Result<values::Value<'_>, String> {
        let Some(text) = self.text(name)? else {
            return Ok(values::Value::Absent);
        };
        let value = values::Value::read(Cow::Borrowed(text))
            .ok_or_else(|| wrong(name, &text.into(), VALUE_FORM))?;
        if let values::Value::Digits(digits) = &value {
            fitting(name, digits, RESULT_VALUE_MAX)?;
        }
        Ok(value)
    }

    pub fn date(&self, name: &str, calendar: Calendar) -> Result<NaiveDate, String> {
        let must_be = "a date of the calendar, such as \"2025-06-22\"";
        let value = self.require(name, must_be)?;
        match value.as_str() {
            Some(text) => calendar.read(name, text),
            None => Err(wrong(name, value, must_be)),
        }
    }

    pub fn instant(&self, name: &str) -> Result<Option<DateTime<Utc>>, String> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let instant = value.as_str().and_then(instant::instant);
        let must_be = "an instant, such as \"2025-06-27T03:11:09+00:00\"";
        instant.map(Some).ok_or_else(|| wrong(name, value, must_be))
    }

    pub fn status(&self, name: &str) -> Result<Option<ResultStatus>, String> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let status = value.as_str().and_then(|word| word.parse().ok());
        status.map(Some).ok_or_else(|| {
            let words = ResultStatus::ALL.map(ResultStatus::as_str).join(", ");
            wrong(name, value, &format!("one of {words}"))
        })
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

/// The reason for JSON that is sound but beyond reading, such as half a surrogate pair.
fn unreadable(error: &serde_json::Error) -> String {
    let message = error.to_string();
    // The position is relative to the record and would mislead.
    let cause = message.split(" at line ").next().unwrap_or_default();
    format!("The record can't be read: {cause}.")
}
