//! Stories in words: which import each value came from.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::{calendar, history_table::local};
use crate::model::{
    count::count,
    history::Zone,
    story::{Happened, Part},
};

/// What is said of values from before imports were kept track of.
pub const BEFORE: &str = "from before NumWatch kept track of it";

/// Of a longer story the latest parts are told, beside the first: so many in all.
const TOLD: usize = 20;

/// An import by its number, which leads to it while its log stands.
#[must_use]
pub fn import_link(import: i32, stands: bool) -> AnyView {
    if stands {
        view! { <a class="link" href=format!("/imports/{import}")>{format!("#{import}")}</a> }
            .into_any()
    } else {
        view! { <span>{format!("#{import} (its log was removed)")}</span> }.into_any()
    }
}

/// A story in a sentence. `said` tells the values; of a story with a single part only where it comes from is told.
/// `logged` are the imports whose logs still stand.
pub fn sentence<V>(
    story: &[Part<V>],
    logged: &BTreeSet<i32>,
    zone: Zone,
    said: impl Fn(&V) -> String,
) -> AnyView {
    let is_short = story.len() == 1;
    let untold = story.len().saturating_sub(TOLD);
    let parts = story.iter().enumerate();
    let parts = parts.filter(|(nth, _)| *nth == 0 || *nth > untold).map(|(nth, part)| {
        let between = (nth > 0).then_some("; ");
        let gap = (nth > 0 && nth == untold + 1 && untold > 0).then(|| {
            let changes = i64::try_from(untold).unwrap_or(i64::MAX);
            format!("{} that are not told here; ", count(changes, "change", "changes"))
        });
        let values = view! { <span translate="no" class="tabular-nums">{said(&part.values)}</span> };
        let link = |import: i32| import_link(import, logged.contains(&import));
        let at = part.at.map(|at| {
            let (local, ahead) = (local(at, zone), zone.offset_minutes(at));
            view! {
                ", "
                <time translate="no" class="whitespace-nowrap" datetime=calendar::machine(at) title=calendar::full(local, ahead)>
                    {calendar::moment(local, zone.today)}
                </time>
            }
        });
        let told = match part.happened {
            Happened::Created(None) if is_short => BEFORE.into_any(),
            Happened::Created(Some(import)) if is_short => ("from ", link(import)).into_any(),
            Happened::Created(None) => (values, ", ", BEFORE).into_any(),
            Happened::Created(Some(import)) | Happened::Changed(import) => {
                (values, ", from ", link(import), at).into_any()
            }
            Happened::PutBack(import) => {
                ("put back to ", values, ": ", link(import), " was undone", at).into_any()
            }
        };
        (between, gap, told)
    });
    view! { <span class="wrap-anywhere">{parts.collect_view()}</span> }.into_any()
}
