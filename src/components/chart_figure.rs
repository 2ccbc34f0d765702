//! A chart with all that belongs to it: what its textures stand for, and what it shows as a table, with the same links, for
//! keyboards, screen readers and everybody.

use leptos::prelude::*;

use super::{chart::Chart, format::thousands, reactive::fixed};

/// The whole of a chart.
#[must_use]
pub fn figure(chart: &Chart) -> AnyView {
    view! {
        <figure class="chart" aria-label=chart.title>
            {chart.legend()}
            {chart.drawing()}
            {table(chart)}
        </figure>
    }
    .into_any()
}

/// Closed at first.
fn table(chart: &Chart) -> AnyView {
    let several = chart.series.len() > 1;
    let heads = chart.series.iter().map(|series| {
        view! { <th scope="col" class="num">{capital(series.name)}</th> }
    });
    // The newest first, as everywhere else.
    let rows = chart.bars.iter().rev().map(|bar| {
        let parts = bar.parts.iter().map(|part| number(part.value, &part.leads));
        view! {
            <tr>
                <th scope="row">{fixed(&bar.label)}</th>
                {parts.collect_view()}
                {several.then(|| number(bar.total(), &bar.leads))}
            </tr>
        }
    });
    view! {
        <details>
            <summary>{format!("{} as a table", chart.title)}</summary>
            <table class="sums" aria-label=chart.title>
                <thead>
                    <tr>
                        <th scope="col">{chart.column}</th>
                        {heads.collect_view()}
                        {several.then(|| view! { <th scope="col" class="num">"All"</th> })}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </details>
    }
    .into_any()
}

/// A cell with a number that leads to what it counts.
#[must_use]
pub fn number(value: i64, leads: &str) -> AnyView {
    if value == 0 {
        return view! { <td class="num text-muted">"0"</td> }.into_any();
    }
    view! { <td class="num"><a class="link" href=leads.to_owned()>{thousands(value)}</a></td> }
        .into_any()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::chart::{Bar, Part, Series, Texture};

    #[test]
    fn a_chart_says_all_in_its_table_and_its_marks_lead_to_the_same() {
        let part = |value, leads: &str| Part {
            value,
            leads: leads.to_owned(),
        };
        let bar = |label: &str, parts: Vec<Part>| Bar {
            label: label.to_owned(),
            leads: format!("/all?{label}"),
            parts,
        };
        let chart = Chart {
            title: "Imports a day",
            column: "Day",
            series: vec![
                Series {
                    name: "succeeded",
                    texture: Texture::Good,
                },
                Series {
                    name: "failed, open",
                    texture: Texture::Hatched,
                },
            ],
            bars: vec![
                bar("25", vec![part(1200, "/a?x=1&y=2"), part(3, "/b")]),
                bar("26", vec![part(0, "/c"), part(0, "/d")]),
            ],
        };
        let html = figure(&chart).to_html();
        for once in [
            "25: 1,200 succeeded",
            "25: 3 failed, open",
            "Imports a day as a table",
            ">1,203<",
        ] {
            assert_eq!(html.matches(once).count(), 1, "{once}: {html}");
        }
        // As a mark, and in the table.
        for twice in ["href=\"/a?x=1&amp;y=2\"", "href=\"/b\""] {
            assert_eq!(html.matches(twice).count(), 2, "{twice}: {html}");
        }
        for never in ["\"/c\"", "\"/d\""] {
            assert!(!html.contains(never), "what is nothing leads nowhere");
        }
    }
}
