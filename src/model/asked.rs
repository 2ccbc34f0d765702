//! What a page's address asks for: the server reads it, and tells the browser.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::moment;

/// How much of the imports the Scheduler page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shows {
    /// All older open failures, not only the latest of them.
    pub all_failures: bool,
    /// Each of the latest imports in a row of its own, with scheduled runs that brought nothing among them.
    pub all_runs: bool,
}

/// What the address asks for besides the page. Only the server reads addresses; it tells the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The import whose panel is open; negative: the fold (by its key).
    pub details: Option<i32>,
    pub shows: Shows,
    /// The form that was refused without JavaScript: the path of its server function, and why.
    pub refused: Option<(String, String)>,
    /// The days that this form gave, first and last.
    #[serde(with = "moment")]
    pub days: Option<(NaiveDate, NaiveDate)>,
}

impl Shows {
    /// The page's address that shows this much, with this panel open.
    #[must_use]
    pub fn address(self, details: Option<i32>) -> String {
        let mut address = String::from("/");
        let mut add = |parameter: &str| {
            address.push(if address.len() == 1 { '?' } else { '&' });
            address.push_str(parameter);
        };
        if self.all_failures {
            add("failures=all");
        }
        if self.all_runs {
            add("runs=all");
        }
        if let Some(id) = details {
            // What is open is also what the browser scrolls to.
            let row = if id > 0 { "import-" } else { "fold" };
            add(&format!("details={id}#{row}{id}"));
        }
        address
    }
}

impl Asked {
    /// Why the form of this server function was refused.
    #[must_use]
    pub fn why_refused(&self, path: &str) -> Option<String> {
        let (refused, why) = self.refused.as_ref()?;
        (refused == path).then(|| why.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_shown() {
        let mut shows = Shows::default();
        assert_eq!(shows.address(None), "/");
        assert_eq!(shows.address(Some(12)), "/?details=12#import-12");
        shows.all_runs = true;
        shows.all_failures = true;
        assert_eq!(
            shows.address(Some(-3)),
            "/?failures=all&runs=all&details=-3#fold-3"
        );
    }
}
