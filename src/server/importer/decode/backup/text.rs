//! Texts and instants as a backup's records hold them.

use std::{borrow::Cow, fmt};

use chrono::{DateTime, Utc};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use crate::server::importer::decode::{
    instant,
    record::{RESULT_VALUE_MAX, fits},
    values::Value,
};

/// A JSON string that borrows unless it holds escapes; serde never borrows into an `Option<Cow<str>>`.
pub struct Text<'a>(pub Cow<'a, str>);

impl<'a> Text<'a> {
    /// A text that is not blank and fits its column.
    pub fn required(self, max: usize) -> Option<Cow<'a, str>> {
        (fits(&self.0, max) && !self.0.trim().is_empty()).then_some(self.0)
    }

    pub fn trimmed(self) -> Cow<'a, str> {
        trimmed(self.0)
    }

    /// The value of a result; `None` if it isn't understood or can't have come from the column.
    pub fn value(text: Option<Self>) -> Option<Value<'a>> {
        let Some(Self(text)) = text else {
            return Some(Value::Absent);
        };
        Value::read(text).filter(|value| match value {
            Value::Digits(digits) => fits(digits, RESULT_VALUE_MAX),
            _ => true,
        })
    }
}

/// A text without the blanks around it.
pub fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// An instant, read by hand.
pub struct Instant(pub DateTime<Utc>);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        let instant = instant::instant(&text.0).ok_or_else(|| Error::custom("not an instant"))?;
        Ok(Self(instant))
    }
}
