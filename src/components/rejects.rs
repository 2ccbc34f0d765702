//! The records that an import went on without, a page at a time.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{calendar, format, reactive::fixed};
use crate::model::{import_log::ImportReject, rejects::RejectsPage, visible::visible};

/// Which of them are shown, of how many.
fn which(page: &RejectsPage, all: i64) -> String {
    let shown = i64::try_from(page.rejects.len()).unwrap_or(i64::MAX);
    if shown == all {
        return format::count(all, "record was rejected.", "records were rejected.");
    }
    let (first, last) = (page.before + 1, page.before + shown);
    let [first, last, kept] = [first, last, page.kept].map(format::thousands);
    let these = format!("{first} to {last} of {kept}.");
    if page.kept < all {
        let all = format::thousands(all);
        format!(
            "{these} {all} records were rejected: the first {kept} are kept, the others are only counted."
        )
    } else {
        these
    }
}

/// A record as it can be read: it may be written on many lines.
fn shown(record: &str) -> String {
    let words: Vec<_> = record.split_ascii_whitespace().map(visible).collect();
    words.join(" ")
}

/// One of them: where it stood, why it was rejected, and what it says.
#[must_use]
pub fn item(reject: &ImportReject, today: NaiveDate) -> AnyView {
    let day = reject
        .date
        .map(|date| calendar::day(date, today) + ", ")
        .unwrap_or_default();
    let place = format!(
        "{day}{} {}: ",
        reject.section,
        format::thousands(reject.position)
    );
    view! {
        <li>
            <p class="wrap-anywhere">
                <span class="text-muted tabular-nums">{fixed(&place)}</span>
                {fixed(&visible(&reject.reason))}
            </p>
            <code class="block text-xs text-muted wrap-anywhere" translate="no">{fixed(&shown(&reject.record))}</code>
        </li>
    }
    .into_any()
}

/// A page of them, with the ways to the others and to all of them as a file.
#[component]
pub fn Rejects(
    id: i32,
    /// How many there were, kept or not.
    all: i32,
    page: RejectsPage,
    today: NaiveDate,
) -> impl IntoView {
    let which = which(&page, all.into());
    let end = page.before + i64::try_from(page.rejects.len()).unwrap_or(i64::MAX);
    let address = |name, place: Option<&(i64, ImportReject)>| {
        place.map(|(place, _)| format!("/imports/{id}?{name}={place}#rejects"))
    };
    let earlier = address(
        "rejects_before",
        page.rejects.first().filter(|_| page.before > 0),
    );
    let later = address(
        "rejects_after",
        page.rejects.last().filter(|_| end < page.kept),
    );
    let pages = (earlier.is_some() || later.is_some()).then(|| {
        let earlier = earlier.map(|to| view! { <a class="btn" rel="prev" href=to>"Earlier"</a> });
        let later = later.map(|to| view! { <a class="btn ml-auto" rel="next" href=to>"Later"</a> });
        view! { <nav aria-label="Pages of rejected records" class="flex gap-2">{earlier}{later}</nav> }
    });
    let items = page
        .rejects
        .into_iter()
        .map(|(_, reject)| item(&reject, today));
    let file = |kind| format!("/import-logs/{id}/rejects.{kind}");
    view! {
        <section class="panel card scroll-mt-20" id="rejects">
            <div class="flex flex-wrap items-center gap-2">
                <h2>"Rejected"</h2>
                <div class="ml-auto flex gap-2">
                    <a class="btn" href=file("csv") download="" rel="external">"Download CSV"</a>
                    <a class="btn" href=file("ndjson") download="" rel="external">"NDJSON"</a>
                </div>
            </div>
            <p class="hint">{which}</p>
            <ul class="grid gap-2">{items.collect_view()}</ul>
            {pages}
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(shown: usize, before: i64, kept: i64) -> RejectsPage {
        let reject = ImportReject {
            section: "results".into(),
            position: 1,
            date: None,
            reason: "odd".into(),
            record: "{}".into(),
        };
        RejectsPage {
            rejects: vec![(1, reject); shown],
            before,
            kept,
        }
    }

    #[test]
    fn it_says_which_are_shown_and_how_many_are_kept() {
        assert_eq!(which(&page(1, 0, 1), 1), "1 record was rejected.");
        assert_eq!(which(&page(100, 100, 1000), 1000), "101 to 200 of 1,000.");
        assert_eq!(
            which(&page(100, 9_900, 10_000), 12_000),
            "9,901 to 10,000 of 10,000. 12,000 records were rejected: the first 10,000 are kept, the others are only counted."
        );
    }
}
