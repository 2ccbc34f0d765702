//! Any sequence of answers and backups, through the doors, against a plain model of `formats.md` ("Merging", "A backup
//! adds"): no stored digit disappears but by other digits of the feed, and the counters say what happened.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{Router, routing::get};
use proptest::prelude::*;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{Server, serve},
    sequences::each_holds,
};
use crate::model::import_log::ImportStatus;

/// The day of all draws.
pub const DAY: &str = "2025-06-22";
const CASES: u32 = 40;

/// What the model knows of a draw: its values and its status.
pub type Draw = ([Option<char>; 3], &'static str);
pub type Stored = BTreeMap<u8, Draw>;

/// A value as a feed writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Said {
    Nothing,
    Waiting,
    Cancelled,
    Digit(char),
}

#[derive(Clone, Debug)]
pub enum Step {
    /// Items of a day: the game, and what they say.
    Answer(Vec<(u8, [Said; 3])>),
    /// Results of a file.
    Backup(Vec<(u8, Draw)>),
}

/// What an import is expected to count.
#[derive(Debug, Default, PartialEq)]
pub struct Counts {
    pub created: i32,
    pub updated: i32,
    corrected: i32,
    unchanged: i32,
    differing: i32,
}

/// Any answer or backup.
pub fn step() -> impl Strategy<Value = Step> {
    let said = prop_oneof![
        3 => Just(Said::Nothing),
        1 => Just(Said::Waiting),
        1 => Just(Said::Cancelled),
        4 => prop_oneof![Just(Said::Digit('1')), Just(Said::Digit('2'))],
    ];
    let value = proptest::option::of(prop_oneof![Just('1'), Just('2')]);
    let status = proptest::sample::select(vec!["completed", "waiting", "cancelled", "no_result"]);
    let item = (0..3_u8, [said.clone(), said.clone(), said]);
    let result = (0..3_u8, ([value.clone(), value.clone(), value], status));
    prop_oneof![
        3 => proptest::collection::vec(item, 1..5).prop_map(Step::Answer),
        2 => proptest::collection::vec(result, 1..4).prop_map(Step::Backup),
    ]
}

// --- the model ---

/// What an item says by itself.
fn draw_of(said: [Said; 3]) -> Draw {
    let word = said.iter().find_map(|said| match said {
        Said::Waiting => Some("waiting"),
        Said::Cancelled => Some("cancelled"),
        _ => None,
    });
    let values = said.map(|said| match said {
        Said::Digit(digit) => Some(digit),
        _ => None,
    });
    let drawn = values.iter().any(Option::is_some);
    (
        values,
        word.unwrap_or(if drawn { "completed" } else { "no_result" }),
    )
}

/// What a draw is after an answer.
fn merge(stored: Draw, answer: Draw) -> Draw {
    if stored == answer {
        return stored;
    }
    let mut values = stored.0;
    for (value, new) in values.iter_mut().zip(answer.0) {
        if new.is_some() {
            *value = new;
        }
    }
    let brings_digits = answer.0.iter().any(Option::is_some);
    let status = if answer.1 == "cancelled" {
        "cancelled"
    } else if brings_digits {
        "completed"
    } else if values.iter().any(Option::is_some) {
        if stored.1 == "cancelled" {
            "cancelled"
        } else {
            "completed"
        }
    } else if answer.1 == "waiting" {
        "waiting"
    } else {
        stored.1
    };
    (values, status)
}

/// Does to the model what a step does to the data.
pub fn apply(stored: &mut Stored, step: &Step) -> Counts {
    let mut counts = Counts::default();
    match step {
        Step::Answer(items) => {
            let mut answer = Stored::new();
            for (game, said) in items {
                let read = draw_of(*said);
                let draw = answer.get(game).map_or(read, |before| merge(*before, read));
                answer.insert(*game, draw);
            }
            for (game, answer) in answer {
                let Some(before) = stored.get(&game).copied() else {
                    stored.insert(game, answer);
                    counts.created += 1;
                    continue;
                };
                let after = merge(before, answer);
                let replaced = before
                    .0
                    .iter()
                    .zip(answer.0)
                    .any(|(old, new)| old.is_some_and(|old| new.is_some_and(|new| new != old)));
                counts.corrected += i32::from(replaced);
                counts.updated += i32::from(after != before);
                counts.unchanged += i32::from(after == before);
                stored.insert(game, after);
            }
        }
        Step::Backup(results) => {
            // Of a draw that stands there twice each value is the first that there is, as is the status of digits.
            let mut file = Stored::new();
            for (game, draw) in results {
                let known = file.entry(*game).or_insert(*draw);
                if known.0.iter().all(Option::is_none) && draw.0.iter().any(Option::is_some) {
                    known.1 = draw.1;
                }
                known.0 = [0, 1, 2].map(|at| known.0[at].or(draw.0[at]));
            }
            for (game, draw) in file {
                let Some(before) = stored.get_mut(&game) else {
                    stored.insert(game, draw);
                    counts.created += 1;
                    continue;
                };
                let pairs = || before.0.into_iter().zip(draw.0);
                let contradicts = pairs()
                    .any(|(old, new)| old.is_some_and(|old| new.is_some_and(|new| new != old)));
                let adds = pairs().any(|(old, new)| old.is_none() && new.is_some());
                if adds && !contradicts {
                    let values = [0, 1, 2].map(|at| before.0[at].or(draw.0[at]));
                    if ["waiting", "no_result"].contains(&before.1) {
                        before.1 = draw.1;
                    }
                    before.0 = values;
                    counts.updated += 1;
                } else if *before == draw {
                    counts.unchanged += 1;
                } else {
                    counts.differing += 1;
                }
            }
        }
    }
    counts
}

// --- the real thing ---

pub fn game_id(game: u8) -> String {
    format!("L0{game}-01")
}

/// An answer of these items, whose games have this name.
pub fn answer_of(name: &str, items: &[(u8, [Said; 3])]) -> Value {
    let text = |said: Said| match said {
        Said::Nothing => json!(""),
        Said::Waiting => json!("รอผล"),
        Said::Cancelled => json!("ยกเลิก"),
        Said::Digit(digit) => json!(digit.to_string()),
    };
    let lists: Vec<Value> = items
        .iter()
        .map(|(game, [up3, down2, up4])| {
            json!({ "GAME_CODE": format!("{}-20250622", game_id(*game)), "GAME_NAME": name,
                    "RESULT_3UP": text(*up3), "RESULT_2DOWN": text(*down2), "RESULT_4UP": text(*up4) })
        })
        .collect();
    json!({ "set": { "lists": lists } })
}

/// A backup of these results; all games are in it.
pub fn file_of(results: &[(u8, Draw)]) -> String {
    let games: Vec<Value> = (0..3)
        .map(|game| json!({ "id": game, "base_game_id": game_id(game), "game_name": "ดาวโจนส์" }))
        .collect();
    let results: Vec<Value> = results
        .iter()
        .map(|(game, (values, status))| {
            let [up3, down2, up4] = values.map(|value| value.map(String::from));
            json!({ "game_id": game, "result_date": DAY, "result_3up": up3, "result_2down": down2,
                    "result_4up": up4, "status": status })
        })
        .collect();
    json!({ "games": games, "results": results }).to_string()
}

/// The game, its three values, and the status.
type Row = (
    String,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
);

/// What the database holds.
pub async fn stored(app: &App) -> Stored {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT base_game_id, result_3up, result_2down, result_4up, status FROM results JOIN games ON games.id = game_id",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap();
    rows.into_iter()
        .map(|(game, up3, down2, up4, status)| {
            let game = game.as_bytes()[2] - b'0';
            let values = [up3, down2, up4].map(|value| value.and_then(|text| text.chars().next()));
            let words = ["completed", "waiting", "cancelled", "no_result"];
            let status = words.into_iter().find(|word| *word == status).unwrap();
            (game, (values, status))
        })
        .collect()
}

/// Runs a sequence; answers where model and database part.
async fn run(app: &App, answer: &Mutex<Value>, steps: &[Step]) -> Result<(), String> {
    app.delete("/clear-data").await;
    let mut model = Stored::new();
    for (nth, step) in steps.iter().enumerate() {
        let before = model.clone();
        let expected = apply(&mut model, step);
        match step {
            Step::Answer(items) => {
                *answer.lock().unwrap() = answer_of("ดาวโจนส์", items);
                app.post(&format!(
                    "/scheduler/import-range?start_date={DAY}&end_date={DAY}"
                ))
                .await;
            }
            Step::Backup(results) => drop(app.import(file_of(results)).await),
        }
        let log = app.newest().await;
        let counted = Counts {
            created: log.results_created,
            updated: log.results_updated,
            corrected: log.results_corrected,
            unchanged: log.results_unchanged,
            differing: log.results_differing,
        };
        let found = stored(app).await;
        if log.status != ImportStatus::Success || found != model || counted != expected {
            return Err(format!(
                "step {nth} of {steps:?}\nexpected {model:?}, {expected:?}\nfound    {found:?}, {counted:?}\n{log:?}"
            ));
        }
        for (game, (values, _)) in &before {
            for (at, value) in values.iter().enumerate() {
                let still = found[game].0[at];
                let replaced = matches!(step, Step::Answer(_)) && still.is_some();
                if value.is_some() && still != *value && !replaced {
                    return Err(format!(
                        "step {nth} of {steps:?}: a digit of {game} is gone"
                    ));
                }
            }
        }
    }
    Ok(())
}

/// A feed that gives the answer which a test has set.
pub async fn answering() -> (Arc<Mutex<Value>>, Server) {
    let answer = Arc::new(Mutex::new(json!({})));
    let today = {
        let answer = answer.clone();
        move || {
            let answer = answer.lock().unwrap().clone();
            async move { axum::Json(answer) }
        }
    };
    let feed = serve(Router::new().fallback(get(today))).await;
    (answer, feed)
}

#[sqlx::test(migrations = false)]
async fn no_digit_disappears_whatever_comes_in_whatever_order(pool: PgPool) {
    let (answer, feed) = answering().await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let sequences = proptest::collection::vec(step(), 1..7);
    each_holds(CASES, sequences, async |steps| {
        run(&app, &answer, &steps).await
    })
    .await;
    app.stop().await;
}
