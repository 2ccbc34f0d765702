//! The three rules of the design that a compiler doesn't hold, and the size of files. Reads the sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Above this a file says why at its top, or is split.
const LONG: usize = 300;

/// Every Rust file of the package but its tests: path from `src/`, and text.
pub fn sources() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            let name = path
                .strip_prefix(&src)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !name.starts_with("tests/")
            {
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(
        found.len() > 80,
        "only {} sources found in {}",
        found.len(),
        src.display()
    );
    found
}

/// The lines of code, without comments, with their numbers.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Where a line of code offends, outside the files that may do so.
fn offences(may: fn(&str) -> bool, offends: fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (name, text) in sources().iter().filter(|(name, _)| !may(name)) {
        found.extend(
            code(text)
                .filter(|(_, line)| offends(line))
                .map(|(number, line)| format!("{name}:{number}: {}", line.trim())),
        );
    }
    found
}

fn none(offences: &[String], rule: &str) {
    assert!(offences.is_empty(), "{rule}\n{}", offences.join("\n"));
}

#[test]
fn sql_stands_only_under_server_db() {
    let found = offences(
        |name| name.starts_with("server/db/"),
        |line| {
            line.contains("sqlx::query")
                || line.contains("sqlx::raw_sql")
                || line.contains("QueryBuilder")
        },
    );
    none(&found, "Queries belong into src/server/db:");
}

#[test]
fn what_is_the_servers_is_gated_in_few_places() {
    let found = offences(
        |name| matches!(name, "lib.rs" | "main.rs") || name.starts_with("server_fns/"),
        |line| {
            let derives = line.contains("cfg_attr(feature = \"ssr\", derive(")
                || line.contains("cfg_attr(feature = \"ssr\", sqlx(")
                || line.contains("cfg_attr(feature = \"ssr\", schema(");
            line.contains("feature = \"ssr\"") && !derives
        },
    );
    none(
        &found,
        "cfg(feature = \"ssr\") belongs into lib.rs, main.rs and server_fns/:",
    );
}

#[test]
fn what_is_in_the_program_itself_is_gated_in_one_file() {
    let found = offences(
        |name| name == "server/embedded.rs",
        |line| line.contains("feature = \"embed\""),
    );
    none(
        &found,
        "cfg(feature = \"embed\") belongs into server/embedded.rs:",
    );
}

/// Whether a file imports or names `crate::server`: on one line, or as a member of `use crate::{…}`.
fn names_the_server(text: &str) -> bool {
    let code: String = code(text)
        .map(|(_, line)| line.trim())
        .collect::<Vec<_>>()
        .join(" ");
    let members = code.split("use crate::{").skip(1).any(|group| {
        let mut depth = 1;
        let mut member = String::new();
        for character in group.chars() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => member.clear(),
                _ => member.push(character),
            }
            if depth == 0 {
                return false;
            }
            if member.trim_start().starts_with("server::") {
                return true;
            }
        }
        false
    });
    members || code.contains("crate::server::") || code.contains("use crate::server;")
}

#[test]
fn only_the_server_and_its_doors_name_the_server() {
    let may = |name: &str| {
        matches!(name, "lib.rs" | "main.rs")
            || name.starts_with("server/")
            || name.starts_with("server_fns/")
    };
    let found: Vec<String> = sources()
        .into_iter()
        .filter(|(name, text)| !may(name) && names_the_server(text))
        .map(|(name, _)| name)
        .collect();
    none(
        &found,
        "Nothing outside server/ and server_fns/ names crate::server:",
    );
    // The check itself sees what it looks for.
    assert!(names_the_server(
        "use crate::{\n    error::{A, B},\n    server::db,\n};"
    ));
    assert!(names_the_server("let x = crate::server::db::ping;"));
    assert!(!names_the_server(
        "use leptos::{\n    server::ServerAction,\n};\nuse crate::{\n    server_fns::x,\n};"
    ));
}

#[test]
fn model_and_error_import_nothing_of_the_crate() {
    let found = offences(
        |name| !(name.starts_with("model/") || name == "error.rs"),
        |line| {
            line.contains("crate::")
                && !line.contains("pub(crate)")
                && !line.contains("crate::model::")
        },
    );
    none(&found, "model and error stand by themselves:");
}

/// What a process is made of, and made in one place.
const PARTS: [&str; 13] = [
    "Config::from_env",
    "Payloads::open",
    "FeedClient::new",
    "Listener::new",
    "Changes::new",
    "Imports::new",
    "Worker::new",
    "Scheduler::new",
    "Logs::new",
    "Data::new",
    "Retention::new",
    "Overview::new",
    "Supervisor::default",
];

/// Which of the parts a text makes, however its lines are broken and its calls are spelled.
fn makes(text: &str) -> Vec<&'static str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = self::code(code).map(|(_, line)| line).collect();
    let dense: String = code.split_whitespace().collect();
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let names = |part: &&str| {
        dense
            .match_indices(*part)
            .any(|(at, _)| !dense[..at].ends_with(is_word))
    };
    PARTS.iter().copied().filter(names).collect()
}

#[test]
fn only_the_command_line_wires_the_server_together() {
    let found: Vec<String> = sources()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("server/cli/"))
        .flat_map(|(name, text)| {
            makes(&text)
                .into_iter()
                .map(move |part| format!("{name}: {part}"))
        })
        .collect();
    none(&found, "Parts are wired in server/cli:");
    let wired: Vec<&str> = sources()
        .into_iter()
        .filter(|(name, _)| name.starts_with("server/cli/"))
        .flat_map(|(_, text)| makes(&text))
        .collect();
    let lacking: Vec<_> = PARTS.iter().filter(|part| !wired.contains(part)).collect();
    assert!(
        lacking.is_empty(),
        "a part is made nowhere, or has another name: {lacking:?}"
    );
    assert_eq!(
        makes("let feed = FeedClient\n    ::new(other, &config);"),
        ["FeedClient::new"]
    );
}

#[test]
fn a_long_file_says_why_at_its_top() {
    let silent: Vec<String> = sources()
        .iter()
        .filter(|(_, text)| text.lines().count() > LONG)
        .filter(|(_, text)| {
            let top: String = text
                .lines()
                .take_while(|line| line.starts_with("//!"))
                .collect();
            !top.contains("300 lines")
        })
        .map(|(name, text)| format!("{name}: {} lines", text.lines().count()))
        .collect();
    none(
        &silent,
        "Longer than 300 lines without a word about it (\"300 lines\") at the top:",
    );
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(name, _)| name)
        .collect();
    none(&silent, "These files don't begin with a //! sentence:");
}

/// Whether a line puts what changes into a text node, which translators of browsers take away.
fn is_text_node(line: &str) -> bool {
    line.replace("={text(", "=").contains("{text(")
}

#[test]
fn texts_that_change_stand_in_elements_of_their_own() {
    let found = offences(
        |name| !(name.starts_with("components/") || name.starts_with("pages/")),
        is_text_node,
    );
    none(&found, "Within an element use `words` instead of `text`:");
    assert!(is_text_node("<p>{text(move || name.get())}</p>"));
    assert!(!is_text_node("<p class=text(colour)>{words(name)}</p>"));
}

#[test]
fn markup_is_made_of_texts_in_one_place() {
    let found = offences(
        |name| {
            let may = ["components/reactive.rs", "components/markup.rs", "app.rs"];
            may.contains(&name)
        },
        |line| line.contains("inner_html=") && !line.contains("inner_html=\"<meta"),
    );
    none(
        &found,
        "Only `words`, `fixed` and `Markup` set inner HTML, escaped:",
    );
}
