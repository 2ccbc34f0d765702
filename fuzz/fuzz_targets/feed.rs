//! Any bytes as the feed's answer: no panic, draws fit their columns, and each stands there once.

#![no_main]

use std::collections::HashSet;

use chrono::NaiveDate;
use libfuzzer_sys::fuzz_target;
use numwatch::server::importer::decode::{
    calendar::Calendar,
    feed::{Question, decode_day},
    record::{
        BASE_GAME_ID_MAX, COUNTRY_CODE_MAX, GAME_NAME_MAX, REJECTED_TEXT_MAX, RESULT_VALUE_MAX,
    },
};

/// When the answer is read.
const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2025, 6, 27).unwrap();

/// A column holds the text.
fn fits(text: &str, max: usize) {
    assert!(!text.trim().is_empty() && text.chars().count() <= max && !text.contains('\0'));
}

fuzz_target!(|data: &[u8]| {
    let calendar = Calendar::new(TODAY);
    let Ok(day) = decode_day(
        data,
        Question {
            day: None,
            calendar,
        },
    ) else {
        return;
    };
    let mut seen = HashSet::new();
    for draw in &day.draws {
        fits(&draw.base_game_id, BASE_GAME_ID_MAX);
        fits(&draw.game_name, GAME_NAME_MAX);
        fits(
            draw.country_code.as_deref().unwrap_or("TH"),
            COUNTRY_CODE_MAX,
        );
        let values = &draw.values;
        for value in [&values.result_3up, &values.result_2down, &values.result_4up] {
            fits(value.as_deref().unwrap_or("0"), RESULT_VALUE_MAX);
        }
        assert!(
            seen.insert((&draw.base_game_id, draw.result_date)),
            "a draw stands there twice"
        );
    }
    for reject in &day.rejects {
        assert!(reject.record.chars().count() <= REJECTED_TEXT_MAX);
        assert!(!reject.reason.is_empty());
    }
});
