//! The hand-written readers of dates and instants, against chrono's.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Utc};
use proptest::prelude::*;

use crate::server::importer::decode::instant::{compact_date, date, instant};

fn utc(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|instant| instant.to_utc())
}

#[test]
fn a_missing_zone_is_utc() {
    let expected = utc("2025-06-27T03:11:09.123456Z");
    assert_eq!(instant("2025-06-27T03:11:09.123456"), expected);
    assert_eq!(instant("2025-06-27 03:11:09.123456+00:00"), expected);
    assert_eq!(instant("2025-06-27T10:11:09.123456+0700"), expected);
    assert_eq!(instant("2025-06-26T20:11:09.123456-07"), expected);
}

proptest! {
    #[test]
    fn dates_are_read_as_chrono_reads_them(days in 1..3_652_059_i32) {
        let expected = NaiveDate::from_num_days_from_ce_opt(days);
        let text = expected.map(|date| date.to_string()).unwrap_or_default();
        prop_assert_eq!(date(&text), expected);
        prop_assert_eq!(compact_date(&text.replace('-', "")), expected);
    }

    #[test]
    fn instants_are_read_as_chrono_reads_them(
        seconds in -62_000_000_000_i64..253_000_000_000,
        nanos in 0..1_000_000_000_u32,
        offset in -86_399..86_399_i32,
    ) {
        let expected = DateTime::from_timestamp(seconds, nanos);
        // RFC 3339 has no seconds in its offsets.
        let zone = FixedOffset::east_opt(offset / 60 * 60);
        if let (Some(expected), Some(zone)) = (expected, zone) {
            let local = expected.with_timezone(&zone);
            prop_assume!((1..=9999).contains(&local.year()));
            prop_assert_eq!(instant(&local.to_rfc3339()), Some(expected));
        }
    }

    #[test]
    fn almost_dates_are_read_as_chrono_reads_them(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]") {
        let expected = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
        prop_assert_eq!(date(&text), expected.filter(|date| date.year() > 0));
    }

    #[test]
    fn no_text_makes_them_panic(text in "\\PC{0,30}|[-0-9T:.+Z ]{0,30}") {
        let _ = (date(&text), compact_date(&text), instant(&text));
    }
}
