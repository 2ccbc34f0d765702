//! The draws of a feed's answer, merged into games and results.

use std::collections::{BTreeMap, HashMap, HashSet};

use sqlx::PgConnection;

use super::decode::{
    merging::{corrects, merged},
    record::DrawRecord,
};
use crate::{
    model::difference::{DIFFERENCES_KEPT, Difference},
    server::db::{
        games::{self, FeedGames, Refreshed},
        outcomes::{Brought, Counters, counted},
        results::{self, DrawKey, Rows},
    },
};

/// Merges draws, each of which stands there once, as this import's, and counts what that did.
///
/// # Errors
/// When the database refuses.
pub async fn merge(
    db: &mut PgConnection,
    import_id: i32,
    draws: &[DrawRecord],
) -> sqlx::Result<Brought> {
    let (refreshed, ids) = refresh_games(&mut *db, import_id, &games_of(draws)).await?;
    let mut brought = Brought {
        counters: Counters {
            records: counted(draws.len()),
            games_created: refreshed.created,
            games_updated: refreshed.updated,
            ..Counters::default()
        },
        ..Brought::default()
    };
    let mut to_do: Vec<(DrawKey, &DrawRecord)> = draws
        .iter()
        .filter_map(|draw| Some(((*ids.get(&draw.base_game_id)?, draw.result_date), draw)))
        .collect();
    // Once, but for results that others create at the same moment: those are then there to be merged with.
    while !to_do.is_empty() {
        to_do = merge_once(&mut *db, import_id, &to_do, &mut brought).await?;
    }
    let Counters {
        records,
        results_created,
        results_updated,
        ..
    } = brought.counters;
    brought.counters.results_unchanged = records - results_created - results_updated;
    Ok(brought)
}

/// Creates the games that aren't known yet, and gives known ones the feed's name and country where those differ. Answers
/// the ids of all.
async fn refresh_games(
    db: &mut PgConnection,
    import_id: i32,
    feed: &FeedGames<'_>,
) -> sqlx::Result<(Refreshed, HashMap<String, i32>)> {
    let mut refreshed = Refreshed::default();
    loop {
        refreshed.updated += counted(games::rename(&mut *db, import_id, feed).await?);
        let known = games::ids(&mut *db, &feed.base_game_ids).await?;
        let known: HashMap<String, i32> = known.into_iter().collect();
        let new = feed.without(&known);
        if new.base_game_ids.is_empty() {
            return Ok((refreshed, known));
        }
        // Those that others create at the same moment are then there to be renamed.
        refreshed.created += counted(games::create(&mut *db, import_id, &new).await?);
    }
}

/// Merges draws with what is stored of them. Answers those that were created by others meanwhile.
async fn merge_once<'a>(
    db: &mut PgConnection,
    import_id: i32,
    draws: &[(DrawKey, &'a DrawRecord)],
    brought: &mut Brought,
) -> sqlx::Result<Vec<(DrawKey, &'a DrawRecord)>> {
    let (game_ids, dates): (Vec<_>, Vec<_>) = draws.iter().map(|(key, _)| *key).unzip();
    let stored: HashMap<DrawKey, _> = results::lock(&mut *db, &game_ids, &dates)
        .await?
        .into_iter()
        .collect();
    let (mut new, mut changed) = (Rows::default(), Rows::default());
    for (key, draw) in draws {
        let Some(stored) = stored.get(key) else {
            new.push(*key, draw.values.clone());
            continue;
        };
        let after = merged(stored, &draw.values);
        if after == *stored {
            continue;
        }
        if corrects(stored, &draw.values) {
            brought.counters.results_corrected += 1;
            if brought.differences.len() < DIFFERENCES_KEPT {
                brought.differences.push(Difference {
                    base_game_id: draw.base_game_id.clone(),
                    game_name: draw.game_name.clone(),
                    result_date: draw.result_date,
                    stored: stored.clone(),
                    brought: after.clone(),
                });
            }
        }
        changed.push(*key, after);
    }
    let created = results::create(&mut *db, import_id, &new).await?;
    brought.counters.results_created += counted(created.len());
    if !changed.game_ids.is_empty() {
        let updated = results::update(&mut *db, import_id, &changed).await?;
        brought.counters.results_updated += counted(updated);
    }
    let created: HashSet<DrawKey> = created.into_iter().collect();
    Ok(draws
        .iter()
        .filter(|(key, _)| !stored.contains_key(key) && !created.contains(key))
        .copied()
        .collect())
}

/// The games of the draws, each once, with the name and the country that the answer gives last.
fn games_of(draws: &[DrawRecord]) -> FeedGames<'_> {
    let mut by_id: BTreeMap<&str, (&str, Option<&str>)> = BTreeMap::new();
    for draw in draws {
        let game = by_id
            .entry(&draw.base_game_id)
            .or_insert((&draw.game_name, None));
        game.0 = &draw.game_name;
        game.1 = draw.country_code.as_deref().or(game.1);
    }
    let mut games = FeedGames::default();
    for (base_game_id, (name, country_code)) in by_id {
        games.base_game_ids.push(base_game_id);
        games.names.push(name);
        games.country_codes.push(country_code);
    }
    games
}
