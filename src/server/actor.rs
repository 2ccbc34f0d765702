//! Who asks, and whether they may.
//!
//! The one place where roles are compared. A service begins what it does with [`Actor::permit`], and notes it with the
//! [`Permit`] that it got: what nobody permitted can't be noted. Reading takes no more than being somebody, which is asked
//! before anything else is (`http/identity.rs`).

use std::{
    env,
    sync::{Arc, OnceLock},
};

use super::request_id::RequestId;
use crate::{
    error::{AppError, ErrorKind},
    model::{
        access::{Action, Role},
        import_log::Requester,
    },
};

/// Who asks, and through which door.
#[derive(Clone, Debug)]
pub struct Actor {
    pub door: Requester,
    pub who: Who,
    /// From where, as far as there is an address.
    pub address: Option<String>,
    /// The request that asks, if one does.
    request: Option<RequestId>,
    /// What they asked for first that they may not: whoever let them in notes it.
    refused: Arc<OnceLock<(Action, Requester)>>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody at this machine, while there is no account and no token.
    Anyone,
    Account {
        id: i32,
        name: String,
        role: Role,
    },
    Token {
        id: i32,
        name: String,
        role: Role,
    },
    /// Somebody with a shell and the database's address.
    Terminal {
        name: String,
    },
    /// NumWatch itself, as its schedule says.
    Scheduler,
}

/// That somebody may do something. Only [`Actor::permit`] gives one.
#[derive(Clone, Debug)]
pub struct Permit {
    actor: Actor,
    action: Action,
}

impl Actor {
    #[must_use]
    pub fn new(door: Requester, who: Who, address: Option<String>) -> Self {
        Self {
            door,
            who,
            address,
            request: None,
            refused: Arc::default(),
        }
    }

    /// NumWatch itself.
    #[must_use]
    pub fn scheduler() -> Self {
        Self::new(Requester::Scheduler, Who::Scheduler, None)
    }

    /// Whoever runs this command.
    #[must_use]
    pub fn terminal() -> Self {
        let named = |variable| env::var(variable).ok().filter(|name| !name.is_empty());
        let name = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(named);
        let name = name.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
        Self::new(Requester::Cli, Who::Terminal { name }, None)
    }

    /// The same, who asks with this request.
    #[must_use]
    pub fn asks_as(self, request: Option<RequestId>) -> Self {
        Self { request, ..self }
    }

    /// The name of the request that asks, if one does.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request.as_ref().map(RequestId::as_str)
    }

    /// The same through another door.
    #[must_use]
    pub fn through(&self, door: Requester) -> Self {
        Self {
            door,
            ..self.clone()
        }
    }

    /// What they may do.
    #[must_use]
    pub const fn role(&self) -> Role {
        match self.who {
            Who::Account { role, .. } | Who::Token { role, .. } => role,
            Who::Anyone | Who::Terminal { .. } | Who::Scheduler => Role::Admin,
        }
    }

    /// What they are called on what they did: an account by its name, a program and a terminal with a word before it.
    /// `None`: the door says all that is known.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        match &self.who {
            Who::Account { name, .. } => Some(name.clone()),
            Who::Token { name, .. } => Some(format!("token {name}")),
            Who::Terminal { name } => Some(format!("terminal {name}")),
            Who::Anyone | Who::Scheduler => None,
        }
    }

    /// What they asked for first that they may not, and through which door.
    #[must_use]
    pub fn refused(&self) -> Option<(Action, Requester)> {
        self.refused.get().copied()
    }

    /// Lets them do it.
    ///
    /// # Errors
    /// When their role may not: a sentence that says whom to ask.
    pub fn permit(&self, action: Action) -> Result<Permit, AppError> {
        let (role, least) = (self.role(), action.least());
        if role.is_at_least(least) {
            return Ok(Permit {
                actor: self.clone(),
                action,
            });
        }
        let _ = self.refused.set((action, self.door));
        let name = self.name().unwrap_or_default();
        let (said, a) = (
            action.said(),
            if least == Role::Viewer { "a" } else { "an" },
        );
        Err(AppError::new(
            ErrorKind::Forbidden,
            format!(
                "{name} has the role {role} and may not {said}: that takes {a} {least}. Ask an admin to do it, or for the role."
            ),
        ))
    }
}

impl Permit {
    /// Whose it is.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// What for.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }
}
