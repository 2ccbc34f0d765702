//! Hearing from the server that something has changed (server-sent events, HTML Standard §9.2).

use std::{cell::RefCell, rc::Rc, time::Duration};

use gloo_timers::callback::Timeout;
use leptos::prelude::{StoredValue, document};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::EventSource;

use super::ticker::every;

/// Where the server tells of changes.
const EVENTS: &str = "/events";
/// Many pages hear of a change at once: each waits for a moment of its own, of so many milliseconds at most, before it asks.
const SPREAD: f64 = 300.0;
/// A browser connects anew by itself, but not after an answer that refused it.
const AGAIN: Duration = Duration::from_secs(10);

/// Does `work` soon after something has changed on the server, while the tab is visible; also after the connection
/// was made, since nobody knows what has changed before that.
///
/// It stops when the component that asked for it is gone.
pub fn on_change(work: impl Fn() + 'static) {
    StoredValue::new_local(Changes::hear(Rc::new(work)));
}

/// The connection while there is one, and what it listens with.
struct Changes {
    source: Rc<RefCell<Option<EventSource>>>,
    on_visibility: Closure<dyn FnMut()>,
    _on_event: Rc<Closure<dyn FnMut()>>,
}

impl Changes {
    fn hear(work: Rc<dyn Fn()>) -> Self {
        let waiting: Rc<RefCell<Option<Timeout>>> = Rc::default();
        let on_event = Rc::new(Closure::<dyn FnMut()>::new(move || {
            if waiting.borrow().is_some() {
                return;
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a few milliseconds"
            )]
            let moment = (js_sys::Math::random() * SPREAD) as u32;
            let (done, work) = (Rc::clone(&waiting), Rc::clone(&work));
            let wait = Timeout::new(moment, move || {
                done.replace(None);
                work();
            });
            waiting.replace(Some(wait));
        }));
        let source = Rc::new(RefCell::new(None::<EventSource>));
        let look = {
            let (source, on_event) = (Rc::clone(&source), Rc::clone(&on_event));
            // A tab in the background takes none of the few connections that a browser opens to one server.
            move || {
                let lost = |source: &EventSource| source.ready_state() == EventSource::CLOSED;
                let mut source = source.borrow_mut();
                if document().hidden() {
                    if let Some(source) = source.take() {
                        source.close();
                    }
                } else if source.as_ref().is_none_or(lost) {
                    *source = open(&on_event);
                }
            }
        };
        look();
        every(AGAIN, look.clone());
        let on_visibility = Closure::<dyn FnMut()>::new(look);
        let listen = on_visibility.as_ref().unchecked_ref();
        // It fails only on an object that takes no listeners, which a document is not.
        let _ = document().add_event_listener_with_callback("visibilitychange", listen);
        Self {
            source,
            on_visibility,
            _on_event: on_event,
        }
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        let listen = self.on_visibility.as_ref().unchecked_ref();
        let _ = document().remove_event_listener_with_callback("visibilitychange", listen);
        if let Some(source) = self.source.take() {
            source.close();
        }
    }
}

/// Without such a connection the page is read again every few seconds all the same.
fn open(on_event: &Closure<dyn FnMut()>) -> Option<EventSource> {
    let source = EventSource::new(EVENTS).ok()?;
    let listen = on_event.as_ref().unchecked_ref();
    for event in ["hello", "change"] {
        source
            .add_event_listener_with_callback(event, listen)
            .ok()?;
    }
    Some(source)
}
