//! Where the keyboard's focus goes when what has it goes away.

use gloo_timers::callback::Timeout;
use leptos::prelude::document;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlElement;

/// To be called before a part of the page changes: if the focus is within the element `from` and the change takes it
/// away, the element `to` gets it. Both are ids.
pub fn keep_focus(from: &str, to: String) {
    let held = document()
        .active_element()
        .zip(document().get_element_by_id(from))
        .is_some_and(|(active, from)| from.contains(Some(&active)));
    if !held {
        return;
    }
    let hand_over = move || {
        let lost = document()
            .active_element()
            .is_none_or(|active| active.tag_name() == "BODY");
        if lost
            && let Some(next) = document().get_element_by_id(&to)
            && let Some(next) = next.dyn_ref::<HtmlElement>()
        {
            // It fails only on an element that takes no focus.
            let _ = next.focus();
        }
    };
    Timeout::new(0, hand_over).forget();
}
