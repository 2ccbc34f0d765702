//! The uploads that this process receives, by the names that their senders gave them: until an upload has ended its
//! sender knows no other, and may want to stop it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Each of them with the number of its import.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Arc<Mutex<HashMap<String, i32>>>);

/// An upload is in the list until this is dropped.
#[derive(Debug)]
pub struct Entry {
    list: UnderWay,
    name: String,
}

impl UnderWay {
    /// Puts an upload into the list, if it has a name.
    #[must_use]
    pub fn enter(&self, name: Option<String>, import: i32) -> Option<Entry> {
        let name = name?;
        self.lock().insert(name.clone(), import);
        let list = self.clone();
        Some(Entry { list, name })
    }

    /// The import of the upload with this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<i32> {
        self.lock().get(name).copied()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, i32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.list.lock().remove(&self.name);
    }
}
