//! Charts, drawn on the server: data in, SVG out. What they show stands in a table as well, with the same links: marks are
//! small, and for pointers only.

use leptos::prelude::*;

use super::{
    chart_scale::{HEIGHT, LEAST, round_top, stacked},
    format::thousands,
};

/// Of a bar, and of a bar with the gap beside it. Both stretch with the chart.
const BAR: usize = 8;
const STEP: usize = 10;

/// So many bars have each its label below.
const LABELLED: usize = 8;

/// How a part of a bar is drawn: in a colour, and with a pattern for those who don't see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texture {
    Good,
    Stripes,
    Hatched,
    Hollow,
    Plain,
}

impl Texture {
    const fn fill(self) -> &'static str {
        match self {
            Self::Good => "var(--chart-good)",
            Self::Stripes => "url(#chart-stripes)",
            Self::Hatched => "url(#chart-hatched)",
            Self::Hollow => "var(--panel)",
            Self::Plain => "var(--bar)",
        }
    }

    const fn stroke(self) -> &'static str {
        match self {
            Self::Good => "var(--chart-good)",
            Self::Stripes => "var(--chart-settled)",
            Self::Hatched => "var(--bad)",
            Self::Hollow | Self::Plain => "var(--bar)",
        }
    }
}

/// What bars are made of.
#[derive(Clone, Copy, Debug)]
pub struct Series {
    pub name: &'static str,
    pub texture: Texture,
}

/// A part of a bar: how much it is, and where that leads.
#[derive(Clone, Debug)]
pub struct Part {
    pub value: i64,
    pub leads: String,
}

/// A bar, with a part of each series.
#[derive(Clone, Debug)]
pub struct Bar {
    pub label: String,
    pub parts: Vec<Part>,
    /// Where all of it leads.
    pub leads: String,
}

impl Bar {
    /// Of all its parts.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.parts.iter().map(|part| part.value).sum()
    }
}

/// Bars beside each other, each of parts that stand on top of each other.
#[derive(Clone, Debug)]
pub struct Chart {
    /// What it shows: `Imports a day`.
    pub title: &'static str,
    /// What a bar stands for: `Day`.
    pub column: &'static str,
    pub series: Vec<Series>,
    pub bars: Vec<Bar>,
}

/// The patterns of all charts of a page.
#[must_use]
pub fn patterns() -> AnyView {
    view! {
        <svg width="0" height="0" class="absolute" aria-hidden="true">
            <defs>
                <pattern id="chart-stripes" width="4" height="4" patternUnits="userSpaceOnUse">
                    <rect width="4" height="4" fill="var(--panel)"></rect>
                    <rect width="4" height="2" fill="var(--chart-settled)"></rect>
                </pattern>
                <pattern id="chart-hatched" width="4" height="4" patternUnits="userSpaceOnUse">
                    <rect width="4" height="4" fill="var(--bad)"></rect>
                    <path d="M-1 1 1-1M0 4 4 0M3 5 5 3" stroke="var(--panel)" stroke-width="0.8"></path>
                </pattern>
            </defs>
        </svg>
    }
    .into_any()
}

impl Chart {
    /// What its textures stand for; nothing where there is but one.
    #[must_use]
    pub fn legend(&self) -> AnyView {
        if self.series.len() < 2 {
            return ().into_any();
        }
        let series = self.series.iter().map(|series| {
            view! {
                <li>
                    <svg width="14" height="14" aria-hidden="true">{shape(series.texture, 1, 1, 12, 12)}</svg>
                    {series.name}
                </li>
            }
        });
        view! { <ul class="legend">{series.collect_view()}</ul> }.into_any()
    }

    /// The bars, with their scale.
    #[must_use]
    pub fn drawing(&self) -> AnyView {
        let top = round_top(self.bars.iter().map(Bar::total).max().unwrap_or_default());
        let width = self.bars.len() * STEP;
        let grid = [0, HEIGHT / 2, HEIGHT].map(|y| {
            view! { <line x1="0" x2=width y1=y y2=y stroke="var(--line)" vector-effect="non-scaling-stroke"></line> }
        });
        let bars = self.bars.iter().enumerate();
        let bars = bars.flat_map(|(nth, bar)| self.marks(nth, bar, top));
        let bars = bars.collect_view();
        // Half of an odd number says nothing.
        let middle = (top % 2 == 0).then(|| thousands(top / 2));
        let labels = self.bars.iter().map(|bar| bar.label.as_str());
        let labels: Vec<&str> = labels.collect();
        // Where there is no room for all, those at the ends and in the middle.
        let (class, labels) = match *labels {
            [first, .., last] if labels.len() > LABELLED => {
                ("ticks", vec![first, labels[(labels.len() - 1) / 2], last])
            }
            _ => ("ticks ticks-each", labels),
        };
        let labels = labels
            .into_iter()
            .map(|label| view! { <span>{label.to_owned()}</span> });
        view! {
            <div class="axes">
                <div class="scale" aria-hidden="true">
                    <span>{thousands(top)}</span>
                    <span>{middle}</span>
                    <span>"0"</span>
                </div>
                <svg role="group" aria-label=format!("{}, drawn", self.title) viewBox=format!("0 0 {width} {HEIGHT}") preserveAspectRatio="none">
                    {grid.collect_view()}
                    {bars}
                </svg>
                <div class=class aria-hidden="true">{labels.collect_view()}</div>
            </div>
        }
        .into_any()
    }

    /// The parts of a bar, from the bottom up.
    fn marks(&self, nth: usize, bar: &Bar, top: i64) -> Vec<AnyView> {
        let values: Vec<i64> = bar.parts.iter().map(|part| part.value).collect();
        let parts = bar
            .parts
            .iter()
            .zip(&self.series)
            .zip(stacked(&values, top));
        let shown = parts.filter(|((part, _), _)| part.value > 0);
        let marks = shown.map(|((part, series), (y, height))| {
            let says = Self::says(bar, *series, part.value);
            view! {
                <a href=part.leads.clone() tabindex="-1">
                    <title>{says}</title>
                    {shape(series.texture, nth * STEP + (STEP - BAR) / 2, y, BAR, height)}
                </a>
            }
            .into_any()
        });
        marks.collect()
    }

    /// `12 Nov: 3 failed, open`.
    fn says(bar: &Bar, series: Series, value: i64) -> String {
        let Bar { label, .. } = bar;
        format!("{label}: {} {}", thousands(value), series.name)
    }
}

/// A bar that lies, as long as its share of the longest.
#[must_use]
pub fn share(value: i64, longest: i64) -> AnyView {
    let width = super::format::share(value, longest).max(LEAST);
    view! {
        <svg class="share" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
            <rect width=width height="8" fill="var(--bar)"></rect>
        </svg>
    }
    .into_any()
}

fn shape(texture: Texture, x: usize, y: i64, width: usize, height: i64) -> AnyView {
    view! {
        <rect
            x=x
            y=y
            width=width
            height=height
            fill=texture.fill()
            stroke=texture.stroke()
            vector-effect="non-scaling-stroke"
        ></rect>
    }
    .into_any()
}
