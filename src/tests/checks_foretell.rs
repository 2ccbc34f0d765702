//! What a check says is what the import then does, whatever the file and the data; and a check writes nothing.

use std::cell::Cell;

use proptest::prelude::*;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    app::{App, upload},
    sequences::each_holds,
};
use crate::model::checked::REJECTS_SHOWN;

const CASES: u32 = 100;
/// Of so many cases one is also looked at for what it wrote: that takes as long as an import.
const LOOKED_AT: usize = 10;
/// Of each list so many are shown.
const SHOWN: u64 = 20;
const GAMES: usize = 5;
const DAYS: [&str; 3] = ["2025-06-20", "2025-06-21", "2025-06-22"];

/// Three values and a status.
type Draw = ([Option<char>; 3], &'static str);

/// What is stored before the file comes.
#[derive(Clone, Debug)]
struct Stored {
    games: [bool; GAMES],
    /// Of a game, a day.
    draws: Vec<(usize, usize, Draw)>,
}

/// A game of a file.
#[derive(Clone, Debug)]
struct FileGame {
    file_id: i64,
    game: usize,
    /// It lacks its name, and is rejected.
    nameless: bool,
}

/// What a result says of its game besides the file's id.
#[derive(Clone, Copy, Debug)]
enum Code {
    None,
    Of(usize),
}

#[derive(Clone, Debug)]
struct FileResult {
    file_id: i64,
    code: Code,
    /// The last is no day, and the result is rejected.
    day: usize,
    draw: Draw,
    odd: bool,
}

#[derive(Clone, Debug)]
struct File {
    games: Vec<FileGame>,
    results: Vec<FileResult>,
    results_first: bool,
}

fn draws() -> impl Strategy<Value = Draw> {
    let value = proptest::option::of(prop_oneof![3 => Just('1'), 1 => Just('2')]);
    let status = proptest::sample::select(vec!["completed", "waiting", "cancelled", "no_result"]);
    ([value.clone(), value.clone(), value], status)
}

fn stored() -> impl Strategy<Value = Stored> {
    let draw = (0..GAMES, 0..DAYS.len(), draws());
    let games = proptest::array::uniform5(any::<bool>());
    let draws = proptest::collection::vec(draw, 0..10);
    (games, draws).prop_map(|(games, draws)| Stored { games, draws })
}

fn files() -> impl Strategy<Value = File> {
    let game = (0..7_i64, 0..GAMES, proptest::bool::weighted(0.15));
    let game = game.prop_map(|(file_id, game, nameless)| FileGame {
        file_id,
        game,
        nameless,
    });
    let code = prop_oneof![3 => Just(Code::None), 2 => (0..GAMES).prop_map(Code::Of)];
    let day = prop_oneof![12 => 0..DAYS.len(), 1 => Just(DAYS.len())];
    let odd = proptest::bool::weighted(0.1);
    let result = (0..8_i64, code, day, draws(), odd);
    let result = result
        .prop_map(|(file_id, code, day, draw, odd)| FileResult {
            file_id,
            code,
            day,
            draw,
            odd,
        })
        .boxed();
    // Now and then more are rejected than a check shows.
    let results = prop_oneof![
        9 => proptest::collection::vec(result.clone(), 0..14),
        1 => proptest::collection::vec(result, 60..90),
    ];
    let games = proptest::collection::vec(game, 0..7);
    (games, results, any::<bool>()).prop_map(|(games, results, results_first)| File {
        games,
        results,
        results_first,
    })
}

fn game_id(game: usize) -> String {
    format!("L0{game}-01")
}

fn text(file: &File) -> String {
    let games: Vec<Value> = file
        .games
        .iter()
        .map(|game| {
            let mut written =
                json!({ "id": game.file_id, "base_game_id": game_id(game.game), "game_name": "ดาวโจนส์" });
            if game.nameless {
                written["game_name"] = Value::Null;
            }
            written
        })
        .collect();
    let results: Vec<Value> = file
        .results
        .iter()
        .map(|result| {
            let day = DAYS.get(result.day).copied().unwrap_or("2025-06-31");
            let ([up3, down2, up4], status) = result.draw;
            let [up3, down2, up4] = [up3, down2, up4].map(|value| value.map(String::from));
            let mut written = json!({ "game_id": result.file_id, "result_date": day, "result_3up": up3,
                "result_2down": down2, "result_4up": up4, "status": status });
            if let Code::Of(game) = result.code {
                let code = format!("{}-{}", game_id(game), day.replace('-', ""));
                written["full_game_code"] = code.into();
            }
            if result.odd {
                written["created_at"] = "no time".into();
            }
            written
        })
        .collect();
    let (games, results) = (json!(games), json!(results));
    if file.results_first {
        format!(r#"{{"results": {results}, "games": {games}}}"#)
    } else {
        format!(r#"{{"games": {games}, "results": {results}}}"#)
    }
}

/// Puts into the database what is stored, and nothing else.
async fn store(app: &App, stored: &Stored) {
    let text = |value: Option<char>| value.map(String::from);
    let games = (0..GAMES).filter(|game| stored.games[*game]).map(game_id);
    let mut columns: [Vec<Option<String>>; 6] = Default::default();
    for (game, day, ([up3, down2, up4], status)) in &stored.draws {
        let row = [
            Some(game_id(*game)),
            Some(DAYS[*day].to_owned()),
            text(*up3),
            text(*down2),
            text(*up4),
            Some((*status).to_owned()),
        ];
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    app.execute("DELETE FROM results; DELETE FROM games").await;
    let [game, day, up3, down2, up4, status] = columns;
    sqlx::query(
        "WITH game AS (INSERT INTO games (base_game_id, game_name) SELECT game, 'ดาวโจนส์' FROM unnest($1::text[]) AS game
                       RETURNING id, base_game_id)
         INSERT INTO results (game_id, result_date, result_3up, result_2down, result_4up, status)
         SELECT id, day::date, up3, down2, up4, status
         FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
              AS draw (base_game_id, day, up3, down2, up4, status) JOIN game USING (base_game_id)
         ON CONFLICT DO NOTHING",
    )
    .bind(games.collect::<Vec<_>>())
    .bind(game)
    .bind(day)
    .bind(up3)
    .bind(down2)
    .bind(up4)
    .bind(status)
    .execute(&app.pool)
    .await
    .unwrap();
}

/// All results after an import: what became of each by that import, what was stored before it, and what is now.
async fn done_by(app: &App, import: &Value) -> Vec<Value> {
    sqlx::query_scalar(
        "SELECT jsonb_build_object('base_game_id', base_game_id, 'result_date', result.result_date,
             'kind', CASE WHEN result.created_by = $1 THEN 'created' WHEN change.id IS NOT NULL THEN 'completed' ELSE 'left' END,
             'stored', CASE WHEN result.created_by = $1 THEN NULL
                            WHEN change.id IS NULL THEN now
                            ELSE jsonb_build_object('result_3up', old_3up, 'result_2down', old_2down, 'result_4up', old_4up,
                                                    'status', old_status) END,
             'becomes', now)
         FROM results result
         JOIN games ON games.id = result.game_id
         LEFT JOIN result_changes change ON change.import_id = $1 AND change.game_id = result.game_id
                                        AND change.result_date = result.result_date
         CROSS JOIN LATERAL jsonb_build_object('result_3up', result_3up, 'result_2down', result_2down, 'result_4up', result_4up,
                                               'status', status) AS now
         ORDER BY base_game_id, result.result_date",
    )
    .bind(import.as_i64().and_then(|id| i32::try_from(id).ok()))
    .fetch_all(&app.pool)
    .await
    .unwrap()
}

/// Whether the results that a check lists are those that the import then added, completed, and left as they are.
fn lists_hold(check: &Value, done: &[Value]) -> Result<(), String> {
    for (list, counter, kind) in [
        ("created", "results_created", "created"),
        ("completed", "results_updated", "completed"),
        ("unchanged", "results_unchanged", "left"),
    ] {
        let listed = check[list].as_array().ok_or(list)?;
        let shown = check[counter].as_u64().map(|all| all.min(SHOWN));
        if shown != Some(listed.len() as u64) {
            return Err(format!("{list}: {} of {}", listed.len(), check[counter]));
        }
        let same = |draw: &Value, row: &Value| {
            row["kind"] == kind
                && ["base_game_id", "result_date", "stored", "becomes"]
                    .iter()
                    .all(|name| draw[name] == row[name])
        };
        for draw in listed {
            let brought = list == "completed" || draw["brought"] == draw["becomes"];
            let found = done.iter().filter(|row| same(draw, row)).count();
            let times = listed.iter().filter(|other| *other == draw).count();
            if !brought || (found, times) != (1, 1) {
                return Err(format!("{list}: {draw}\nimport: {done:?}"));
            }
        }
    }
    Ok(())
}

/// All that stands in the database: each table's rows, as a count and a sum, and each sequence's last value.
pub async fn all_of_it(app: &App) -> Vec<(String, String)> {
    sqlx::query_as(
        "SELECT relname::text,
                query_to_xml(format('SELECT count(*) AS n, sum(hashtext(t::text)::bigint) AS sum FROM %I t', relname), true, false, '')::text
         FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
         UNION ALL
         SELECT sequencename::text, coalesce(last_value::text, 'never') FROM pg_sequences
         ORDER BY 1",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap()
}

/// Checks a file, then imports it; answers where the two part, or whether its import succeeded.
async fn run(app: &App, stored: &Stored, file: &File) -> Result<bool, String> {
    const SAME: [&str; 12] = [
        "records_processed",
        "games_created",
        "games_updated",
        "results_created",
        "results_updated",
        "results_corrected",
        "results_unchanged",
        "results_differing",
        "duplicates",
        "records_rejected",
        "differences",
        "note",
    ];
    store(app, stored).await;
    let text = text(file);
    let look = (stored.draws.len() + file.results.len()).is_multiple_of(LOOKED_AT);
    let before = if look {
        all_of_it(app).await
    } else {
        Vec::new()
    };
    let check = upload().uri("/import-backup?dry_run=true");
    let check = app.send(check.body(text.clone().into()).unwrap()).await;
    let after = if look {
        all_of_it(app).await
    } else {
        Vec::new()
    };
    if before != after {
        return Err(format!("it wrote: {before:?}\n{after:?}"));
    }
    let import = app.import(text.clone()).await;
    if check.status != import.status {
        return Err(format!("{}\nimport: {}", check.text(), import.text()));
    }
    let (check, import) = (check.json(), import.json());
    if !import["import_id"].is_null() && import["detail"].is_string() {
        if check["detail"] != import["detail"] {
            return Err(format!("{check}\nimport: {import}"));
        }
        return Ok(false);
    }
    let address = format!("/import-logs/{}", import["import_id"]);
    let log = app.get(&address).await.json();
    for name in SAME {
        if check[name] != log[name] || check.get(name).is_none() {
            return Err(format!("{name}: {} and {}", check[name], log[name]));
        }
    }
    let rejects = log["rejects"].as_array().unwrap();
    let first: Vec<_> = rejects.iter().take(REJECTS_SHOWN).collect();
    if check["rejects"] != json!(first) {
        return Err(format!("{}\nimport: {first:?}", check["rejects"]));
    }
    lists_hold(&check, &done_by(app, &import["import_id"]).await)?;
    let new = check["new_games"].as_array().unwrap().len();
    if check["games_created"] != new {
        return Err(format!("{new} new games: {check}"));
    }
    Ok(true)
}

#[sqlx::test(migrations = false)]
async fn what_a_check_says_is_what_the_import_then_does(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let succeeded = Cell::new(0);
    each_holds(CASES, (stored(), files()), async |(stored, file)| {
        let success = run(&app, &stored, &file)
            .await
            .map_err(|why| format!("{why}\nof {}\nbeside {stored:?}", text(&file)))?;
        succeeded.set(succeeded.get() + u32::from(success));
        Ok(())
    })
    .await;
    let succeeded = succeeded.get();
    assert!(
        succeeded > CASES / 4,
        "only {succeeded} files could be imported"
    );
    app.stop().await;
}
