//! `numwatch undo`: takes back what an import did.

use clap::Args;

use super::{
    connect::{Failure, connect},
    parts::Parts,
    print,
};
use crate::{
    model::undo::{MOST_LISTED, Undo as Undone},
    server::{actor::Actor, clock::Clock, config::Config},
};

#[derive(Args)]
pub struct Undo {
    /// The import's number
    id: i32,
    /// Only say what would become of what it brought
    #[arg(long)]
    dry_run: bool,
}

impl Undo {
    /// Undoes the import, and prints what became of what it brought.
    ///
    /// # Errors
    /// When it can't connect, the import can't be undone, or the database refuses.
    pub async fn run(self) -> Result<(), Failure> {
        let config = Config::from_env()?;
        let pool = connect(&config).await?;
        let parts = Parts::wire(&config, pool, Clock::system()).await?;
        let undone = if self.dry_run {
            parts.logs.plan_undo(self.id, MOST_LISTED).await
        } else {
            parts
                .logs
                .undo(self.id, &Actor::terminal(), MOST_LISTED)
                .await
        };
        let undone = undone.map_err(|error| error.tell())?;
        for line in told(&undone) {
            print::line(&line)?;
        }
        Ok(())
    }
}

/// What it came to, and what stays, a line each.
fn told(undone: &Undone) -> Vec<String> {
    let mut lines = vec![undone.message.clone()];
    lines.extend(undone.kept.iter().map(|kept| {
        let what = kept.result_date.map_or_else(
            || format!("the game {}", kept.base_game_id),
            |date| format!("{} {date}", kept.base_game_id),
        );
        match kept.changed_by {
            Some(by) => format!("  kept: {what}, changed since by #{by}"),
            None => format!("  kept: {what}"),
        }
    }));
    if usize::try_from(undone.counts.kept()).is_ok_and(|all| all > undone.kept.len()) {
        lines.push(format!(
            "  and more: these are the first {}.",
            undone.kept.len()
        ));
    }
    lines
}
