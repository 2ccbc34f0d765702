//! A backup's decoded records on their way to the database.

use std::ops::ControlFlow;

use super::{
    decode::{
        Section,
        backup::BackupSink,
        record::{GameRecord, Oddity, Reject, ResultRecord},
    },
    doing::Doing,
    new_games::{NewGames, Way},
    read::Read,
    rejects::kept,
    stage::Rows,
};
use crate::{model::import_log::ImportReject, server::db::outcomes::counted};

/// Turns decoded records into rows, and counts.
#[derive(Debug)]
pub struct Sink {
    pub read: Read,
    /// Those that nobody has written down yet.
    pub rejects: Vec<ImportReject>,
    pub rows: Rows,
    pub new_games: NewGames,
    /// The results begin, and the games stood before them.
    pub games_are_whole: bool,
    has_games: bool,
    doing: Doing,
}

impl Sink {
    pub fn new(doing: Doing) -> Self {
        Self {
            read: Read::default(),
            rejects: Vec::new(),
            rows: Rows::default(),
            new_games: NewGames::default(),
            games_are_whole: false,
            has_games: false,
            doing,
        }
    }
}

impl BackupSink for Sink {
    fn section(&mut self, section: Section) -> ControlFlow<()> {
        match section {
            Section::Games => self.has_games = true,
            Section::Results if self.has_games => {
                self.games_are_whole = true;
                return ControlFlow::Break(());
            }
            Section::Results => {}
        }
        ControlFlow::Continue(())
    }

    fn game(&mut self, position: u64, game: GameRecord<'_>) {
        self.read.games += 1;
        self.rows.staged_game(counted(position), &game);
    }

    fn result(&mut self, position: u64, result: ResultRecord<'_>) {
        self.read.results += 1;
        match (self.new_games.way(&result), self.doing) {
            (Way::Add { game_id }, Doing::Import { id, now }) => {
                self.rows.result(game_id, &result, id, now);
            }
            _ => self.rows.staged_result(counted(position), &result),
        }
    }

    fn reject(&mut self, reject: Reject) {
        let file_id = reject.file_id;
        let reject = kept(reject);
        if reject.section == Section::Games.as_str() {
            self.read.rejected_games += 1;
        } else {
            self.read.rejected_results += 1;
        }
        if let Some(file_id) = file_id {
            self.rows.rejected_game(reject.position, file_id);
        }
        self.read.note(&reject);
        self.rejects.push(reject);
    }

    fn odd(&mut self, oddity: Oddity) {
        self.read.odd += 1;
        self.read.first_odd.get_or_insert(oddity);
    }

    fn metadata(&mut self, filename: Option<String>, _file_size: Option<i64>) {
        // The size is a client's word; NumWatch has counted the bytes itself.
        self.read.filename = filename;
    }
}
