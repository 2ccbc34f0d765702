//! What actions came to, announced.

use chrono::{DateTime, Duration, Utc};
use leptos::{prelude::*, server_fn::ServerFn};

use super::reactive::{either, memo, said, text};
use crate::{
    browser,
    model::asked::Asked,
    server_fns::imports::{CancelImport, DismissFailure, RetryImport},
};

/// How long a good message stays.
const STAY: Duration = Duration::seconds(12);

/// The element that holds the message and its button.
const NOTICE: &str = "notice";

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Notice {
    sentence: String,
    bad: bool,
    at: Option<DateTime<Utc>>,
}

/// The latest message, for all who have one.
#[derive(Clone, Copy)]
pub struct Notices(RwSignal<Option<Notice>>);

impl Notices {
    /// Begins with what the address says of a row's form that failed without JavaScript: which row it was, it can't say.
    #[must_use]
    pub fn start() -> Self {
        let asked = use_context::<Asked>().unwrap_or_default();
        let failed = [RetryImport::PATH, CancelImport::PATH, DismissFailure::PATH]
            .into_iter()
            .find_map(|path| asked.why_refused(path))
            .map(|sentence| Notice {
                sentence,
                bad: true,
                at: None,
            });
        Self(RwSignal::new(failed))
    }

    /// Announces that something worked.
    pub fn tell(self, sentence: String) {
        self.0.try_set(Some(Notice {
            sentence,
            bad: false,
            at: browser::now(),
        }));
    }
}

/// The region that announces them, at the foot of the window: nothing moves for it.
#[component]
pub fn NoticeRegion(notices: Notices) -> impl IntoView {
    browser::every(std::time::Duration::from_secs(1), move || {
        let stale = notices.0.with_untracked(|notice| {
            notice.as_ref().is_some_and(|notice| {
                !notice.bad
                    && notice
                        .at
                        .zip(browser::now())
                        .is_some_and(|(at, now)| now - at > STAY)
            })
        });
        if stale {
            notices.0.set(None);
        }
    });
    let shown = memo(move || notices.0.with(Option::is_some));
    let bad = memo(move || {
        notices
            .0
            .with(|notice| notice.as_ref().is_some_and(|notice| notice.bad))
    });
    let sentence = move || {
        notices
            .0
            .with(|notice| notice.as_ref().map(|notice| notice.sentence.clone()))
    };
    view! {
        <div class="pointer-events-none fixed inset-x-4 bottom-4 z-20 flex justify-center sm:inset-x-6 sm:bottom-6">
            <div id=NOTICE class=text(move || if shown.get() { "notice" } else { "sr-only" })>
                // It is always there, so that what appears in it is announced.
                <div role="status" aria-label="Messages" class="min-w-0 wrap-anywhere" class:text-bad=bad>
                    {said(sentence)}
                </div>
                // Without JavaScript this loads the page afresh, and the message goes with the address.
                {either(
                    move || shown.get(),
                    move || view! {
                        <form method="get" class="contents" on:submit=move |event| {
                            event.prevent_default();
                            notices.0.set(None);
                        }>
                            <button type="submit" class="btn btn-quiet">"Dismiss"</button>
                        </form>
                    }.into_any(),
                    || {
                        browser::keep_focus(NOTICE, "main".to_owned());
                        ().into_any()
                    },
                )}
            </div>
        </div>
    }
}
