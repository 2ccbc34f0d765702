//! Who may do what: roles, what can be done, and the one table of which role it takes.

use serde::{Deserialize, Serialize};

use super::words::words;

words!(
    /// What an account or a token may do. Each may do what those before it may.
    Role {
        /// Sees everything but who else has an account.
        Viewer = "viewer",
        /// Runs, stops, repeats and takes back imports, too.
        Operator = "operator",
        /// Removes logs and data, switches the scheduler, and says who may do what.
        Admin = "admin",
    }
);

impl Role {
    /// Whether it may do what takes that role.
    #[must_use]
    pub const fn is_at_least(self, least: Self) -> bool {
        self as u8 >= least as u8
    }
}

/// Declares all that can be done, each with its word, the least role that may, and how the sentence goes on that refuses
/// it: "may not …".
macro_rules! actions {
    ($($(#[$meta:meta])* $action:ident = $word:literal, $role:ident, $said:literal;)+) => {
        words!(
            /// What can be done. What isn't in this table can't be asked for, and what nobody asked for isn't done.
            Action { $($(#[$meta])* $action = $word),+ }
        );

        impl Action {
            /// The least role that may.
            #[must_use]
            pub const fn least(self) -> Role {
                match self { $(Self::$action => Role::$role),+ }
            }

            /// It in words, as after "may" or "may not".
            #[must_use]
            pub const fn said(self) -> &'static str {
                match self { $(Self::$action => $said),+ }
            }
        }
    };
}

actions! {
    /// Reading whatever is shown to all.
    See = "see", Viewer, "look at this";
    /// One's own password and sessions.
    OwnAccount = "own_account", Viewer, "change an account";
    /// Starting an import of whichever kind, that of a checked file included.
    Import = "import", Operator, "run imports";
    /// Checking what a file would do, and letting a checked one go.
    Check = "check", Operator, "check files";
    Retry = "retry", Operator, "run imports again";
    /// Stopping an import or an upload.
    Cancel = "cancel", Operator, "stop imports";
    Dismiss = "dismiss", Operator, "dismiss failures";
    Undo = "undo", Operator, "undo imports";
    /// An import of today at once.
    Trigger = "trigger", Operator, "let the scheduler run now";
    SwitchScheduler = "switch_scheduler", Admin, "switch the scheduler";
    RemoveLogs = "remove_logs", Admin, "remove logs";
    ClearData = "clear_data", Admin, "clear the data";
    ManageAccounts = "manage_accounts", Admin, "manage accounts";
    ManageTokens = "manage_tokens", Admin, "manage tokens";
    /// Sending an alert to see whether it arrives.
    TestAlerts = "test_alerts", Admin, "send test alerts";
    ReadAudit = "read_audit", Admin, "read the audit";
}

/// Who is signed in, as pages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    pub name: String,
    pub role: Role,
}

/// What the page shows where one signs in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignInForm {
    /// The name that was typed.
    pub name: String,
    /// Where to go afterwards.
    pub next: String,
    /// Why it was refused.
    pub refused: Option<String>,
    /// What else there is to say.
    pub says: Option<String>,
}
