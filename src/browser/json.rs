//! The few members that the page reads of the API's JSON.

use js_sys::{JSON, Reflect};
use wasm_bindgen::JsValue;

/// A member of the object that this text is.
fn member(text: &str, name: &str) -> Option<JsValue> {
    Reflect::get(&JSON::parse(text).ok()?, &name.into()).ok()
}

/// A member that is a text.
pub fn text_in(text: &str, name: &str) -> Option<String> {
    member(text, name)?.as_string()
}

/// A member that is a small whole number.
pub fn number_in(text: &str, name: &str) -> Option<i32> {
    #[expect(clippy::cast_possible_truncation, reason = "an id of an import")]
    member(text, name)?.as_f64().map(|number| number as i32)
}
