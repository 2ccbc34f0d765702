//! Timers that rest while nobody looks.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use gloo_timers::callback::Interval;
use leptos::prelude::{StoredValue, document};
use wasm_bindgen::{JsCast, closure::Closure};

/// Does `work` once a period while the tab is visible, and at once when it becomes visible after longer than that.
///
/// It stops when the component that asked for it is gone.
pub fn every(period: Duration, work: impl Fn() + 'static) {
    StoredValue::new_local(Poll::start(period, Rc::new(work)));
}

/// A timer bound to the tab's visibility; it ends when dropped.
struct Poll {
    interval: Rc<RefCell<Option<Interval>>>,
    on_visibility: Closure<dyn FnMut()>,
}

impl Poll {
    fn start(period: Duration, work: Rc<dyn Fn()>) -> Self {
        let millis = u32::try_from(period.as_millis()).unwrap_or(u32::MAX);
        let last = Rc::new(Cell::new(js_sys::Date::now()));
        let run: Rc<dyn Fn()> = Rc::new({
            let last = Rc::clone(&last);
            move || {
                last.set(js_sys::Date::now());
                work();
            }
        });
        let tick = move || {
            let run = Rc::clone(&run);
            move || run()
        };
        let interval = Rc::new(RefCell::new(
            (!document().hidden()).then(|| Interval::new(millis, tick())),
        ));
        let on_visibility = Closure::<dyn FnMut()>::new({
            let interval = Rc::clone(&interval);
            move || {
                if document().hidden() {
                    interval.replace(None);
                } else if interval.borrow().is_none() {
                    if js_sys::Date::now() - last.get() >= f64::from(millis) {
                        tick()();
                    }
                    interval.replace(Some(Interval::new(millis, tick())));
                }
            }
        });
        let listen = on_visibility.as_ref().unchecked_ref();
        // It fails only on an object that takes no listeners, which a document is not.
        let _ = document().add_event_listener_with_callback("visibilitychange", listen);
        Self {
            interval,
            on_visibility,
        }
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        let listen = self.on_visibility.as_ref().unchecked_ref();
        let _ = document().remove_event_listener_with_callback("visibilitychange", listen);
        self.interval.replace(None);
    }
}
