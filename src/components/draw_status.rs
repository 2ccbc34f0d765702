//! What a draw came to. Almost all are completed, which is no more than a word; what is an exception stands out, with a shape
//! for those who see no colours.

use leptos::prelude::*;

use super::differences::status_in_words;
use crate::model::game::ResultStatus;

/// The status, with its shape.
#[must_use]
pub fn draw_status(status: ResultStatus) -> AnyView {
    let (class, shape) = match status {
        ResultStatus::Completed => (
            "inline-flex items-center gap-1.5 text-good",
            "M2.5 6.5 5 9l4.5-6",
        ),
        ResultStatus::Waiting => (
            "badge bg-amber-100 text-amber-900 dark:bg-amber-950 dark:text-amber-200",
            "M6 3v3.2l2 1.3M6 1.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6",
        ),
        ResultStatus::Cancelled => (
            "badge bg-slate-200 text-slate-800 dark:bg-slate-700 dark:text-slate-100",
            "m3 3 6 6m0-6-6 6",
        ),
        ResultStatus::NoResult => (
            "badge bg-slate-200 text-slate-800 dark:bg-slate-700 dark:text-slate-100",
            "M3 6h6",
        ),
    };
    view! {
        <span class=class>
            <svg
                viewBox="0 0 12 12"
                class="size-3 shrink-0"
                fill="none"
                stroke="currentColor"
                stroke-width="1.6"
                stroke-linecap="round"
                stroke-linejoin="round"
                aria-hidden="true"
            >
                <path d=shape></path>
            </svg>
            {status_in_words(status)}
        </span>
    }
    .into_any()
}
