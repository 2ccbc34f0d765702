//! What became of the games and results that an import had created or changed, once it was undone.

use serde::{Deserialize, Serialize};

use super::count::count;

/// How many games and results ended how. Each that is still there ends in one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Undone {
    /// The import had created them, and nobody has changed them since.
    pub results_removed: i64,
    /// The import had changed them, and nobody else has since.
    pub results_put_back: i64,
    /// Others have changed them since: they stay as they are.
    pub results_kept: i64,
    /// The import had created them, and they have no results left.
    pub games_removed: i64,
    pub games_put_back: i64,
    pub games_kept: i64,
    /// They were gone before, with all data.
    pub results_gone: i64,
    pub games_gone: i64,
}

impl Undone {
    /// Whether anything was to be done.
    #[must_use]
    pub const fn any(&self) -> bool {
        self.removed() + self.put_back() > 0
    }

    /// Games and results that are removed.
    #[must_use]
    pub const fn removed(&self) -> i64 {
        self.results_removed + self.games_removed
    }

    /// Games and results that go back to what they were.
    #[must_use]
    pub const fn put_back(&self) -> i64 {
        self.results_put_back + self.games_put_back
    }

    /// Games and results that stay.
    #[must_use]
    pub const fn kept(&self) -> i64 {
        self.results_kept + self.games_kept
    }

    /// This undo and an earlier one of the same import, as one.
    #[must_use]
    pub const fn after(self, earlier: Self) -> Self {
        Self {
            results_removed: self.results_removed + earlier.results_removed,
            results_put_back: self.results_put_back + earlier.results_put_back,
            games_removed: self.games_removed + earlier.games_removed,
            games_put_back: self.games_put_back + earlier.games_put_back,
            ..self
        }
    }

    /// What became of them, as the rest of a sentence: `3 results removed, 1 put back; 2 stay, changed since`.
    #[must_use]
    pub fn said(&self) -> String {
        let part = |number, one, many, how| {
            (number > 0).then(|| format!("{} {how}", count(number, one, many)))
        };
        let parts: Vec<String> = [
            part(self.results_removed, "result", "results", "removed"),
            part(self.results_put_back, "result", "results", "put back"),
            part(self.games_removed, "game", "games", "removed"),
            part(self.games_put_back, "game", "games", "put back"),
            part(self.results_kept, "result", "results", "kept"),
            part(self.games_kept, "game", "games", "kept"),
            part(self.results_gone, "result", "results", "gone before"),
            part(self.games_gone, "game", "games", "gone before"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.is_empty() {
            "nothing was left to undo".into()
        } else {
            parts.join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_all_is_said_in_one_line() {
        let undone = Undone {
            results_removed: 1_200,
            results_put_back: 1,
            results_kept: 2,
            games_removed: 1,
            ..Undone::default()
        };
        assert_eq!(
            undone.said(),
            "1,200 results removed, 1 result put back, 1 game removed, 2 results kept"
        );
        assert_eq!(Undone::default().said(), "nothing was left to undo");
    }

    #[test]
    fn of_two_undos_what_was_done_adds_up_and_what_is_kept_is_the_latter_s() {
        let first = Undone {
            results_removed: 5,
            results_kept: 3,
            ..Undone::default()
        };
        let second = Undone {
            results_put_back: 1,
            results_kept: 2,
            ..Undone::default()
        };
        let both = second.after(first);
        assert_eq!((both.results_removed, both.results_put_back), (5, 1));
        assert_eq!(both.results_kept, 2);
    }
}
