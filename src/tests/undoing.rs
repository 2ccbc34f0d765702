//! Any sequence of answers, backups, undos and clearings, through the doors, against a plain model: of each game and result a
//! stack of what imports made of it. An undo takes off what lies on top, if it is the import's.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use proptest::prelude::*;
use serde_json::Value;
use sqlx::PgPool;

use super::{
    app::App,
    merging::{self, DAY, Draw, Stored, answer_of, answering, apply, file_of, game_id},
    sequences::each_holds,
};
use crate::model::undone::Undone;

const CASES: u32 = 60;
/// What the games of a backup are called, and those of some answers.
const NAMES: [&str; 2] = ["ดาวโจนส์", "ดาวโจนส์ VIP"];

#[derive(Clone, Debug)]
enum Step {
    /// An import, and by which of the names an answer calls its games.
    Import(merging::Step, usize),
    /// The undo of an import: of so many, counted from the first.
    Undo(usize),
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (merging::step(), 0..NAMES.len()).prop_map(|(step, name)| Step::Import(step, name)),
        4 => (0..8_usize).prop_map(Step::Undo),
        1 => Just(Step::Clear),
    ];
    proptest::collection::vec(step, 2..12)
}

// --- the model ---

/// What stands there, the latest last, each with the import that made it.
type Stack<T> = Vec<(i32, T)>;

#[derive(Clone, Debug, Default)]
struct Model {
    games: BTreeMap<u8, Stack<usize>>,
    draws: BTreeMap<u8, Stack<Draw>>,
    /// How many results each import has created or changed, and how many games it has created.
    brought: BTreeMap<i32, (i64, i64)>,
    /// The same, of what its undos have taken back.
    taken: BTreeMap<i32, (i64, i64)>,
    /// Imports that did anything at all.
    any: BTreeSet<i32>,
}

fn top<T: Copy>(stack: &Stack<T>) -> T {
    stack.last().expect("nothing is empty").1
}

impl Model {
    fn values(&self) -> Stored {
        let draws = self.draws.iter();
        draws.map(|(game, stack)| (*game, top(stack))).collect()
    }

    fn import(&mut self, id: i32, step: &merging::Step, name: usize) {
        let mut values = self.values();
        apply(&mut values, step);
        let (games, name) = match step {
            merging::Step::Answer(items) => (items.iter().map(|(game, _)| *game).collect(), name),
            merging::Step::Backup(_) => (BTreeSet::from([0, 1, 2]), 0),
        };
        let (mut results, mut created) = (0, 0);
        for game in games {
            let stack = self.games.entry(game).or_default();
            let renames = matches!(step, merging::Step::Answer(_));
            if stack.is_empty() {
                created += 1;
                stack.push((id, name));
            } else if renames && top(stack) != name {
                stack.push((id, name));
                self.any.insert(id);
            }
        }
        for (game, draw) in values {
            let stack = self.draws.entry(game).or_default();
            if stack.is_empty() || top(stack) != draw {
                results += 1;
                stack.push((id, draw));
            }
        }
        if results + created > 0 {
            self.any.insert(id);
        }
        self.brought.insert(id, (results, created));
    }

    /// Takes off what the import has on top; answers what that came to.
    fn undo(&mut self, id: i32) -> Undone {
        let mut undone = Undone::default();
        for stack in self.draws.values_mut() {
            if stack.last().is_some_and(|(by, _)| *by == id) {
                stack.pop();
                if stack.is_empty() {
                    undone.results_removed += 1;
                } else {
                    undone.results_put_back += 1;
                }
            } else if stack.iter().any(|(by, _)| *by == id) {
                undone.results_kept += 1;
            }
        }
        self.draws.retain(|_, stack| !stack.is_empty());
        let mut created = 0;
        for (game, stack) in &mut self.games {
            if !stack.iter().any(|(by, _)| *by == id) {
                continue;
            }
            created += i64::from(stack[0].0 == id);
            let was = stack.len();
            while stack.len() > 1 && stack.last().is_some_and(|(by, _)| *by == id) {
                stack.pop();
            }
            if stack.len() == 1 && stack[0].0 == id && !self.draws.contains_key(game) {
                stack.pop();
                undone.games_removed += 1;
            } else if stack.len() < was {
                undone.games_put_back += 1;
            } else {
                undone.games_kept += 1;
            }
        }
        self.games.retain(|_, stack| !stack.is_empty());
        let brought = self.brought[&id];
        let taken = self.taken.entry(id).or_default();
        let Undone {
            results_removed,
            results_put_back,
            results_kept,
            games_removed,
            ..
        } = undone;
        undone.results_gone =
            brought.0 - taken.0 - results_removed - results_put_back - results_kept;
        undone.games_gone = brought.1 - taken.1 - created;
        taken.0 += results_removed + results_put_back;
        taken.1 += games_removed;
        undone
    }

    /// Each draw with the import that created it and the one that last changed it.
    fn provenance(&self) -> Vec<(String, i32, Option<i32>)> {
        let of = |stack: &Stack<Draw>| (stack[0].0, stack[1..].last().map(|(by, _)| *by));
        let draws = self.draws.iter().map(|(game, stack)| {
            let (created, changed) = of(stack);
            (game_id(*game), created, changed)
        });
        draws.collect()
    }

    fn names(&self) -> Vec<(String, String)> {
        let games = self.games.iter();
        games
            .map(|(game, stack)| (game_id(*game), NAMES[top(stack)].to_owned()))
            .collect()
    }
}

// --- the real thing ---

/// What an undo answers of its counts.
fn counts(answer: &Value) -> Undone {
    serde_json::from_value(answer.clone()).unwrap()
}

/// Where model and database part, if they do.
async fn differs(app: &App, model: &Model) -> Option<String> {
    let values = merging::stored(app).await;
    let provenance: Vec<(String, i32, Option<i32>)> = sqlx::query_as(
        "SELECT base_game_id, result.created_by, change.import_id
         FROM results result JOIN games game ON game.id = game_id LEFT JOIN result_changes change ON change.id = result.change_id
         ORDER BY base_game_id",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap();
    let names: Vec<(String, String)> =
        sqlx::query_as("SELECT base_game_id, game_name FROM games ORDER BY base_game_id")
            .fetch_all(&app.pool)
            .await
            .unwrap();
    let (found, expected) = (
        (values, provenance, names),
        (model.values(), model.provenance(), model.names()),
    );
    (found != expected).then(|| format!("expected {expected:?}\nfound    {found:?}"))
}

/// Runs a sequence; answers where model and database part.
async fn run(app: &App, answer: &Mutex<Value>, steps: &[Step]) -> Result<(), String> {
    app.delete("/clear-data").await;
    let mut model = Model::default();
    let mut imports: Vec<i32> = Vec::new();
    for (nth, step) in steps.iter().enumerate() {
        let told = |what: &str| format!("step {nth} of {steps:#?}\n{what}\n{model:?}");
        match step {
            Step::Import(import, name) => {
                match import {
                    merging::Step::Answer(items) => {
                        *answer.lock().unwrap() = answer_of(NAMES[*name], items);
                        app.post(&format!(
                            "/scheduler/import-range?start_date={DAY}&end_date={DAY}"
                        ))
                        .await;
                    }
                    merging::Step::Backup(results) => drop(app.import(file_of(results)).await),
                }
                let id = app.newest().await.id;
                imports.push(id);
                model.import(id, import, *name);
            }
            Step::Undo(of) if !imports.is_empty() => {
                let id = imports[of % imports.len()];
                let path = format!("/import-logs/{id}/undo");
                let planned = app.post(&format!("{path}?dry_run=true")).await;
                let done = app.post(&path).await;
                if !model.any.contains(&id) {
                    if planned.status != 409 || done.status != 409 {
                        return Err(told("an import that did nothing was undone"));
                    }
                    continue;
                }
                let expected = model.undo(id);
                for answer in [&planned, &done] {
                    let found = counts(&answer.json());
                    if found != expected {
                        let what = format!("undo of {id}: expected {expected:?}\nfound {found:?}");
                        return Err(format!("step {nth} of {steps:#?}\n{what}"));
                    }
                }
            }
            Step::Undo(_) => {}
            Step::Clear => {
                app.delete("/clear-data").await;
                model.games.clear();
                model.draws.clear();
            }
        }
        if let Some(what) = differs(app, &model).await {
            return Err(format!("step {nth} of {steps:#?}\n{what}"));
        }
    }
    Ok(())
}

#[sqlx::test(migrations = false)]
async fn any_sequence_of_imports_and_undos_leaves_what_the_model_says(pool: PgPool) {
    let (answer, feed) = answering().await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    each_holds(CASES, steps(), async |steps| {
        run(&app, &answer, &steps).await
    })
    .await;
    app.stop().await;
}
