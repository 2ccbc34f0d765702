//! Files that are dragged over the page.

use leptos::{
    ev::{self, DragEvent},
    prelude::{on_cleanup, window_event_listener},
};
use web_sys::HtmlInputElement;

/// Puts what was dropped into the field, as if it had been chosen there.
pub fn take_dropped(event: &DragEvent, input: &HtmlInputElement) {
    if let Some(files) = event.data_transfer().and_then(|dropped| dropped.files())
        && files.length() > 0
    {
        input.set_files(Some(&files));
    }
}

/// Hands over files that are dropped anywhere on the page: the browser itself would leave the page and show them.
pub fn on_files_beside(taken: impl Fn(&DragEvent) + Clone + 'static) {
    let over = window_event_listener(ev::dragover, |event| {
        if holds_files(&event) {
            event.prevent_default();
        }
    });
    let dropped = window_event_listener(ev::drop, move |event| {
        // What the field has taken itself is prevented already.
        if holds_files(&event) && !event.default_prevented() {
            event.prevent_default();
            taken(&event);
        }
    });
    on_cleanup(move || {
        over.remove();
        dropped.remove();
    });
}

fn holds_files(event: &DragEvent) -> bool {
    event
        .data_transfer()
        .is_some_and(|data| data.types().includes(&"Files".into(), 0))
}
