//! What the page of one import shows.

use super::{
    history::Zone,
    import_log::{ImportDate, ImportLog, ImportStatus},
    rejects::RejectsPage,
    timeline::ImportEvent,
    undo::Undo,
};

/// What the address of an import shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    Import(Box<ImportPage>),
    /// Its log has just been removed.
    Removed(i32),
}

/// Everything about one import, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    pub log: ImportLog,
    /// Empty unless a range.
    pub dates: Vec<ImportDate>,
    pub events: Vec<ImportEvent>,
    pub rejects: RejectsPage,
}

/// The same, and how it is to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportPage {
    pub whole: Whole,
    pub zone: Zone,
    /// Why what was asked of it was refused, without scripts.
    pub refused: Option<String>,
    /// What is still to be asked.
    pub asks: Option<Asks>,
    /// What stays of it because others have changed it since, when it was undone; and what another undo would take back.
    pub left: Option<Undo>,
    /// Where it is, from the server's name on, for people and paper.
    pub address: String,
    /// The same page for a browser that loads it again: what was done on it is not done twice.
    pub again: String,
}

/// What is asked before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Whether its log is to be removed.
    Remove,
    /// Whether it is to be undone, which would do this.
    Undo(Box<Undo>),
}

impl ImportPage {
    /// The title of its document.
    #[must_use]
    pub fn title(&self) -> String {
        let log = &self.whole.log;
        match log.status {
            ImportStatus::Running => format!("Import #{}, running", log.id),
            _ => format!("Import #{}", log.id),
        }
    }

    /// Where it is to be loaded again, while its import runs.
    #[must_use]
    pub fn comes_again(&self) -> Option<&str> {
        (self.whole.log.status == ImportStatus::Running).then_some(&self.again)
    }
}
