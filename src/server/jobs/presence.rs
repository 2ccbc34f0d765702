//! Says that this process is alive, so that the others know who is there.

use std::time::Duration;

use sqlx::PgPool;
use uuid::Uuid;

use crate::server::db::{
    processes::{self, Presence},
    runs::Needs,
};

/// How often: a few times may fail before the others think that it is gone.
pub const EVERY: Duration = Duration::from_secs(5);

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duties {
    /// It takes imports that wait.
    pub runs_imports: bool,
    /// It keeps the schedule.
    pub has_timer: bool,
}

/// A new process, as it presents itself: by its command, its machine, and its number there.
#[must_use]
pub fn of_this_process(command: &str, duties: Duties, has: &Needs) -> Presence {
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Presence {
        id: Uuid::now_v7(),
        name: format!("{command} on {} ({})", machine.trim(), std::process::id()),
        runs_imports: duties.runs_imports,
        has_timer: duties.has_timer,
        store: has.store.clone(),
        feed: has.feed.clone(),
    }
}

/// Takes leave, so that nobody waits for it; without a database it is missed in time.
pub async fn leave(pool: &PgPool, presence: &Presence) {
    const PATIENCE: Duration = Duration::from_secs(2);
    let _ = tokio::time::timeout(PATIENCE, processes::leave(pool, presence.id)).await;
}
