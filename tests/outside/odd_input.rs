//! What is fuzzed (`scripts/fuzz`), a little of it with each run of the tests: the seeds, and what is made from their parts.

use std::{fs, path::Path};

use proptest::{collection::vec, prelude::*, sample::select};

use super::properties;

/// Gives each seed of a target to its property.
fn seeds(target: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let entries = fs::read_dir(folder.join(target)).unwrap();
    let count = entries
        .map(|entry| property(&fs::read(entry.unwrap().path()).unwrap()))
        .count();
    assert!(count >= 4, "{target}: {count} seeds");
}

#[test]
fn the_seeds_keep_what_is_promised() {
    seeds("form", properties::form::holds);
    seeds("query", properties::query::holds);
    seeds("cookies", properties::cookies::holds);
}

/// Any of these, one after the other, with a little of anything in between.
fn made_of(parts: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => select(parts).prop_map(|part| part.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..4),
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

const OF_FORMS: &[&str] = &[
    "\u{5}",
    "\u{80}",
    "multipart/form-data; boundary=x\n",
    "multipart/form-data; boundary=\"\"\n",
    "text/plain\n",
    "--x",
    "--x--",
    "\r\n",
    "\r\n\r\n",
    "\n",
    "Content-Disposition: form-data; ",
    "name=\"file\"",
    "; filename=\"a.json\"",
    "; filename*=UTF-8''%E2%82",
    "filename=\"%22%0D%0A../x\"",
    "Content-Type: text/plain",
    "{\"games\": []}",
    "\0",
    "ไทย",
];

const OF_QUERIES: &[&str] = &[
    "\u{2}",
    "&",
    "=",
    "%",
    "%00",
    "%E0%B8",
    "+",
    "status=",
    "failed",
    "completed",
    "import_type=backup",
    "requested_by=page",
    "failure_kind=",
    "unresolved=true",
    "quiet=hide",
    "q=",
    "abc",
    "from=",
    "to=",
    "2025-06-22",
    "2025-03-30",
    "0000-00-00",
    "9999-12-31",
    "2025-06-22T10:00:00Z",
    "2025-06-22T10:00:00.0000001%2B14:00",
    "after=",
    "before=",
    ",12",
    "2025-06-22,12",
    "limit=",
    "0",
    "200",
    "4294967296",
    "game=",
    "month=",
    "2025-06",
    "year=",
    "2025",
    "gaps=true",
    "ไทย",
];

const OF_COOKIES: &[&str] = &[
    "numwatch=",
    "__Host-numwatch=",
    "numwatch",
    "zone=",
    "Asia/Bangkok",
    "America/New_York",
    "; ",
    ";",
    "\n",
    "=",
    " ",
    "\"",
    "zone",
    "Zone=",
    "a=b",
    "\u{7f}",
    "é",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_form_is_read_alike_however_it_comes(
        head in select(&["\u{1}multipart/form-data; boundary=x\n", "\u{83}multipart/form-data; boundary=x\n", ""][..]),
        rest in made_of(OF_FORMS),
    ) {
        properties::form::holds(&[head.as_bytes(), &rest].concat());
    }

    #[test]
    fn any_query_asks_for_something_or_is_told_what_is_wrong(query in made_of(OF_QUERIES)) {
        properties::query::holds(&query);
    }

    #[test]
    fn any_cookies_name_a_zone_or_none(cookies in made_of(OF_COOKIES)) {
        properties::cookies::holds(&cookies);
    }
}
