//! What the browser says of the page: its address and its title.

use leptos::prelude::{document, window};
use wasm_bindgen::JsValue;

/// Puts an address of the same page into the browser's bar, without a new entry in its history.
pub fn show_address(address: &str) {
    // It fails only for another site's address, or many times in a second.
    let _ = window()
        .history()
        .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(address)));
}

/// What the tab says.
pub fn show_title(title: &str) {
    document().set_title(title);
}
