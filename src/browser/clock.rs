//! The reader's clock and time zone.

use chrono::{DateTime, Utc};
use wasm_bindgen::JsValue;

/// The browser's clock; `None` on the server.
#[must_use]
pub fn now() -> Option<DateTime<Utc>> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds since 1970 fit for 200 million years"
    )]
    let millis = js_sys::Date::now() as i64;
    DateTime::from_timestamp_millis(millis)
}

/// Minutes that the reader's zone is ahead of UTC at this instant.
#[must_use]
pub fn offset_minutes(at: DateTime<Utc>) -> i64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds since 1970 are exact in an f64"
    )]
    let date = js_sys::Date::new(&JsValue::from_f64(at.timestamp_millis() as f64));
    #[expect(clippy::cast_possible_truncation, reason = "at most a day")]
    let behind = date.get_timezone_offset() as i64;
    -behind
}
