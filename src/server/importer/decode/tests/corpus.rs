//! Every file of the corpus, against the snapshot beside it.
//!
//! A new oddity: put the file into `corpus/`, run the tests with `INSTA_UPDATE=always`, and read the
//! snapshot before you commit it.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use super::{Rejected, decode, decode_feed, decode_whole};

const CORPUS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/src/server/importer/decode/corpus"
);

/// The names and contents of a folder's samples.
fn samples(folder: &str) -> Vec<(String, Vec<u8>)> {
    let mut samples: Vec<PathBuf> = fs::read_dir(Path::new(CORPUS).join(folder))
        .expect("the corpus is there")
        .map(|entry| entry.expect("the corpus can be listed").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    samples.sort();
    samples
        .into_iter()
        .map(|path| {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            (name, fs::read(path).expect("a sample can be read"))
        })
        .collect()
}

fn assert_snapshot(folder: &str, name: &str, outcome: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(CORPUS).join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, outcome));
}

#[test]
fn backups_come_out_as_their_snapshots_say() {
    for (name, document) in samples("backup") {
        assert_snapshot("backup", &name, &decode_whole(&document).to_string());
    }
}

#[test]
fn chunking_changes_nothing() {
    for (name, document) in samples("backup") {
        let whole = decode_whole(&document);
        for size in [1, 2, 3, 5, 8, 13, 21, 34, 55, 89] {
            assert_eq!(
                decode(document.chunks(size)),
                whole,
                "{name} in chunks of {size}"
            );
        }
        for cut in (0..=document.len()).step_by(1 + document.len() / 1_000) {
            let (head, tail) = document.split_at(cut);
            assert_eq!(decode([head, tail]), whole, "{name} cut at {cut}");
        }
    }
}

#[test]
fn a_prefix_of_a_backup_is_never_a_backup() {
    for (name, document) in samples("backup") {
        if decode_whole(&document).end.is_err() {
            continue;
        }
        for length in (0..document.trim_ascii_end().len()).step_by(1 + document.len() / 1_000) {
            let end = decode_whole(&document[..length]).end;
            assert!(end.is_err(), "{name}, its first {length} bytes");
        }
    }
}

#[test]
fn feeds_come_out_as_their_snapshots_say() {
    for (name, body) in samples("feed") {
        let mut outcome = String::new();
        match decode_feed(&body) {
            Ok(day) => {
                for draw in &day.draws {
                    writeln!(outcome, "{draw:?}").expect("a String can be written to");
                }
                for reject in &day.rejects {
                    write!(outcome, "{}", Rejected(reject)).expect("a String can be written to");
                }
                if let Some((draws, why)) = &day.odd {
                    writeln!(outcome, "{draws} draws without the country: {why}")
                        .expect("a String can be written to");
                }
                write!(outcome, "{} draws", day.draws.len()).expect("a String can be written to");
            }
            Err(error) => outcome = error.to_string(),
        }
        assert_snapshot("feed", &name, &outcome);
    }
}
