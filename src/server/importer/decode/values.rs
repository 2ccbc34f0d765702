//! The one rule that turns the text of a result into a value and a status (`formats.md` §1, "Values").

use std::borrow::Cow;

use super::record::ResultStatus;

/// What the source writes while a draw is awaited.
const WAITING: &str = "รอผล";
/// What the source writes for a draw that does not take place.
const CANCELLED: &str = "ยกเลิก";
/// What a value has to be, for the reason of a reject.
pub const VALUE_FORM: &str =
    "digits, perhaps with dashes between them, \"รอผล\", \"ยกเลิก\", or nothing";

/// What one result text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Missing, null, empty, or a lone dash.
    Absent,
    Waiting,
    Cancelled,
    /// Digits, perhaps with dashes between them: text, since leading zeros matter.
    Digits(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// Reads a text. `None`: it isn't understood, which is not the same as no value.
    pub fn read(text: Cow<'a, str>) -> Option<Self> {
        match text {
            Cow::Borrowed(text) => Self::of(text),
            Cow::Owned(text) => Value::of(&text).map(Value::into_owned),
        }
    }

    fn of(text: &'a str) -> Option<Self> {
        let trimmed = text.trim();
        if is_number(trimmed.as_bytes()) {
            return Some(Self::Digits(Cow::Borrowed(trimmed)));
        }
        match trimmed {
            "" | "-" => Some(Self::Absent),
            WAITING => Some(Self::Waiting),
            CANCELLED => Some(Self::Cancelled),
            other => {
                let plain: String = other.chars().map(plain_digit).collect();
                is_number(plain.as_bytes()).then_some(Self::Digits(Cow::Owned(plain)))
            }
        }
    }

    fn into_owned<'b>(self) -> Value<'b> {
        match self {
            Self::Absent => Value::Absent,
            Self::Waiting => Value::Waiting,
            Self::Cancelled => Value::Cancelled,
            Self::Digits(digits) => Value::Digits(Cow::Owned(digits.into_owned())),
        }
    }

    /// The digits, if it has any.
    pub fn digits(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Digits(digits) => Some(digits),
            Self::Absent | Self::Waiting | Self::Cancelled => None,
        }
    }
}

/// The status that the values of 3UP, 2DOWN and 4UP, in this order, amount to.
pub fn status(values: [&Value<'_>; 3]) -> ResultStatus {
    let announced = values.into_iter().find_map(|value| match value {
        Value::Waiting => Some(ResultStatus::Waiting),
        Value::Cancelled => Some(ResultStatus::Cancelled),
        Value::Digits(_) | Value::Absent => None,
    });
    let drawn = values
        .into_iter()
        .any(|value| matches!(value, Value::Digits(_)));
    announced.unwrap_or(if drawn {
        ResultStatus::Completed
    } else {
        ResultStatus::NoResult
    })
}

/// Whether a text is ASCII digits with nothing but dashes between them.
fn is_number(text: &[u8]) -> bool {
    let [Some(first), Some(last)] = [text.first(), text.last()] else {
        return false;
    };
    first.is_ascii_digit()
        && last.is_ascii_digit()
        && text
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b'-')
}

/// The ASCII digit that a Thai or a full-width digit means; any other character is itself.
fn plain_digit(character: char) -> char {
    let value = match character {
        '๐'..='๙' => u32::from(character) - u32::from('๐'),
        '０'..='９' => u32::from(character) - u32::from('０'),
        _ => return character,
    };
    char::from_digit(value, 10).unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Option<String> {
        Value::read(Cow::Borrowed(text))?
            .digits()
            .map(Cow::into_owned)
    }

    #[test]
    fn digits_of_any_script_are_the_digits_that_they_mean() {
        for (text, meant) in [
            ("282", "282"),
            (" 05\u{a0}", "05"),
            ("๒๘๒", "282"),
            ("０５", "05"),
            ("๑2３", "123"),
            ("12-34-5", "12-34-5"),
        ] {
            assert_eq!(digits(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_no_value() {
        for text in [
            "0 5", "28 2", "282,283", "???", "-5", "5-", "--", "–", "abc", "รอ", "1.5", "٣",
        ] {
            assert_eq!(Value::read(Cow::Borrowed(text)), None, "{text}");
        }
        for text in ["", "  ", "-", " - "] {
            assert_eq!(Value::read(Cow::Borrowed(text)), Some(Value::Absent));
        }
    }

    #[test]
    fn the_first_word_decides_the_status_before_digits_do() {
        let [waiting, cancelled, digits, none] = [
            Value::Waiting,
            Value::Cancelled,
            Value::Digits("1".into()),
            Value::Absent,
        ];
        assert_eq!(
            status([&digits, &waiting, &cancelled]),
            ResultStatus::Waiting
        );
        assert_eq!(
            status([&cancelled, &waiting, &digits]),
            ResultStatus::Cancelled
        );
        assert_eq!(status([&none, &digits, &none]), ResultStatus::Completed);
        assert_eq!(status([&none, &none, &none]), ResultStatus::NoResult);
    }
}
