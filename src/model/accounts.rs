//! Who may sign in, which programs may call the API, and what the pages show of both.

use chrono::{DateTime, Utc};

use super::{access::Role, history::Zone};

/// The fewest characters of a password: whoever has the database's backup can try all shorter ones (NIST SP 800-63B §5.1.1).
pub const SHORTEST_PASSWORD: usize = 12;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: i32,
    pub name: String,
    pub email: Option<String>,
    pub role: Role,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<String>,
    pub last_login: Option<DateTime<Utc>>,
    pub disabled_at: Option<DateTime<Utc>>,
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: i32,
    /// `page`: in a browser. `api`: in a program.
    pub kind: String,
    pub created_at: DateTime<Utc>,
    pub used_at: DateTime<Utc>,
    pub address: Option<String>,
    pub agent: Option<String>,
    /// It is the one that asks.
    pub is_this: bool,
}

/// A token, without what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: i32,
    pub name: String,
    pub role: Role,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<String>,
    /// `None`: never.
    pub expires_at: Option<DateTime<Utc>>,
    pub used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    /// It is neither revoked nor expired.
    pub is_good: bool,
}

/// What the page of one's own account shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPage {
    pub whose: Whose,
    pub zone: Zone,
    /// What was just done.
    pub done: Option<OwnDone>,
    /// Why something was not.
    pub refused: Option<OwnRefused>,
}

/// Who looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    Account(Account, Vec<Session>),
    /// A program has no password.
    Token(Token),
    /// There is no account yet, and nobody needs one.
    Nobodys,
}

/// What somebody did to their own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnDone {
    PasswordChanged,
    SignedOutElsewhere,
}

/// What they could not do, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnRefused {
    Password(String),
    Sessions(String),
}

/// What the page of all accounts shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountsPage {
    pub accounts: Vec<Account>,
    pub tokens: Vec<Token>,
    /// The account that looks at it.
    pub me: Option<String>,
    pub zone: Zone,
    /// A sentence of what was just done.
    pub done: Option<String>,
    pub asks: Option<Asks>,
    /// What is shown this once.
    pub secret: Option<Secret>,
    pub refused: Option<Refused>,
}

/// What is asked before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    Role(Account),
    /// With the mark of the password that there is.
    Reset(Account, String),
    Disable(Account),
    Revoke(Token),
}

/// A password or a token, right after it was made.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    pub of: SecretOf,
    pub name: String,
    pub role: Role,
    pub text: String,
}

/// Shows whose it is, not what.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({:?} {})", self.of, self.name)
    }
}

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretOf {
    NewAccount,
    Account,
    Token,
}

/// Why something was not done, and what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    NewAccount {
        why: String,
        name: String,
        role: String,
    },
    NewToken {
        why: String,
        name: String,
        role: String,
        days: String,
    },
    /// Something with an account or token that is there.
    Change(String),
}
