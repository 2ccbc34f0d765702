//! An import's status: the seed's colours, and a shape for those who don't see them. What somebody stopped is no
//! breakdown: it says so, in a colour of no alarm.

use leptos::prelude::*;

use super::reactive::{text, words};
use crate::model::import_log::ImportStatus;

/// A pill with a shape and a word.
#[component]
pub fn StatusBadge(
    #[prop(into)] status: Signal<ImportStatus>,
    /// It failed because somebody stopped it.
    #[prop(optional, into)]
    cancelled: Signal<bool>,
) -> impl IntoView {
    let colours = move || match status.get() {
        ImportStatus::Failed if cancelled.get() => {
            "badge bg-slate-200 text-slate-800 dark:bg-slate-700 dark:text-slate-100"
        }
        ImportStatus::Success => {
            "badge bg-green-100 text-green-800 dark:bg-green-900 dark:text-green-200"
        }
        ImportStatus::Failed => "badge bg-red-100 text-red-800 dark:bg-red-900 dark:text-red-200",
        ImportStatus::Running => {
            "badge bg-blue-100 text-blue-800 dark:bg-blue-900 dark:text-blue-200"
        }
    };
    let shape = move || match status.get() {
        ImportStatus::Success => "M2.5 6.5 5 9l4.5-6",
        ImportStatus::Failed if cancelled.get() => "M3 6h6",
        ImportStatus::Failed => "m3 3 6 6m0-6-6 6",
        ImportStatus::Running => "M6 1.5a4.5 4.5 0 1 0 4.5 4.5",
    };
    let drawing = move || match status.get() {
        ImportStatus::Running => "size-3 shrink-0 motion-safe:animate-spin",
        _ => "size-3 shrink-0",
    };
    view! {
        <span class=text(colours)>
            <svg
                viewBox="0 0 12 12"
                class=text(drawing)
                fill="none"
                stroke="currentColor"
                stroke-width="1.8"
                stroke-linecap="round"
                stroke-linejoin="round"
                aria-hidden="true"
            >
                <path d=text(shape)></path>
            </svg>
            {words(move || if cancelled.get() { "cancelled" } else { status.get().as_str() })}
        </span>
    }
}
