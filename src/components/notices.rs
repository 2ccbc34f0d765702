//! What actions came to, announced.

use chrono::{DateTime, Duration, Utc};
use leptos::prelude::*;

use super::{
    clock::SECOND,
    reactive::{either, memo, said, text},
};
use crate::{
    browser,
    model::{
        asked::Asked,
        import_log::{ImportLog, ImportStatus},
    },
    server_fns::on_rows::ON_ROWS,
};

/// How long a message stays, once what it says is over.
const STAY: Duration = Duration::seconds(12);

/// The element that holds the message and its button.
const NOTICE: &str = "notice";

/// What there is to announce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    sentence: String,
    /// The import that it is about: the message follows it to its end.
    import: Option<i32>,
}

impl News {
    /// Of an import that goes on.
    #[must_use]
    pub fn of_import(id: i32, sentence: String) -> Self {
        Self {
            sentence,
            import: Some(id),
        }
    }

    /// An import has begun.
    #[must_use]
    pub fn started(id: i32) -> Self {
        Self::of_import(id, format!("Import #{id} started."))
    }
}

impl<T: Into<String>> From<T> for News {
    fn from(sentence: T) -> Self {
        Self {
            sentence: sentence.into(),
            import: None,
        }
    }
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Notice {
    news: News,
    bad: bool,
    /// Since when what it says is over; none for what the address says.
    at: Option<DateTime<Utc>>,
    /// It says how its import ended.
    is_end: bool,
}

/// The latest message, for all who have one.
#[derive(Clone, Copy)]
pub struct Notices(RwSignal<Option<Notice>>);

impl Notices {
    /// Begins with what the address says of a row's form that failed without JavaScript: which row it was, it can't say.
    #[must_use]
    pub fn start() -> Self {
        let asked = use_context::<Asked>().unwrap_or_default();
        let failed = ON_ROWS
            .into_iter()
            .find_map(|path| asked.why_refused(path))
            .map(|sentence| Notice {
                news: sentence.into(),
                bad: true,
                at: None,
                is_end: false,
            });
        Self(RwSignal::new(failed))
    }

    /// Announces that something worked.
    pub fn tell(self, news: News) {
        self.0.try_set(Some(Notice {
            news,
            bad: false,
            at: browser::now(),
            is_end: false,
        }));
    }

    /// The import of the message, while its end isn't known.
    fn followed(self) -> Option<i32> {
        self.0.with_untracked(|notice| {
            let notice = notice.as_ref().filter(|notice| !notice.is_end)?;
            notice.news.import
        })
    }

    /// Whether the message says what becomes of this import, so that nobody else needs to.
    #[must_use]
    pub fn tell_of(self, import: i32) -> bool {
        self.0
            .with_untracked(|notice| notice.as_ref()?.news.import)
            .is_some_and(|told| told == import)
    }

    /// Keeps the message while its import runs, and then says how that ended.
    pub fn follow(self, logs: &[ImportLog]) {
        let followed = self.followed();
        let Some(log) = logs.iter().find(|log| Some(log.id) == followed) else {
            return;
        };
        let at = browser::now();
        if log.status == ImportStatus::Running {
            self.0.update_untracked(|notice| {
                if let Some(notice) = notice {
                    notice.at = at;
                }
            });
        } else {
            self.0.set(Some(Notice {
                news: News::of_import(log.id, log.ending()),
                bad: log.status == ImportStatus::Failed,
                at,
                is_end: true,
            }));
        }
    }
}

/// The region that announces them, at the foot of the window: nothing moves for it.
#[component]
pub fn NoticeRegion(notices: Notices) -> impl IntoView {
    browser::every(SECOND, move || {
        let stale = notices.0.with_untracked(|notice| {
            notice.as_ref().is_some_and(|notice| {
                notice
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
            .with(|notice| Some(notice.as_ref()?.news.sentence.clone()))
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
