//! How many imports a process runs at a time.

use std::sync::Arc;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::server::db::runs::Lane;

/// The slots of a process: each lane has its own number, so that none holds up another.
#[derive(Debug)]
pub struct Slots {
    lanes: [(Lane, Arc<Semaphore>); Lane::ALL.len()],
    /// One has become free.
    pub freed: Notify,
}

impl Slots {
    /// So many files and so many ranges; and a short one beside them.
    pub fn new(imports: usize) -> Self {
        Self {
            lanes: Lane::ALL.map(|lane| {
                let slots = if lane == Lane::Short { 1 } else { imports };
                (lane, Arc::new(Semaphore::new(slots)))
            }),
            freed: Notify::new(),
        }
    }

    /// The lanes in which an import may begin.
    pub fn free(&self) -> Vec<Lane> {
        self.lanes
            .iter()
            .filter(|(_, slots)| slots.available_permits() > 0)
            .map(|(lane, _)| *lane)
            .collect()
    }

    pub fn take(&self, lane: &str) -> Option<OwnedSemaphorePermit> {
        let (_, slots) = self.lanes.iter().find(|(it, _)| it.as_str() == lane)?;
        slots.clone().try_acquire_owned().ok()
    }
}
