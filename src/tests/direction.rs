//! Data flows one way: seen from any folder, its parts (files, and folders with all that is in them) import each other
//! without a circle. Reads the sources.
//!
//! `src` and `src/server` are looked at as one folder: the server renders the pages, whose doors call the server's
//! services. Paths are found as text: after `crate::`, `super::` and `self::`, and after the name of a child module.

use std::collections::{BTreeMap, BTreeSet};

use super::architecture::sources;

/// A module's path from the crate's root.
pub type Module = Vec<String>;

/// The modules that each module names.
pub fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let files: Vec<(Module, String)> = sources()
        .into_iter()
        .filter(|(name, _)| !is_test(name))
        .map(|(name, text)| (module(&name), program(&text)))
        .collect();
    let known: BTreeSet<Module> = files.iter().map(|(module, _)| module.clone()).collect();
    files
        .iter()
        .map(|(module, text)| {
            let named = paths(module, text, &known)
                .into_iter()
                .filter_map(|path| {
                    (1..=path.len())
                        .rev()
                        .map(|length| path[..length].to_vec())
                        .find(|prefix| known.contains(prefix))
                })
                .filter(|named| named != module)
                .collect();
            (module.clone(), named)
        })
        .collect()
}

fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs") || name.contains("/tests/") || name == "lib.rs" || name == "main.rs"
}

fn module(name: &str) -> Module {
    let name = name.trim_end_matches(".rs").trim_end_matches("/mod");
    name.split('/').map(str::to_owned).collect()
}

/// The code without comments and without the tests at its end.
fn program(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The paths that a text names, from the crate's root.
fn paths(module: &Module, text: &str, known: &BTreeSet<Module>) -> Vec<Module> {
    let mut found = Vec::new();
    let mut read = 0;
    for (at, _) in text.match_indices("::") {
        // Within a tree that was read already.
        if at < read {
            continue;
        }
        let before = &text[..at];
        let word_at = before
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_'))
            .map_or(0, |before_word| before_word + 1);
        let word = &before[word_at..];
        // In the middle of a path.
        if before[..word_at].ends_with("::") {
            continue;
        }
        let mut root = match word {
            "crate" => Vec::new(),
            "self" => module.clone(),
            "super" => module[..module.len() - 1].to_vec(),
            child => {
                let mut path = module.clone();
                path.push(child.to_owned());
                if !known.contains(&path) {
                    continue;
                }
                path
            }
        };
        let mut rest = &text[at + 2..];
        while let Some(up) = rest.strip_prefix("super::") {
            root.pop();
            rest = up;
        }
        read = text.len() - tree(&root, rest, &mut found).len();
    }
    found
}

/// Reads `a::b`, `a::{b, c::d}` and the like, behind `root`. Answers what follows.
fn tree<'a>(root: &[String], text: &'a str, found: &mut Vec<Module>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start().trim_start_matches(',').trim_start();
            if rest.is_empty() {
                return rest;
            }
            if let Some(rest) = rest.strip_prefix('}') {
                return rest;
            }
            let behind = tree(root, rest, found);
            // Whatever is no path, such as `as name`, is passed over.
            rest = if behind.len() == rest.len() {
                &rest[1..]
            } else {
                behind
            };
        }
    }
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    let mut path = root.to_vec();
    path.push(text[..end].to_owned());
    if let Some(rest) = text[end..].strip_prefix("::") {
        return tree(&path, rest, found);
    }
    found.push(path);
    &text[end..]
}

/// Which part of a folder a module belongs to; the folder's own `mod.rs` is one, too.
fn part(folder: &[String], module: &[String]) -> Option<String> {
    if folder.is_empty() {
        return match module {
            [server, part, ..] if server == "server" => Some(format!("server/{part}")),
            [server] if server == "server" => None,
            [part, ..] => Some(part.clone()),
            [] => None,
        };
    }
    let inside = module.strip_prefix(folder)?;
    Some(inside.first().map_or("mod", |part| part).to_owned())
}

/// The circles among the parts of each folder.
fn circles(imports: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<String> {
    let folders: BTreeSet<Module> = imports
        .keys()
        .flat_map(|module| (0..module.len()).map(|length| module[..length].to_vec()))
        .filter(|folder| folder.as_slice() != ["server"])
        .collect();
    let mut found = Vec::new();
    for folder in folders {
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, named) in imports {
            for to in named {
                if let (Some(from), Some(to)) = (part(&folder, from), part(&folder, to))
                    && from != to
                {
                    edges.entry(from).or_default().insert(to);
                }
            }
        }
        // A file with a folder of its own name, such as config.rs, is not in that folder.
        let is_mod_file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(folder.join("/"))
            .join("mod.rs")
            .is_file();
        if !is_mod_file {
            edges.remove("mod");
        }
        found.extend(circle(&edges).map(|circle| format!("{}: {circle}", folder.join("/"))));
    }
    found
}

/// A circle, if there is one.
fn circle(edges: &BTreeMap<String, BTreeSet<String>>) -> Option<String> {
    fn visit<'a>(
        edges: &'a BTreeMap<String, BTreeSet<String>>,
        at: &'a str,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<String> {
        if let Some(begins) = way.iter().position(|part| *part == at) {
            way.push(at);
            return Some(way[begins..].join(" → "));
        }
        if done.contains(at) {
            return None;
        }
        way.push(at);
        for to in edges.get(at).into_iter().flatten() {
            if let Some(found) = visit(edges, to, way, done) {
                return Some(found);
            }
        }
        way.pop();
        done.insert(at);
        None
    }
    let mut done = BTreeSet::new();
    edges
        .keys()
        .find_map(|part| visit(edges, part, &mut Vec::new(), &mut done))
}

#[test]
fn no_folder_and_no_file_imports_in_a_circle() {
    let imports = imports();
    let edges: usize = imports.values().map(BTreeSet::len).sum();
    assert!(edges > 300, "only {edges} imports found");
    let found = circles(&imports);
    assert!(found.is_empty(), "Circles:\n{}", found.join("\n"));
}

#[test]
fn a_circle_is_seen() {
    let path = |text: &str| -> Module { text.split('/').map(str::to_owned).collect() };
    let known: BTreeSet<Module> = ["a/mod", "a/b", "a/c", "d"].map(path).into();
    let text = "use super::{c::{X, Y}, Z};\nlet x = crate::d::f();";
    assert_eq!(
        paths(&path("a/b"), text, &known),
        ["a/c/X", "a/c/Y", "a/Z", "d/f"].map(path)
    );
    let imports = [
        (path("a/b"), [path("a/c")].into()),
        (path("a/c"), [path("d")].into()),
        (path("d"), [path("a/b")].into()),
        (path("server/x"), [path("pages")].into()),
        (path("pages"), [path("server/y")].into()),
    ];
    assert_eq!(circles(&imports.into()), [": a → d → a"]);
    let two = [
        (path("a/b"), [path("a/c")].into()),
        (path("a/c"), [path("a/b")].into()),
    ];
    assert_eq!(circles(&two.into()), ["a: b → c → b"]);
}
