//! Leaving the page.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::Event;

thread_local! {
    static ASK: Closure<dyn Fn(Event) -> JsValue> = Closure::new(|event: Event| {
        event.prevent_default();
        // Older browsers ask when there is a text; none of them shows it.
        JsValue::from_str("A file is on its way.")
    });
}

/// Leads to another page of the site.
pub fn go(address: &str) {
    // It fails only for what is no address.
    let _ = window().location().set_href(address);
}

/// Whether the browser asks before it leaves or reloads the page.
pub fn ask_before_leaving(ask: bool) {
    ASK.with(|handler| {
        let handler = handler.as_ref().unchecked_ref();
        window().set_onbeforeunload(ask.then_some(handler));
    });
}
