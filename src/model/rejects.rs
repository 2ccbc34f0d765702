//! Page by page through the records that an import went on without.

use super::import_log::ImportReject;

/// Which of an import's rejects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RejectsFrom {
    /// The first.
    #[default]
    First,
    /// Those right behind the one with this id.
    After(i64),
    /// Those right before it.
    Before(i64),
}

/// Some of an import's rejects, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RejectsPage {
    /// Each with its id.
    pub rejects: Vec<(i64, ImportReject)>,
    /// How many stand before these.
    pub before: i64,
    /// How many are kept in all.
    pub kept: i64,
}
