//! What a page's address asks for: the server reads it, and tells the browser.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::moment;

/// What the address asks for besides the page. Only the server reads addresses; it tells the browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The import whose panel is open.
    pub details: Option<i32>,
    /// All older open failures are to be shown, not only the latest of them.
    pub all_failures: bool,
    /// The form that was refused without JavaScript: the path of its server function, and why.
    pub refused: Option<(String, String)>,
    /// The days that this form gave, first and last.
    #[serde(with = "moment")]
    pub days: Option<(NaiveDate, NaiveDate)>,
}

impl Asked {
    /// Why the form of this server function was refused.
    #[must_use]
    pub fn why_refused(&self, path: &str) -> Option<String> {
        let (refused, why) = self.refused.as_ref()?;
        (refused == path).then(|| why.clone())
    }
}
