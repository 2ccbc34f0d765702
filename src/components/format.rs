//! Numbers, sizes, spans and times in words. Pure: no clock, no locale, no zone but the one given.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Timelike, Utc};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

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
    if value < 99.95 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
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
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
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

/// A day: `17 Nov`, with its year when that isn't `today`'s.
#[must_use]
pub fn day(date: NaiveDate, today: NaiveDate) -> String {
    let month = MONTHS[date.month0() as usize];
    if date.year() == today.year() {
        format!("{} {month}", date.day())
    } else {
        format!("{} {month} {}", date.day(), date.year())
    }
}

/// A span of days, saying nothing twice: `17–23 Nov`, `28 Oct – 3 Nov`.
#[must_use]
pub fn days(start: NaiveDate, end: NaiveDate, today: NaiveDate) -> String {
    if start == end {
        day(start, today)
    } else if (start.year(), start.month()) == (end.year(), end.month()) {
        format!("{}–{}", start.day(), day(end, today))
    } else if start.year() == end.year() {
        format!("{} {} – {}", start.day(), MONTHS[start.month0() as usize], day(end, today))
    } else {
        // Across a year's end both years are needed: pretend that today is in neither.
        format!("{} – {}", day(start, NaiveDate::MIN), day(end, NaiveDate::MIN))
    }
}

/// `14:35`.
#[must_use]
pub fn hour_minute(time: NaiveDateTime) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

/// `14:32:51`.
#[must_use]
pub fn hour_minute_second(time: NaiveDateTime) -> String {
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// A moment as it is best told today: `14:32:51`, `Yesterday 18:20`, `17 Nov 18:20`, `17 Nov 2025`.
#[must_use]
pub fn moment(time: NaiveDateTime, today: NaiveDate) -> String {
    let date = time.date();
    if date == today {
        hour_minute_second(time)
    } else if Some(date) == today.pred_opt() {
        format!("Yesterday {}", hour_minute(time))
    } else if date.year() == today.year() {
        format!("{} {}", day(date, today), hour_minute(time))
    } else {
        day(date, today)
    }
}

/// A moment whole: `Mon 23 Nov 2026, 14:32:51 UTC+7`.
#[must_use]
pub fn full(time: NaiveDateTime, offset_minutes: i64) -> String {
    let zone = match (offset_minutes, offset_minutes.abs() / 60, offset_minutes.abs() % 60) {
        (0, ..) => "UTC".to_owned(),
        (offset, hours, minutes) => {
            let sign = if offset < 0 { '−' } else { '+' };
            let minutes = if minutes == 0 { String::new() } else { format!(":{minutes:02}") };
            format!("UTC{sign}{hours}{minutes}")
        }
    };
    format!(
        "{} {}, {} {zone}",
        time.weekday(),
        day(time.date(), NaiveDate::MIN),
        hour_minute_second(time)
    )
}

/// A moment for machines: `2026-11-23T14:32:51Z`.
#[must_use]
pub fn machine(at: DateTime<Utc>) -> String {
    format!("{}T{}Z", at.date_naive(), hour_minute_second(at.naive_utc()))
}

/// The share of `done` in `total`, from 0 to 1.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "shown as whole per cent")]
pub fn share(done: i64, total: i64) -> f64 {
    if total <= 0 { 0.0 } else { (done as f64 / total as f64).clamp(0.0, 1.0) }
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
