//! Numbers, sizes and spans in words. Pure: no clock, no locale.

use chrono::Duration;

/// A size as people say it, in decimal units: `46.1 kB`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
pub fn bytes(count: u64) -> String {
    if count < 1000 {
        return format!("{count} B");
    }
    let mut value = count as f64;
    let mut unit = "B";
    for next in ["kB", "MB", "GB", "TB"] {
        // 999.95 would read "1000.0": what rounds up moves up.
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    if value < 99.95 {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

/// A number with its thousands apart: `812,000`.
#[must_use]
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its noun: `1 log`, `2,000 logs`.
#[must_use]
pub fn count(number: i64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        thousands(number),
        if number == 1 { one } else { many }
    )
}

/// How long something took: `40 ms`, `8.4 s`, `2 min 5 s`, `1 h 5 min`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "below a minute")]
pub fn duration(span: Duration) -> String {
    let millis = span.num_milliseconds().max(0);
    match millis {
        0..100 => format!("{millis} ms"),
        100..9_950 => format!("{:.1} s", millis as f64 / 1000.0),
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

/// How long ago: `just now`, `3 s ago`, `2 min ago`.
#[must_use]
pub fn ago(span: Duration) -> String {
    match span.num_seconds() {
        ..2 => "just now".into(),
        seconds @ 2..60 => format!("{seconds} s ago"),
        seconds @ 60..3600 => format!("{} min ago", seconds / 60),
        seconds => format!("{} h ago", seconds / 3600),
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

/// The share of `done` in `total`, from 0 to 1.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "shown as whole per cent")]
pub fn share(done: i64, total: i64) -> f64 {
    if total <= 0 {
        0.0
    } else {
        (done as f64 / total as f64).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
