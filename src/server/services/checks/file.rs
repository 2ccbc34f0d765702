//! A file that is being checked, on its way through the store.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    model::{checked::Checked, difference::Differences},
    server::{importer::checking::Found, payloads::Payloads},
};

/// A file that lies in the store whole.
pub struct File {
    pub key: String,
    pub filename: Option<String>,
    pub size: i64,
    pub unpacked: i64,
    pub sha256: String,
}

impl File {
    /// What the check of it answers.
    pub fn answer(self, found: Found, checked_at: DateTime<Utc>, kept: TimeDelta) -> Checked {
        let counters = found.brought.counters;
        Checked {
            checked: self.key,
            checked_at,
            expires_at: checked_at + kept,
            filename: found.filename.or(self.filename),
            file_size: self.size,
            unpacked_size: self.unpacked,
            sha256: self.sha256,
            records_processed: counters.records,
            games_created: counters.games_created,
            games_updated: counters.games_updated,
            results_created: counters.results_created,
            results_updated: counters.results_updated,
            results_corrected: counters.results_corrected,
            results_unchanged: counters.results_unchanged,
            results_differing: counters.results_differing,
            duplicates: counters.duplicates,
            records_rejected: counters.rejected,
            created: found.created,
            completed: found.completed,
            unchanged: found.unchanged,
            differences: Differences(found.brought.differences),
            rejects: found.rejects,
            new_games: found.new_games,
            note: found.brought.note,
        }
    }
}

/// A payload that goes unless it is kept: when its check fails, and when nobody waits for it any more.
pub struct Unkept {
    payload: Option<(Payloads, String)>,
}

impl Unkept {
    pub fn new(payloads: &Payloads, key: &str) -> Self {
        Self {
            payload: Some((payloads.clone(), key.to_owned())),
        }
    }

    /// It is kept.
    pub fn keep(mut self) {
        self.payload = None;
    }

    /// It goes now: a process that ends right after has no time left for it.
    pub async fn remove(mut self) {
        if let Some((payloads, key)) = self.payload.take() {
            let _ = payloads.delete(&key).await;
        }
    }
}

impl Drop for Unkept {
    fn drop(&mut self) {
        if let Some((payloads, key)) = self.payload.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            // What can't be deleted now, housekeeping deletes: no log refers to it.
            runtime.spawn(async move { payloads.delete(&key).await });
        }
    }
}
