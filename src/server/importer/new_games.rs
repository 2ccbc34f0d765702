//! The games that an import itself creates. Until it commits nobody else can see them, so nobody else can add
//! results to them: theirs go straight into `results`, without a merge. What has no digits, or repeats a draw, is staged
//! all the same: of several for one draw the first with digits counts, and the others may fill in what it lacks.

use std::collections::HashMap;

use chrono::Datelike as _;
use roaring::RoaringTreemap;

use super::decode::record::ResultRecord;
use crate::server::db::staging::NewGame;

/// At most so many games are treated so: they and their draws are kept in memory, about a bit a draw.
pub const MOST: usize = 4_096;

/// Where a result goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Its game may have results already, or isn't known, or isn't the one that its full game code names: it is staged
    /// and merged, or rejected there. So are results that have no digits, or whose draw the file has brought before.
    Merge,
    /// Into `results`, for this game.
    Add { game_id: i32 },
}

/// The games that an import created, and the draws that it has brought for them.
#[derive(Debug, Default)]
pub struct NewGames {
    by_file_id: HashMap<i64, NewGame>,
    drawn: RoaringTreemap,
}

impl NewGames {
    /// These games.
    #[must_use]
    pub fn new(games: Vec<NewGame>) -> Self {
        Self {
            by_file_id: games.into_iter().map(|game| (game.file_id, game)).collect(),
            drawn: RoaringTreemap::new(),
        }
    }

    /// Where this result goes.
    pub fn way(&mut self, result: &ResultRecord<'_>) -> Way {
        let Some(game) = self.by_file_id.get(&result.game_file_id) else {
            return Way::Merge;
        };
        if result
            .code_game
            .as_ref()
            .is_some_and(|code| **code != game.base_game_id)
        {
            return Way::Merge;
        }
        if result.values().iter().all(Option::is_none) {
            return Way::Merge;
        }
        let game_id = game.game_id;
        // The game in the upper half, the day in the lower one.
        let [game, day] = [game_id, result.result_date.num_days_from_ce()].map(i32::cast_unsigned);
        if self.drawn.insert((u64::from(game) << 32) | u64::from(day)) {
            Way::Add { game_id }
        } else {
            Way::Merge
        }
    }
}
