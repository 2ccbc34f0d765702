//! Numbers, sizes and spans in words. Pure: no clock, no locale.

use chrono::Duration;

pub use crate::model::count::{count, thousands};

/// A size as people say it, in decimal units: `46.1 kB`. (Without floats: their formatting alone weighs 15 kB.)
#[must_use]
pub fn bytes(count: u64) -> String {
    if count < 1000 {
        return format!("{count} B");
    }
    let mut unit = 1;
    let mut names = ["kB", "MB", "GB", "TB", "PB", "EB"].into_iter();
    let mut name = "B";
    // 999,500 would read "1000 kB": what rounds up moves up.
    while count / unit >= 1000 || (unit > 1 && (count + unit / 2) / unit >= 1000) {
        unit *= 1000;
        name = names.next().unwrap_or("EB");
    }
    let tenth = unit / 10;
    let tenths = (count + tenth / 2) / tenth;
    if tenths < 1000 {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    } else {
        format!("{} {name}", (count + unit / 2) / unit)
    }
}

/// How long something took: `40 ms`, `8.4 s`, `2 min 5 s`, `1 h 5 min`.
#[must_use]
pub fn duration(span: Duration) -> String {
    let millis = span.num_milliseconds().max(0);
    match millis {
        0..100 => format!("{millis} ms"),
        100..9_950 => format!("{}.{} s", (millis + 50) / 1000, (millis + 50) % 1000 / 100),
        _ => whole(span),
    }
}

/// The same without fractions, for a number that changes while one looks at it: `8 s`, `2 min 5 s`.
#[must_use]
pub fn whole(span: Duration) -> String {
    let seconds = ((span.num_milliseconds() + 500) / 1000).max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// How long ago: `just now`, `3 s ago`, `2 min ago`, `5 h ago`, `3 days ago`.
#[must_use]
pub fn ago(span: Duration) -> String {
    match span.num_seconds() {
        ..2 => "just now".into(),
        seconds @ 2..60 => format!("{seconds} s ago"),
        seconds @ 60..3600 => format!("{} min ago", seconds / 60),
        seconds @ 3600..172_800 => format!("{} h ago", seconds / 3600),
        seconds => format!("{} days ago", seconds / 86_400),
    }
}

/// How soon: `now`, `in 40 s`, `in 2 min`, `in 3 h`.
#[must_use]
pub fn ahead(span: Duration) -> String {
    match span.num_seconds() {
        ..1 => "now".into(),
        seconds @ 1..60 => format!("in {seconds} s"),
        seconds @ 60..5400 => format!("in {} min", (seconds + 30) / 60),
        seconds @ 5400..172_800 => format!("in {} h", (seconds + 1800) / 3600),
        seconds => format!("in {} days", seconds / 86_400),
    }
}

/// A place in line: `1st`, `2nd`, `11th`.
#[must_use]
pub fn ordinal(number: i64) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// The share of `done` in `total`, in thousandths.
#[must_use]
pub fn share(done: i64, total: i64) -> i64 {
    if total <= 0 {
        return 0;
    }
    (done.clamp(0, total).saturating_mul(1000) / total).min(1000)
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
