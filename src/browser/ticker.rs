//! One timer for all that is done again and again. It rests while nobody looks.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use gloo_timers::callback::Interval;
use leptos::prelude::{StoredValue, document};
use wasm_bindgen::{JsCast, closure::Closure};

/// How often the timer looks what is due. Milliseconds.
const BEAT: u32 = 1000;
/// A timer may be early by so much. Milliseconds.
const EARLY: f64 = 100.0;

/// Something that is done once a period. Milliseconds.
struct Task {
    period: f64,
    last: Cell<f64>,
    work: Rc<dyn Fn()>,
}

/// All of them, and what drives them.
#[derive(Default)]
struct Ticker {
    tasks: Vec<Rc<Task>>,
    beat: Option<Interval>,
    on_visibility: Option<Closure<dyn FnMut()>>,
}

thread_local! {
    static TICKER: RefCell<Ticker> = RefCell::default();
}

/// Does `work` once a period of whole seconds while the tab is visible, and at once when it becomes visible after
/// longer than that.
///
/// It stops when the component that asked for it is gone.
pub fn every(period: Duration, work: impl Fn() + 'static) {
    let task = Rc::new(Task {
        period: period.as_secs_f64() * 1000.0,
        last: Cell::new(js_sys::Date::now()),
        work: Rc::new(work),
    });
    TICKER.with_borrow_mut(|ticker| {
        ticker.tasks.push(Rc::clone(&task));
        ticker.start();
    });
    StoredValue::new_local(Asked(task));
}

/// Takes its task away when it goes.
struct Asked(Rc<Task>);

impl Drop for Asked {
    fn drop(&mut self) {
        TICKER.with_borrow_mut(|ticker| ticker.tasks.retain(|task| !Rc::ptr_eq(task, &self.0)));
    }
}

impl Ticker {
    /// The first task starts it.
    fn start(&mut self) {
        if self.on_visibility.is_some() {
            return;
        }
        let look = || {
            let visible = !document().hidden();
            TICKER.with_borrow_mut(|ticker| {
                ticker.beat = visible.then(|| Interval::new(BEAT, do_what_is_due));
            });
            if visible {
                do_what_is_due();
            }
        };
        let on_visibility = Closure::<dyn FnMut()>::new(look);
        let listen = on_visibility.as_ref().unchecked_ref();
        // It fails only on an object that takes no listeners, which a document is not.
        let _ = document().add_event_listener_with_callback("visibilitychange", listen);
        self.on_visibility = Some(on_visibility);
        self.beat = (!document().hidden()).then(|| Interval::new(BEAT, do_what_is_due));
    }
}

fn do_what_is_due() {
    let now = js_sys::Date::now();
    let due: Vec<Rc<Task>> = TICKER.with_borrow(|ticker| {
        let due = |task: &&Rc<Task>| {
            let since = now - task.last.get();
            // A clock that was set back must stop nothing.
            since < 0.0 || since + EARLY >= task.period
        };
        ticker.tasks.iter().filter(due).cloned().collect()
    });
    // Work may ask for more work, or end some: the list is free meanwhile.
    for task in due {
        task.last.set(now);
        (task.work)();
    }
}
