//! The pages, one file each: each loads, lays out, and delegates.

use leptos::prelude::*;

pub mod account;
pub mod accounts;
pub mod alerts;
pub mod api_docs;
pub mod audit;
pub mod checked;
pub mod coverage;
pub mod game;
pub mod import;
pub mod imports;
pub mod monitoring;
pub mod not_found;
pub mod results;
pub mod scheduler;
pub mod sign_in;
pub mod unavailable;

/// The pages that live in a browser. All others only read: they need no more than their document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LivePage {
    Scheduler,
}

impl LivePage {
    const ALL: [Self; 1] = [Self::Scheduler];

    /// Its name, in its document and its title.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scheduler => "Scheduler",
        }
    }

    /// The page of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.name() == name)
    }

    /// What it shows.
    pub fn view(self) -> AnyView {
        match self {
            Self::Scheduler => view! { <scheduler::SchedulerPage/> }.into_any(),
        }
    }
}
