//! A moment that may not have come yet.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{calendar, history_table::local};
use crate::model::history::Zone;

/// The moment as it is best told today, or "never".
#[must_use]
pub fn when_if_ever(at: Option<DateTime<Utc>>, zone: Zone) -> AnyView {
    let Some(at) = at else {
        return "never".into_any();
    };
    let shown = local(at, zone);
    view! {
        <time translate="no" datetime=calendar::machine(at) title=calendar::full(shown, zone.offset_minutes(at)) class="whitespace-nowrap tabular-nums">
            {calendar::moment(shown, zone.today)}
        </time>
    }
    .into_any()
}
