//! Instants and days on the wire: text where people and programs read it (RFC 3339), numbers where only a page does,
//! which then needs no parser.
//!
//! For `#[serde(with = "moment")]`.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, de::Error as _,
};

/// What is a number to a page.
pub trait Moment: Serialize + DeserializeOwned {
    type Number: Serialize + DeserializeOwned;

    fn number(&self) -> Self::Number;

    /// The moment of a number; none when there is no such moment.
    fn of(number: Self::Number) -> Option<Self>;
}

/// Microseconds since 1970.
impl Moment for DateTime<Utc> {
    type Number = i64;

    fn number(&self) -> i64 {
        self.timestamp_micros()
    }

    fn of(number: i64) -> Option<Self> {
        Self::from_timestamp_micros(number)
    }
}

/// Days since the first day of the year 1.
impl Moment for NaiveDate {
    type Number = i32;

    fn number(&self) -> i32 {
        self.num_days_from_ce()
    }

    fn of(number: i32) -> Option<Self> {
        Self::from_num_days_from_ce_opt(number)
    }
}

impl<T: Moment> Moment for Option<T> {
    type Number = Option<T::Number>;

    fn number(&self) -> Self::Number {
        self.as_ref().map(T::number)
    }

    fn of(number: Self::Number) -> Option<Self> {
        match number {
            Some(number) => T::of(number).map(Some),
            None => Some(None),
        }
    }
}

impl<T: Moment, U: Moment> Moment for (T, U) {
    type Number = (T::Number, U::Number);

    fn number(&self) -> Self::Number {
        (self.0.number(), self.1.number())
    }

    fn of((first, second): Self::Number) -> Option<Self> {
        T::of(first).zip(U::of(second))
    }
}

/// Writes a moment.
///
/// # Errors
/// Those of the format.
pub fn serialize<T: Moment, S: Serializer>(moment: &T, to: S) -> Result<S::Ok, S::Error> {
    if to.is_human_readable() {
        moment.serialize(to)
    } else {
        moment.number().serialize(to)
    }
}

/// Reads a moment.
///
/// # Errors
/// Those of the format, and when there is no such moment.
pub fn deserialize<'de, T: Moment, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    if from.is_human_readable() {
        return T::deserialize(from);
    }
    T::of(T::Number::deserialize(from)?).ok_or_else(|| D::Error::custom("no such moment"))
}
