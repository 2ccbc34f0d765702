//! Accounts and tokens in words: one home for what each role may and each state is called.

use chrono::{DateTime, NaiveDate, Utc};

use super::{calendar, history_table::local};
use crate::model::{
    access::Role,
    accounts::{Account, Token},
    history::Zone,
};

/// What a role may do that those before it may not.
#[must_use]
pub const fn may(role: Role) -> &'static str {
    match role {
        Role::Viewer => "sees everything but accounts, tokens and the audit",
        Role::Operator => "also runs, stops, repeats and undoes imports",
        Role::Admin => {
            "also removes logs and data, switches the scheduler, reads the audit, and manages accounts and tokens"
        }
    }
}

/// All that somebody with a role may do, said to them.
#[must_use]
pub const fn you_may(role: Role) -> &'static str {
    match role {
        Role::Viewer => {
            "You may see everything but accounts, tokens and the audit, and change nothing but your password."
        }
        Role::Operator => {
            "You may see everything but accounts, tokens and the audit, and run, stop, repeat and undo imports."
        }
        Role::Admin => "You may see and do everything.",
    }
}

/// Whether an account may sign in.
#[must_use]
pub fn state_of_account(account: &Account, zone: Zone) -> String {
    account.disabled_at.map_or_else(
        || "active".into(),
        |at| format!("disabled {}", day(at, zone)),
    )
}

/// Whether a token is good.
#[must_use]
pub fn state_of_token(token: &Token, zone: Zone) -> String {
    match token.revoked_at {
        Some(at) => format!("revoked {}", day(at, zone)),
        None if token.is_good => "active".into(),
        None => "expired".into(),
    }
}

/// Until when a token is good.
#[must_use]
pub fn expiry(token: &Token, zone: Zone) -> String {
    match token.expires_at {
        None => "never expires".into(),
        Some(at) if token.is_good || token.revoked_at.is_some() => {
            format!("expires {}", day(at, zone))
        }
        Some(at) => format!("expired {}", day(at, zone)),
    }
}

/// The day of a moment.
fn day(at: DateTime<Utc>, zone: Zone) -> String {
    let date: NaiveDate = local(at, zone).date();
    calendar::day(date, zone.today)
}
