//! Who takes what a backup holds.

use std::ops::ControlFlow;

use crate::server::importer::decode::{
    error::Section,
    record::{GameRecord, Oddity, Reject, ResultRecord},
};

/// Takes what a backup holds, in the document's order.
pub trait BackupSink {
    /// A section begins. On `Break`, [`super::BackupDecoder::push`] stops right behind its beginning, so that its caller
    /// can do what a sink can't, such as wait.
    fn section(&mut self, _section: Section) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    /// A game; `position` is its number among the games, from 1.
    fn game(&mut self, position: u64, game: GameRecord<'_>);
    /// A result; `position` is its number among the results, from 1.
    fn result(&mut self, position: u64, result: ResultRecord<'_>);
    /// A record that is neither.
    fn reject(&mut self, reject: Reject);
    /// A member that the next record is taken without.
    fn odd(&mut self, oddity: Oddity);
    /// What the client says about the file. Nobody has checked it.
    fn metadata(&mut self, filename: Option<String>, file_size: Option<i64>);
}
