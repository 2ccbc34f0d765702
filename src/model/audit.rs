//! The audit: who did what, and who was refused what; what can be asked of it, and what its page shows.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    access::{Action, Role},
    history::Zone,
    import_log::Requester,
    moment,
    words::words,
};

/// What somebody did, or was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Something that takes a role.
    Of(Action),
    /// Says who one is: it takes none.
    SignIn,
    SignOut,
    /// What only a newer version of the program can do.
    Unknown,
}

const SIGN_IN: &str = "sign_in";
const SIGN_OUT: &str = "sign_out";

impl Deed {
    /// Every one that this version knows.
    pub fn all() -> impl Iterator<Item = Self> {
        let actions = Action::ALL.into_iter().map(Self::Of);
        actions.chain([Self::SignIn, Self::SignOut])
    }

    /// The word that the database and the API use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Of(action) => action.as_str(),
            Self::SignIn => SIGN_IN,
            Self::SignOut => SIGN_OUT,
            Self::Unknown => "unknown",
        }
    }
}

impl From<&str> for Deed {
    fn from(word: &str) -> Self {
        match word {
            SIGN_IN => Self::SignIn,
            SIGN_OUT => Self::SignOut,
            action => action.parse().map_or(Self::Unknown, Self::Of),
        }
    }
}

impl Serialize for Deed {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

words!(
    /// What somebody is who did something.
    ActorKind {
        /// Somebody at this machine, while there was no account, or who hasn't signed in.
        Anyone = "anyone",
        Account = "account",
        Token = "token",
        /// Somebody with a shell.
        Terminal = "terminal",
        /// NumWatch itself, as its schedule says.
        Scheduler = "scheduler",
    } or Unknown
);

/// A line of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct AuditLine {
    pub id: i64,
    #[serde(with = "moment")]
    pub at: DateTime<Utc>,
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub action: Deed,
    /// It was asked for and not done.
    pub refused: bool,
    pub actor_kind: ActorKind,
    /// The account's or the token's.
    pub actor_id: Option<i32>,
    /// What the actor was called then.
    pub actor_name: Option<String>,
    pub door: Requester,
    /// The client's, where there is one.
    pub address: Option<String>,
    /// To which import it was done.
    pub import_id: Option<i32>,
    pub detail: Detail,
}

/// What more there is to say of something that was done. What isn't known, or says nothing, is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Detail {
    /// What in particular, where an action is several things: `added`, `disabled`, `discarded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<String>,
    /// The file, the account or the token that it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The role that was given.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "known")]
    pub role: Option<Role>,
    /// What was switched is on from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<bool>,
    /// The days that were asked for, the last included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Which logs, as an address of the history asks for them: `status=failed&from=2025-06-22`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// How many logs it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs: Option<i64>,
    /// How many games.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub games: Option<i64>,
    /// How many results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub results: Option<i64>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A role, if this version knows it.
fn known<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Role>, D::Error> {
    let word = Option::<String>::deserialize(from)?;
    Ok(word.and_then(|word| word.parse().ok()))
}

/// What is asked of the audit. Nothing of it: all lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub action: Option<Deed>,
    /// What the actor was called, to the letter.
    pub actor: Option<String>,
    pub kind: Option<ActorKind>,
    pub import_id: Option<i32>,
    pub refused: Option<bool>,
    /// Done at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Done before this moment.
    pub until: Option<DateTime<Utc>>,
}

/// Which page of it. Lines stay, so that the number of one names a place for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Page {
    /// The newest.
    #[default]
    Newest,
    /// Those right after a line: older ones.
    After(i64),
    /// Those right before it: newer ones.
    Before(i64),
}

/// Some lines, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    pub lines: Vec<AuditLine>,
    /// There are newer ones than these.
    pub has_newer: bool,
    pub has_older: bool,
}

/// What the page of the audit shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// What the address asks for, by the names that it has there.
    pub asked: Vec<(String, String)>,
    pub zone: Zone,
    /// The lines, or a sentence that says why they can't be shown.
    pub found: Result<Found, String>,
}

/// The lines that an address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub slice: Slice,
    /// How many match; above [`super::history::COUNTED`] one more than that.
    pub matches: usize,
    pub newest: String,
    pub newer: Option<String>,
    pub older: Option<String>,
    /// Where all that matches is to be had as a table, and as lines of JSON.
    pub csv: String,
    pub ndjson: String,
}

impl AuditPage {
    /// What the address gives for a name; nothing if it doesn't.
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        let given = self.asked.iter().find(|(known, _)| known == name);
        given.map_or("", |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_is_read_from_its_word() {
        for deed in Deed::all() {
            assert_eq!(Deed::from(deed.as_str()), deed);
        }
        assert_eq!(Deed::from("fly"), Deed::Unknown);
    }
}
