//! What holds for every document.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};

use super::{Event, Outcome, decode, decode_feed, decode_whole};
use crate::server::importer::{
    decode::{
        DecodeError,
        backup::BackupSummary,
        record::{GameRecord, ResultRecord, ResultStatus},
    },
    encode::GamesEncoder,
};

fn text(max: usize) -> impl Strategy<Value = Cow<'static, str>> {
    let readable = proptest::collection::vec(any::<char>(), 1..=max);
    readable
        .prop_map(|text| text.into_iter().filter(|c| *c != '\0').collect::<String>())
        .prop_filter("blank", |text| !text.trim().is_empty())
        .prop_map(Cow::Owned)
}

/// Blanks around an id or a code don't count.
fn trimmed(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.trim().to_owned())
}

fn date() -> impl Strategy<Value = NaiveDate> {
    // From 1900-01-01 to 2026-06-27.
    (693_596..739_793_i32).prop_filter_map("no date", NaiveDate::from_num_days_from_ce_opt)
}

fn created_at() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    let micros = -62_000_000_000_000_000..253_000_000_000_000_000_i64;
    proptest::option::of(micros.prop_filter_map("no instant", DateTime::from_timestamp_micros))
}

fn game() -> impl Strategy<Value = GameRecord<'static>> {
    (
        any::<i64>(),
        text(50).prop_map(|text| trimmed(&text)),
        text(255),
        proptest::option::of(text(10).prop_map(|text| trimmed(&text))),
        any::<bool>(),
        created_at(),
    )
        .prop_map(
            |(file_id, base_game_id, game_name, country_code, is_active, created_at)| GameRecord {
                file_id,
                base_game_id,
                game_name,
                country_code,
                is_active,
                created_at,
            },
        )
}

fn value() -> impl Strategy<Value = Option<Cow<'static, str>>> {
    proptest::option::of("[0-9]([-0-9]{0,18}[0-9])?".prop_map(Cow::Owned))
}

fn result() -> impl Strategy<Value = ResultRecord<'static>> {
    let status = proptest::sample::select(ResultStatus::ALL.to_vec());
    (
        any::<i64>(),
        date(),
        value(),
        value(),
        value(),
        status,
        created_at(),
    )
        .prop_map(
            |(
                game_file_id,
                result_date,
                result_3up,
                result_2down,
                result_4up,
                status,
                created_at,
            )| {
                ResultRecord {
                    game_file_id,
                    code_game: Some("L08-02".into()),
                    result_date,
                    result_3up,
                    result_2down,
                    result_4up,
                    status,
                    created_at,
                }
            },
        )
}

type Records = (Vec<GameRecord<'static>>, Vec<ResultRecord<'static>>);

fn records() -> impl Strategy<Value = Records> {
    let games = proptest::collection::vec(game(), 0..8);
    (games, proptest::collection::vec(result(), 0..8))
}

fn encode((games, results): &Records) -> Vec<u8> {
    let written = "a Vec can be written to";
    let mut encoder = GamesEncoder::new(Vec::new(), DateTime::UNIX_EPOCH).expect(written);
    for game in games {
        encoder.game(game).expect(written);
    }
    let mut encoder = encoder.results().expect(written);
    for result in results {
        encoder.result("L08-02", result).expect(written);
    }
    encoder.finish().expect(written)
}

fn split<'a>(document: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<_> = cuts
        .iter()
        .map(|cut| cut.index(document.len() + 1))
        .collect();
    cuts.extend([0, document.len()]);
    cuts.sort_unstable();
    cuts.windows(2)
        .map(|cut| &document[cut[0]..cut[1]])
        .collect()
}

fn cuts() -> impl Strategy<Value = Vec<Index>> {
    proptest::collection::vec(any::<Index>(), 0..40)
}

/// A byte that JSON cares for.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        proptest::sample::select(b"{}[]\",:\\ \n0-eu.tfn<\0".to_vec()),
        any::<u8>()
    ]
}

/// Overwrites, drops, and inserts some bytes, and cuts the end off now and then.
fn damage(document: &mut Vec<u8>, damages: &[(u8, Index, u8)]) {
    for (kind, place, byte) in damages {
        let place = place.index(document.len() + 1);
        match kind % 8 {
            0..3 if place < document.len() => document[place] = *byte,
            3..5 if place < document.len() => drop(document.remove(place)),
            5..7 => document.insert(place, *byte),
            7 if *byte < 60 => document.truncate(place),
            _ => {}
        }
    }
}

/// A backup whose records' members are any JSON, right ones among them.
fn odd_backup() -> impl Strategy<Value = Value> {
    let odd = proptest::sample::select(vec![
        json!(null),
        json!(17),
        json!("17"),
        json!(1.5),
        json!(u64::MAX),
        json!(true),
        json!([]),
        json!({}),
        json!(""),
        json!("282"),
        json!("รอผล"),
        json!("L\0"),
        json!("1".repeat(21)),
        json!("L".repeat(256)),
        json!("2025-06-22"),
        json!("2025-02-30"),
        json!("2025-06-27T03:11:09Z"),
        json!("completed"),
    ]);
    let name = proptest::sample::select(vec![
        "id",
        "base_game_id",
        "game_name",
        "is_active",
        "created_at",
        "game_id",
        "full_game_code",
        "result_date",
        "result_3up",
        "result_2down",
        "result_4up",
        "status",
        "other",
    ]);
    let good = json!({
        "id": 17, "base_game_id": "L08-02", "game_name": "ฮานอย", "game_id": 17, "result_date": "2025-06-22",
    });
    let record = proptest::collection::vec((name, odd), 0..4).prop_map(move |members| {
        let mut record = good.clone();
        for (name, value) in members {
            record[name] = value;
        }
        record
    });
    let records = proptest::collection::vec(record, 0..6);
    (records.clone(), records)
        .prop_map(|(games, results)| json!({ "results": results, "games": games }))
}

proptest! {
    #[test]
    fn decoding_undoes_encoding(records in records(), cuts in cuts()) {
        let document = encode(&records);
        let Outcome { events, end } = decode(split(&document, &cuts));
        let (games, results) = records;
        let summary = BackupSummary { games: games.len() as u64, results: results.len() as u64 };
        prop_assert_eq!(end, Ok(summary));
        let games = games.into_iter().zip(1..).map(|(game, position)| Event::Game(position, game));
        let results = results.into_iter().zip(1..).map(|(result, position)| Event::Result(position, result));
        prop_assert_eq!(events, games.chain(results).collect::<Vec<_>>());
    }

    #[test]
    fn damage_neither_panics_nor_depends_on_chunks(
        records in records(),
        damages in proptest::collection::vec((any::<u8>(), any::<Index>(), byte()), 1..6),
        cuts in cuts(),
    ) {
        let mut document = encode(&records);
        damage(&mut document, &damages);
        let whole = decode_whole(&document);
        prop_assert_eq!(&decode(split(&document, &cuts)), &whole);
        if serde_json::from_slice::<Value>(&document).is_ok() {
            let broken = matches!(whole.end, Err(DecodeError::Broken { .. } | DecodeError::Truncated { .. }));
            prop_assert!(!broken, "sound JSON: {:?}", whole.end);
        }
    }

    #[test]
    fn any_bytes_neither_panic_nor_depend_on_chunks(
        document in proptest::collection::vec(byte(), 0..200),
        cuts in cuts(),
    ) {
        prop_assert_eq!(decode(split(&document, &cuts)), decode_whole(&document));
        let _ = decode_feed(&document);
    }

    #[test]
    fn every_odd_record_is_taken_or_rejected_with_its_own_reason(backup in odd_backup()) {
        let Outcome { events, end } = decode_whole(backup.to_string().as_bytes());
        let summary = end.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let records = events.iter().filter(|event| !matches!(event, Event::Odd(_))).count();
        prop_assert_eq!(summary.games + summary.results, records as u64);
        for event in events {
            // No member of these records stands there twice.
            let twice = matches!(&event, Event::Reject(reject) if reject.reason.contains("twice"));
            prop_assert!(!twice, "{:?}", event);
        }
    }

    #[test]
    fn a_damaged_feed_does_not_panic(damages in proptest::collection::vec((any::<u8>(), any::<Index>(), byte()), 1..6)) {
        let mut body = include_bytes!("../../responseData.json").to_vec();
        damage(&mut body, &damages);
        let _ = decode_feed(&body);
    }
}
