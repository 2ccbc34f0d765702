//! The audit's lines, and the ways to its other pages.

use leptos::prelude::*;

use super::{
    about::door_in_words,
    audit_words::{details, lines, sentence, who},
    calendar,
    history_table::{Pager, local},
    reactive::fixed,
};
use crate::model::{
    audit::{AuditLine, Found},
    history::{COUNTED, Zone},
};

/// The lines.
#[component]
pub fn AuditTable(found: Found, filtered: bool, zone: Zone) -> impl IntoView {
    let matches = lines(found.matches, COUNTED);
    let content = if found.slice.lines.is_empty() {
        nothing(&found, filtered)
    } else {
        let rows = found.slice.lines.iter().map(|line| row(line, zone));
        rows_as_table(rows.collect_view().into_any())
    };
    let pager = view! { <Pager label="Pages of the audit" newer=found.newer older=found.older/> };
    view! {
        <section class="panel" aria-labelledby="audit-heading">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4.5 py-3.5">
                <h2 id="audit-heading">"Lines"</h2>
                <span class="text-[13px] text-muted">{matches}" · times and days of "<span translate="no">{zone.in_words()}</span></span>
                <div class="ml-auto flex flex-wrap gap-2">
                    <a class="btn" href=found.csv download="" rel="external">"Download CSV"</a>
                    <a class="btn" href=found.ndjson download="" rel="external">"Download NDJSON"</a>
                </div>
            </div>
            {content}
            {pager}
        </section>
    }
}

fn rows_as_table(rows: AnyView) -> AnyView {
    view! {
        <table class="imports" aria-labelledby="audit-heading">
            <thead>
                <tr>
                    <th scope="col" class="w-36">"When"</th>
                    <th scope="col" class="w-64">"Who"</th>
                    <th scope="col">"What"</th>
                    <th scope="col" class="w-72">"From where"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(line: &AuditLine, zone: Zone) -> AnyView {
    let at = local(line.at, zone);
    let (name, kind) = who(line);
    let refused = line
        .refused
        .then(|| view! { <span class="badge badge-odd">"refused"</span> });
    let import = line.import_id.map(|id| {
        view! { <a class="link" href=format!("/imports/{id}")>{format!("import #{id}")}</a> }
    });
    let details = details(&line.detail, zone.today).join(" · ");
    let dot = (import.is_some() && !details.is_empty()).then_some(" · ");
    let more = (import.is_some() || !details.is_empty()).then(|| {
        view! { <p class="tiny max-w-[60ch] wrap-anywhere">{import}{dot}{fixed(&details)}</p> }
    });
    let address = line.address.clone();
    view! {
        <tr id=format!("line-{}", line.id)>
            <td class="c-started">
                <time translate="no" datetime=calendar::machine(line.at) title=calendar::full(at, zone.offset_minutes(line.at)) class="whitespace-nowrap tabular-nums">
                    {calendar::moment(at, zone.today)}
                </time>
            </td>
            <td class="c-status">
                <div class="min-w-0">
                    <p class="font-[550] wrap-anywhere" translate="no">{fixed(&name)}</p>
                    {kind.map(|kind| view! { <p class="tiny">{kind}</p> })}
                </div>
                {refused}
            </td>
            <th scope="row" class="c-file">
                <p class="font-[550]">{sentence(line)}</p>
                {more}
            </th>
            <td class="c-type wrap-anywhere max-lg:max-w-52 max-lg:whitespace-normal">
                {door_in_words(line.door)}
                {address.map(|address| view! { <p class="tiny" translate="no">{fixed(&address)}</p> })}
            </td>
        </tr>
    }
    .into_any()
}

/// Why there are no lines.
fn nothing(found: &Found, filtered: bool) -> AnyView {
    let (says, way) = if found.matches > 0 {
        (
            "There are no lines on this page.",
            Some(("Show the newest", found.newest.clone())),
        )
    } else if filtered {
        (
            "No line matches these filters.",
            Some(("Show the whole audit", "/audit".to_owned())),
        )
    } else {
        ("Nothing was noted yet.", None)
    };
    let way = way.map(|(leads, address)| {
        view! { <p class="mt-3"><a class="btn" href=address>{leads}</a></p> }
    });
    view! {
        <div class="px-4.5 py-10 text-center">
            <p class="font-semibold">{says}</p>
            {way}
        </div>
    }
    .into_any()
}
