//! Data of a page that is read again and again: every 10 seconds, and as soon as the server tells of a change.

use std::time::Duration;

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::{live::Live, reactive::memo};
use crate::{
    browser,
    error::AppError,
    server_fns::{Reading, read},
    wire::Packed,
};

/// The seed's rhythm.
const REFRESH: Duration = Duration::from_secs(10);

/// What a server function answers.
pub type Answer<T> = Resource<Result<T, AppError>, Packed>;

/// What can be shown: it crosses the wire, and is compared with what is shown already.
pub trait Shown: Clone + PartialEq + Send + Sync + Serialize + DeserializeOwned + 'static {}

impl<T: Clone + PartialEq + Send + Sync + Serialize + DeserializeOwned + 'static> Shown for T {}

/// The data of a page, which say when they were read.
pub trait Dated: Shown {
    /// The server's time.
    fn now(&self) -> DateTime<Utc>;
}

/// What a server function answers, read anew when `source` changes.
pub fn answer<F, S>(
    source: impl Fn() -> S + Send + Sync + 'static,
    asked: impl Fn() -> F + Send + Sync + 'static,
) -> Answer<F::Output>
where
    F: Reading + 'static,
    F::Output: Shown,
    S: Clone + PartialEq + Send + Sync + 'static,
{
    Resource::new_with_options(source, move |_| read(asked()), false)
}

/// The latest good answer. To be called inside a `Transition`, since it reads the resource.
#[must_use]
pub fn latest<T: Shown>(answer: Answer<T>) -> Memo<Option<T>> {
    Memo::new(move |before: Option<&Option<T>>| match answer.get() {
        Some(Ok(shown)) => Some(shown),
        _ => before.cloned().flatten(),
    })
}

/// Why the latest answer is none. To be called inside a `Transition`, since it reads the resource.
#[must_use]
pub fn trouble<T: Shown>(answer: Answer<T>) -> Memo<Option<AppError>> {
    memo(move || answer.with(|answer| answer.as_ref()?.as_ref().err().cloned()))
}

/// The data of a page, and how fresh they are.
pub struct Polled<T: Dated> {
    pub live: Live,
    pub answer: Answer<T>,
    read_at: RwSignal<Option<DateTime<Utc>>>,
}

#[expect(
    clippy::expl_impl_clone_on_copy,
    reason = "derived, it would ask the same of the data"
)]
impl<T: Dated> Clone for Polled<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Dated> Copy for Polled<T> {}

impl<T: Dated> Polled<T> {
    /// Reads what is `asked`, again and again while the page is there and somebody looks.
    pub fn start<F>(live: Live, asked: F) -> Self
    where
        F: Reading<Output = T> + Clone + Sync + 'static,
    {
        let read_at = RwSignal::new(None);
        let under_way = StoredValue::new(UnderWay::default());
        let answer = Resource::new_with_options(
            move || live.asked(),
            move |_| {
                let asked = asked.clone();
                async move {
                    // Not before it is waited for: of what came with the document nothing is asked.
                    under_way.try_update_value(|it| it.asks = true);
                    let answer = read(asked).await;
                    if answer.is_ok()
                        && let Some(now) = browser::now()
                    {
                        read_at.try_set(Some(now));
                    }
                    if under_way.try_update_value(UnderWay::end).unwrap_or(false) {
                        live.refetch();
                    }
                    answer
                }
            },
            false,
        );
        Effect::new(move || read_at.set(browser::now()));
        browser::every(REFRESH, move || live.refetch());
        // Of many changes in a row each would give up the reading of the one before.
        browser::on_change(move || {
            if under_way.try_update_value(UnderWay::begin).unwrap_or(false) {
                live.refetch();
            }
        });
        Self {
            live,
            answer,
            read_at,
        }
    }

    /// When the latest good answer came, by the browser's clock; `None` on the server and until hydrated.
    #[must_use]
    pub fn read_at(self) -> Option<DateTime<Utc>> {
        self.read_at.get()
    }

    /// How long ago that was; `None` on the server and until hydrated.
    #[must_use]
    pub fn age(self) -> Option<chrono::Duration> {
        Some(self.live.clock.tick()? - self.read_at.get()?)
    }
}

/// A reading under way, and whether something has changed since it began.
#[derive(Clone, Copy, Default)]
struct UnderWay {
    asks: bool,
    once_more: bool,
}

impl UnderWay {
    /// Something has changed: whether to ask now, or once the present answer is there.
    const fn begin(&mut self) -> bool {
        self.once_more = self.asks;
        !self.asks
    }

    /// An answer is there: whether to ask once more.
    const fn end(&mut self) -> bool {
        let once_more = self.once_more;
        *self = Self {
            asks: false,
            once_more: false,
        };
        once_more
    }
}
