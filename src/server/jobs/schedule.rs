//! The timer: at each tick of the cron schedule it imports today's date, if the scheduler is switched on.
//!
//! Every process has one. Which of them starts a tick's import is decided in the database, so it starts once.

use std::time::Duration;

use crate::server::services::scheduler::Scheduler;

/// The clock may be set meanwhile, so a long wait is made in steps.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Runs the schedule until cancelled.
pub async fn run(scheduler: Scheduler) {
    let Some(mut tick) = scheduler.next_tick(scheduler.now()) else {
        tracing::warn!("the schedule never comes due");
        return;
    };
    loop {
        let wait = (tick - scheduler.now()).to_std().unwrap_or_default();
        if !wait.is_zero() {
            tokio::time::sleep(wait.min(LONGEST_WAIT)).await;
            continue;
        }
        match scheduler.tick(tick).await {
            Ok(Some(started)) => tracing::info!(import = started.id, "scheduled import started"),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the scheduled import could not be started"),
        }
        match scheduler.next_tick(scheduler.now().max(tick)) {
            Some(next) => tick = next,
            None => return,
        }
    }
}
