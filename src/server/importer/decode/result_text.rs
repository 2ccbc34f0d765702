//! The one rule that turns the text of a result into a value and a status.

use super::record::ResultStatus;

/// What the source writes while a draw is awaited.
const WAITING: &str = "รอผล";
/// What the source writes for a draw that does not take place.
const CANCELLED: &str = "ยกเลิก";

/// What one result text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Digits, perhaps with dashes: kept as text, since leading zeros matter.
    Value,
    Waiting,
    Cancelled,
    /// Empty, or anything else: no value.
    Nothing,
}

impl Reading {
    /// Reads a text without the blanks around it.
    pub fn of(trimmed: &str) -> Self {
        if is_value(trimmed.as_bytes()) {
            return Self::Value;
        }
        match trimmed {
            WAITING => Self::Waiting,
            CANCELLED => Self::Cancelled,
            _ => Self::Nothing,
        }
    }
}

fn is_value(text: &[u8]) -> bool {
    text.iter()
        .all(|byte| byte.is_ascii_digit() || *byte == b'-')
        && text.iter().any(u8::is_ascii_digit)
}

/// The status that the readings of 3UP, 2DOWN and 4UP, in this order, amount to.
pub fn status(readings: [Reading; 3]) -> ResultStatus {
    let announced = readings.into_iter().find_map(|reading| match reading {
        Reading::Waiting => Some(ResultStatus::Waiting),
        Reading::Cancelled => Some(ResultStatus::Cancelled),
        Reading::Value | Reading::Nothing => None,
    });
    announced.unwrap_or(if readings.contains(&Reading::Value) {
        ResultStatus::Completed
    } else {
        ResultStatus::NoResult
    })
}
