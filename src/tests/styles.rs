//! Which sources the style sheets are made of: the Scheduler page's sheet has the classes of the files that this page is made
//! of, and no others.

use std::{collections::BTreeSet, fs, path::Path};

use super::direction::{Module, imports};

/// The files of a folder that a page leads to.
fn shown_by(page: &str, folder: &str) -> BTreeSet<String> {
    let imports = imports();
    let mut waiting: Vec<Module> = vec![page.split('/').map(str::to_owned).collect()];
    let mut seen = BTreeSet::new();
    while let Some(module) = waiting.pop() {
        if module.first().is_some_and(|first| first == "server") || !seen.insert(module.clone()) {
            continue;
        }
        waiting.extend(imports.get(&module).into_iter().flatten().cloned());
    }
    seen.into_iter()
        .filter_map(|module| match module.as_slice() {
            [of, name] if of == folder => Some(name.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn the_scheduler_pages_sheet_is_made_of_its_own_files() {
    let sheet = Path::new(env!("CARGO_MANIFEST_DIR")).join("style/main.css");
    let sheet = fs::read_to_string(sheet).expect("the sheet is there");
    let (_, list) = sheet
        .split_once("../src/components/{")
        .expect("the sheet lists its components");
    let (list, _) = list.split_once('}').expect("the list ends");
    let listed: BTreeSet<String> = list.split(',').map(str::to_owned).collect();
    assert_eq!(
        listed,
        shown_by("pages/scheduler", "components"),
        "style/main.css must list the files of components/ that the Scheduler page is made of"
    );
}
