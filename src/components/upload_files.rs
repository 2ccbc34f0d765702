//! The files that somebody has chosen for upload: what can be told of them before they are sent.

use super::format;
use crate::browser::Chosen;

/// Whether a file seems to be packed with gzip: then its sum is not that of the backup in it.
#[must_use]
pub fn packed(file: &Chosen) -> bool {
    ends_with(&file.name, "gz")
        || matches!(
            file.kind.as_str(),
            "application/gzip" | "application/x-gzip"
        )
}

fn ends_with(name: &str, ending: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, kind)| kind.eq_ignore_ascii_case(ending))
}

/// Why this file isn't worth sending.
///
/// # Errors
/// A sentence that names the file, when it is no backup, empty, or larger than `most`.
pub fn refuse(file: &Chosen, most: u64) -> Result<(), String> {
    let name = &file.name;
    if !ends_with(name, "json") && file.kind != "application/json" && !packed(file) {
        let kind = if file.kind.is_empty() {
            "of no known kind"
        } else {
            &file.kind
        };
        return Err(format!(
            "“{name}” is no backup: it is {kind}, and a backup is a .json or .json.gz file."
        ));
    }
    if file.size == 0 {
        return Err(format!("“{name}” is empty."));
    }
    if file.size > most {
        return Err(format!(
            "“{name}” is {}, and at most {} can be uploaded.",
            format::bytes(file.size),
            format::bytes(most)
        ));
    }
    Ok(())
}

/// What is chosen: one file with its size and kind, or how many.
#[must_use]
pub fn in_words(files: &[Chosen]) -> Option<String> {
    let size = format::bytes(files.iter().map(|file| file.size).sum());
    Some(match files {
        [] => return None,
        [file] => {
            let kind = match file.kind.as_str() {
                "" if packed(file) => "gzip",
                "" => "JSON",
                kind => kind,
            };
            format!("{} · {size} · {kind}", file.name)
        }
        [first, last] => format!("{}, {} · {size}", first.name, last.name),
        [first, rest @ ..] => format!("{} and {} more · {size}", first.name, rest.len()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, size: u64, kind: &str) -> Chosen {
        Chosen {
            place: 0,
            name: name.into(),
            size,
            kind: kind.into(),
        }
    }

    #[test]
    fn what_cannot_be_a_backup_is_refused_before_it_is_sent() {
        for good in [
            file("b.JSON", 1, ""),
            file("b", 10, "application/json"),
            file("b.json.gz", 10, ""),
            file("b", 10, "application/x-gzip"),
        ] {
            assert_eq!(refuse(&good, 10), Ok(()));
        }
        let why = [
            file("a.png", 1, "image/png"),
            file("gz", 1, ""),
            file("a.json", 0, ""),
            file("a.json", 2_000, ""),
        ]
        .map(|file| refuse(&file, 1_000).expect_err("refused"));
        assert_eq!(
            why,
            [
                "“a.png” is no backup: it is image/png, and a backup is a .json or .json.gz file.",
                "“gz” is no backup: it is of no known kind, and a backup is a .json or .json.gz file.",
                "“a.json” is empty.",
                "“a.json” is 2.0 kB, and at most 1.0 kB can be uploaded."
            ]
        );
    }

    #[test]
    fn what_is_chosen_is_told_in_a_line() {
        let files = [
            file("a.json", 1_000, ""),
            file("b.json.gz", 500, ""),
            file("c.json", 500, "application/json"),
        ];
        assert_eq!(in_words(&[]), None);
        let told = [&files[..1], &files[1..2], &files[2..], &files[..2], &files]
            .map(|files| in_words(files).expect("a line"));
        assert_eq!(
            told,
            [
                "a.json · 1.0 kB · JSON",
                "b.json.gz · 500 B · gzip",
                "c.json · 500 B · application/json",
                "a.json, b.json.gz · 1.5 kB",
                "a.json and 2 more · 2.0 kB"
            ]
        );
    }
}
