//! Dates and instants, read by hand: chrono's general parsers would take a third of the decoder's time.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// Reads `2025-06-22`.
pub fn date(text: &str) -> Option<NaiveDate> {
    match text.as_bytes() {
        [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] => {
            civil(&[*y1, *y2, *y3, *y4], &[*m1, *m2], &[*d1, *d2])
        }
        _ => None,
    }
}

/// Writes `20250622`, the form that ends a game code, as `2025-06-22`; nothing says yet that there is such a day.
pub fn dashed(digits: &str) -> Option<String> {
    let all_digits = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..]))
}

/// Reads `20250622`, the form that ends a game code.
pub fn compact_date(text: &str) -> Option<NaiveDate> {
    match text.as_bytes() {
        [year @ .., m1, m2, d1, d2] if year.len() == 4 => civil(year, &[*m1, *m2], &[*d1, *d2]),
        _ => None,
    }
}

/// Reads an RFC 3339 instant; also one with a space for the `T`, and one without a zone, which is UTC.
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    let (day, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, rest) = rest.split_at_checked(8)?;
    let (nanos, zone) = fraction(rest)?;
    let local = NaiveDateTime::new(date(day)?, time(clock, nanos)?);
    let utc = local.checked_sub_offset(offset(zone)?)?.and_utc();
    // A zone can push the last day of the year 9999 to where PostgreSQL's text form differs.
    (1..=9999).contains(&utc.year()).then_some(utc)
}

fn civil(year: &[u8], month: &[u8], day: &[u8]) -> Option<NaiveDate> {
    let year = i32::try_from(number(year)?).ok()?;
    // chrono has a year 0, PostgreSQL has none.
    if year == 0 {
        return None;
    }
    NaiveDate::from_ymd_opt(year, number(month)?, number(day)?)
}

fn time(clock: &str, nanos: u32) -> Option<NaiveTime> {
    match clock.as_bytes() {
        [h1, h2, b':', m1, m2, b':', s1, s2] => NaiveTime::from_hms_nano_opt(
            number(&[*h1, *h2])?,
            number(&[*m1, *m2])?,
            number(&[*s1, *s2])?,
            nanos,
        ),
        _ => None,
    }
}

/// Splits `.123456+00:00` into nanoseconds and zone. Digits past the ninth are dropped.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(tail) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
    let (fraction, zone) = tail.split_at(digits);
    let kept = &fraction.as_bytes()[..digits.min(9)];
    if kept.is_empty() {
        return None;
    }
    let scale = (kept.len()..9).fold(1, |scale, _| scale * 10);
    Some((number(kept)? * scale, zone))
}

/// Reads `Z`, `+07:00`, `+0700`, `+07` or nothing at all, which is UTC.
fn offset(zone: &str) -> Option<FixedOffset> {
    let (sign, digits) = match zone.as_bytes() {
        [] | [b'Z' | b'z'] => return FixedOffset::east_opt(0),
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits {
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (number(&[*h1, *h2])?, number(&[*m1, *m2])?),
        [h1, h2] => (number(&[*h1, *h2])?, 0),
        _ => return None,
    };
    if minutes > 59 {
        return None;
    }
    FixedOffset::east_opt(sign * i32::try_from(hours * 3600 + minutes * 60).ok()?)
}

/// The number that at most nine ASCII digits write; `None` if one of them is no digit.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u32::from(digit - b'0'))
    })
}
