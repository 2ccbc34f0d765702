//! Limits of the backup decoder that no small file can show.

use super::{Event, decode, decode_feed, decode_whole};
use crate::server::importer::{
    decode::{DecodeError, Place, Section, backup::BackupSummary},
    generate,
};

const MIB: usize = 1 << 20;

/// A backup whose second result is so many bytes long.
fn with_record_of(length: usize) -> String {
    let small = r#"{"game_id": 1, "result_date": "2025-06-22"}"#;
    let (head, tail) = (
        r#"{"game_id": 1, "result_date": "2025-06-22", "note": ""#,
        r#""}"#,
    );
    let note = "x".repeat(length - head.len() - tail.len());
    format!(r#"{{"games": [], "results": [{small}, {head}{note}{tail}, {small}]}}"#)
}

#[test]
fn a_record_may_be_one_mebibyte_and_not_a_byte_more() {
    let fits = with_record_of(MIB);
    let summary = BackupSummary {
        games: 0,
        results: 3,
    };
    let too_large = with_record_of(MIB + 1);
    let place = Place::Record(Section::Results, 2);
    for chunk in [1_000, 64 << 10, 2 * MIB] {
        assert_eq!(decode(fits.as_bytes().chunks(chunk)).end, Ok(summary));
        let end = decode(too_large.as_bytes().chunks(chunk)).end;
        assert_eq!(
            end,
            Err(DecodeError::TooLarge {
                place: place.clone(),
                most: MIB
            })
        );
    }
}

#[test]
fn an_unknown_member_may_be_of_any_size() {
    let document = format!(
        r#"{{"x": "{}", "games": [], "results": []}}"#,
        "x".repeat(3 * MIB)
    );
    assert!(decode(document.as_bytes().chunks(MIB)).end.is_ok());
}

#[test]
fn a_member_name_without_an_end_does_not_fill_the_memory() {
    let document = format!(r#"{{"{}"#, "x".repeat(2 * MIB));
    for chunk in [64 << 10, 3 * MIB] {
        let end = decode(document.as_bytes().chunks(chunk)).end;
        assert_eq!(
            end,
            Err(DecodeError::TooLarge {
                place: Place::Name,
                most: MIB
            })
        );
    }
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    let unknown = format!(r#"{{"x": {deep}, "games": [], "results": []}}"#);
    assert!(decode_whole(unknown.as_bytes()).end.is_ok());
    let record = format!(r#"{{"games": [{deep}], "results": []}}"#);
    let outcome = decode_whole(record.as_bytes());
    assert!(
        matches!(outcome.events[..], [Event::Reject(_)]),
        "{:?}",
        outcome.end
    );
    let feed = format!(r#"{{"set": {{"lists": [{deep}]}}}}"#);
    assert_eq!(
        decode_feed(feed.as_bytes()).map(|day| day.rejects.len()),
        Ok(1)
    );
}

#[test]
fn large_numbers_are_written_for_people() {
    let place = Place::Record(Section::Results, 1_234_567);
    let error = DecodeError::Truncated {
        place,
        byte: 1_000_048,
    };
    assert_eq!(
        error.to_string(),
        "Not a backup: the file ends in the middle of result 1,234,567 (byte 1,000,048). It looks like a download that was cut off; download it again."
    );
}

#[test]
fn a_generated_backup_is_all_good_and_of_the_usual_size() {
    let mut document = Vec::new();
    generate::backup(200, 5_000, &mut document).expect("a Vec can be written to");
    let outcome = decode(document.chunks(64 << 10));
    assert_eq!(
        outcome.end,
        Ok(BackupSummary {
            games: 200,
            results: 5_000
        })
    );
    assert!(
        outcome
            .events
            .iter()
            .all(|event| !matches!(event, Event::Reject(_)))
    );
    assert!(
        (230..250).contains(&(document.len() / 5_000)),
        "{} bytes",
        document.len()
    );
}

#[test]
fn a_generated_backup_of_nothing_is_a_backup() {
    let mut document = Vec::new();
    generate::backup(0, 0, &mut document).expect("a Vec can be written to");
    assert_eq!(
        decode_whole(&document).end,
        Ok(BackupSummary {
            games: 0,
            results: 0
        })
    );
    assert!(generate::backup(0, 1, &mut document).is_err());
}

#[test]
fn the_bundled_sample_is_a_day_of_77_draws() {
    let day = decode_feed(include_bytes!("../../responseData.json")).expect("the sample is sound");
    assert_eq!(day.draws.len(), 77);
    assert_eq!(day.rejects, []);
}
