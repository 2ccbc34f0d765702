//! Any bytes as a backup: no panic, records fit their columns, and how the bytes are cut into chunks makes no
//! difference. The first byte of the input is the length of a chunk.

#![no_main]

use chrono::NaiveDate;
use libfuzzer_sys::fuzz_target;
use numwatch::server::importer::decode::{
    backup::{BackupDecoder, BackupSink},
    calendar::Calendar,
    record::{
        BASE_GAME_ID_MAX, GAME_NAME_MAX, GameRecord, Oddity, REJECTED_TEXT_MAX, RESULT_VALUE_MAX, Reject,
        ResultRecord,
    },
};

/// When the documents are read.
const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2025, 6, 27).unwrap();

/// All that came out, as text.
#[derive(Default, PartialEq, Debug)]
struct Heard(Vec<String>);

impl BackupSink for Heard {
    fn game(&mut self, position: u64, game: GameRecord<'_>) {
        fits(&game.base_game_id, BASE_GAME_ID_MAX);
        fits(&game.game_name, GAME_NAME_MAX);
        self.0.push(format!("{position} {game:?}"));
    }

    fn result(&mut self, position: u64, result: ResultRecord<'_>) {
        for value in [&result.result_3up, &result.result_2down, &result.result_4up] {
            fits(value.as_deref().unwrap_or("0"), RESULT_VALUE_MAX);
        }
        self.0.push(format!("{position} {result:?}"));
    }

    fn reject(&mut self, reject: Reject) {
        assert!(reject.record.chars().count() <= REJECTED_TEXT_MAX);
        assert!(!reject.reason.is_empty());
        self.0.push(format!("{reject:?}"));
    }

    fn odd(&mut self, oddity: Oddity) {
        assert!(!oddity.reason.is_empty());
        self.0.push(format!("{oddity:?}"));
    }

    fn metadata(&mut self, filename: Option<String>, file_size: Option<i64>) {
        self.0.push(format!("{filename:?} {file_size:?}"));
    }
}

/// A column holds the text.
fn fits(text: &str, max: usize) {
    assert!(!text.trim().is_empty() && text.chars().count() <= max && !text.contains('\0'));
}

fn decode(document: &[u8], chunk: usize) -> (Heard, String) {
    let mut decoder = BackupDecoder::new(Calendar::new(TODAY));
    let mut heard = Heard::default();
    let pushed = document
        .chunks(chunk)
        .try_for_each(|chunk| decoder.push(chunk, &mut heard).map(drop));
    let end = pushed.and_then(|()| decoder.finish());
    (heard, format!("{end:?}"))
}

fuzz_target!(|data: &[u8]| {
    let Some((&chunk, document)) = data.split_first() else {
        return;
    };
    let whole = decode(document, document.len().max(1));
    assert_eq!(whole, decode(document, usize::from(chunk).max(1)));
});
