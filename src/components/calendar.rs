//! Days and moments in words. Pure: no clock, no locale, no zone but the one given.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

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

/// The day that a date field holds (HTML Standard §2.3.5.2); none when it is empty or no day.
#[must_use]
pub fn read_day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.splitn(3, '-');
    let mut next = || parts.next()?.parse::<u32>().ok();
    let (year, month, day) = (next()?, next()?, next()?);
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// The name of a month, which are counted from 0.
#[must_use]
pub fn month_name(month0: u32) -> &'static str {
    MONTHS.get(month0 as usize).copied().unwrap_or_default()
}

/// A month: `Nov 2025`.
#[must_use]
pub fn month(date: NaiveDate) -> String {
    format!("{} {}", MONTHS[date.month0() as usize], date.year())
}

/// A span of days, saying nothing twice: `17–23 Nov`, `28 Oct – 3 Nov`.
#[must_use]
pub fn days(start: NaiveDate, end: NaiveDate, today: NaiveDate) -> String {
    if start == end {
        day(start, today)
    } else if (start.year(), start.month()) == (end.year(), end.month()) {
        format!("{}–{}", start.day(), day(end, today))
    } else if start.year() == end.year() {
        format!(
            "{} {} – {}",
            start.day(),
            MONTHS[start.month0() as usize],
            day(end, today)
        )
    } else {
        // Across a year's end both years are needed: pretend that today is in neither.
        format!(
            "{} – {}",
            day(start, NaiveDate::MIN),
            day(end, NaiveDate::MIN)
        )
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
    format!(
        "{:02}:{:02}:{:02}",
        time.hour(),
        time.minute(),
        time.second()
    )
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
    let zone = match (
        offset_minutes,
        offset_minutes.abs() / 60,
        offset_minutes.abs() % 60,
    ) {
        (0, ..) => "UTC".to_owned(),
        (offset, hours, minutes) => {
            let sign = if offset < 0 { '−' } else { '+' };
            let minutes = if minutes == 0 {
                String::new()
            } else {
                format!(":{minutes:02}")
            };
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
    format!(
        "{}T{}Z",
        at.date_naive(),
        hour_minute_second(at.naive_utc())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn time(text: &str) -> NaiveDateTime {
        text.parse().expect("a time")
    }

    #[test]
    fn a_date_field_is_read() {
        assert_eq!(read_day("2026-11-23"), Some(date("2026-11-23")));
        for none in ["", "2026-02-30", "2026-11", "23 Nov", "2026-11-23T00:00"] {
            assert_eq!(read_day(none), None, "{none}");
        }
    }

    #[test]
    fn spans_of_days_say_nothing_twice() {
        let today = date("2026-11-23");
        assert_eq!(days(date("2026-11-23"), today, today), "23 Nov");
        assert_eq!(days(date("2026-11-17"), today, today), "17–23 Nov");
        assert_eq!(
            days(date("2026-10-28"), date("2026-11-03"), today),
            "28 Oct – 3 Nov"
        );
        assert_eq!(
            days(date("2025-10-28"), date("2025-11-03"), today),
            "28 Oct – 3 Nov 2025"
        );
        assert_eq!(
            days(date("2025-12-28"), date("2026-01-03"), today),
            "28 Dec 2025 – 3 Jan 2026"
        );
    }

    #[test]
    fn moments_as_told_today() {
        let today = date("2026-11-23");
        assert_eq!(moment(time("2026-11-23T14:32:51"), today), "14:32:51");
        assert_eq!(
            moment(time("2026-11-22T18:20:00"), today),
            "Yesterday 18:20"
        );
        assert_eq!(moment(time("2026-11-17T08:05:00"), today), "17 Nov 08:05");
        assert_eq!(moment(time("2025-11-17T08:05:00"), today), "17 Nov 2025");
        assert_eq!(
            full(time("2026-11-23T14:32:51"), 420),
            "Mon 23 Nov 2026, 14:32:51 UTC+7"
        );
        assert_eq!(
            full(time("2026-11-23T14:32:51"), -210),
            "Mon 23 Nov 2026, 14:32:51 UTC−3:30"
        );
        assert_eq!(
            machine(time("2026-11-23T14:32:51").and_utc()),
            "2026-11-23T14:32:51Z"
        );
    }
}
