//! `numwatch user`: who may sign in.

use clap::Subcommand;

use super::{
    columns::{aligned, moment},
    connect::{Failure, connect},
    password::Chosen,
    print::Told,
    role::role,
};
use crate::{
    model::{access::Role, accounts::Account},
    server::{
        actor::Actor,
        config::Config,
        services::{ServiceError, access::Access},
    },
};

#[derive(Debug, Subcommand)]
pub enum User {
    /// Adds an account
    Add {
        /// Small letters, digits, dots, dashes, underscores or @
        name: String,
        /// What it may do: a viewer sees, an operator also runs and undoes imports, an admin may do everything
        #[arg(long, value_parser = role())]
        role: Role,
        /// Make a password and print it once, instead of asking for one
        #[arg(long)]
        generate: bool,
    },
    /// Lists all accounts
    List,
    /// Lets an account sign in no more, and signs it out
    Disable { name: String },
    /// Gives an account another password, and signs it out; if it was disabled it may sign in again
    Reset {
        name: String,
        /// Make a password and print it once, instead of asking for one
        #[arg(long)]
        generate: bool,
    },
    /// Gives an account another role, and signs it out
    Role {
        name: String,
        #[arg(value_parser = role())]
        role: Role,
    },
}

impl User {
    /// Does it, and prints what came of it.
    ///
    /// # Errors
    /// When it can't connect, the password can't be read, or the service refuses.
    pub async fn run(self) -> Result<(), Failure> {
        let config = Config::from_env()?;
        let pool = connect(&config).await?;
        let access = Access::new(pool, config.sessions);
        let told = self.act(&access, Chosen::ask).await?;
        told.print()?;
        Ok(())
    }

    /// Does it. `choose` has a password chosen, or, when it is told so, generates one.
    ///
    /// # Errors
    /// When no password is chosen, or the service refuses.
    pub async fn act(
        self,
        access: &Access,
        choose: fn(bool) -> Result<Chosen, Failure>,
    ) -> Result<Told, Failure> {
        let by = Actor::terminal();
        let told = match self {
            Self::Add {
                name,
                role,
                generate,
            } => {
                let chosen = choose(generate)?;
                let was_open = !access.is_closed().await.map_err(|error| tell(&error))?;
                let added = access.add_account(&name, role, chosen.password.clone(), &by);
                let name = added.await.map_err(|error| tell(&error))?;
                let told = chosen.told(format!("Added the account \"{name}\", role {role}."));
                told.beside(closes(access, was_open, &by).await?)
            }
            Self::List => {
                let accounts = access.accounts(&by).await.map_err(|error| tell(&error))?;
                list(&accounts)
            }
            Self::Disable { name } => {
                access
                    .disable_account(&name, &by)
                    .await
                    .map_err(|error| tell(&error))?;
                Told::line(format!("\"{name}\" is disabled and signed out."))
            }
            Self::Reset { name, generate } => {
                let chosen = choose(generate)?;
                let reset = access.reset_password(&name, chosen.password.clone(), &by);
                reset.await.map_err(|error| tell(&error))?;
                chosen.told(format!(
                    "\"{name}\" has another password and is signed out."
                ))
            }
            Self::Role { name, role } => {
                access
                    .set_role(&name, role, &by)
                    .await
                    .map_err(|error| tell(&error))?;
                Told::line(format!("\"{name}\" has the role {role} and is signed out."))
            }
        };
        Ok(told)
    }
}

/// What changes with the first account or token, if that was it.
///
/// # Errors
/// When the database refuses.
pub async fn closes(access: &Access, was_open: bool, by: &Actor) -> Result<Vec<String>, Failure> {
    let mut said = Vec::new();
    if was_open {
        said.push("From now on whoever opens NumWatch has to sign in.".into());
    }
    let accounts = access.accounts(by).await.map_err(|error| tell(&error))?;
    let may_manage = |it: &Account| it.role == Role::Admin && it.disabled_at.is_none();
    if !accounts.iter().any(may_manage) {
        let lacks =
            "There is no admin who could sign in. Add one: numwatch user add NAME --role admin";
        said.push(lacks.into());
    }
    Ok(said)
}

/// The sentence of a refusal.
pub fn tell(error: &ServiceError) -> Failure {
    error.tell().into()
}

fn list(accounts: &[Account]) -> Told {
    if accounts.is_empty() {
        let none = "There are no accounts: whoever uses this machine may do everything. Add one: numwatch user add NAME --role admin";
        return Told::line(none.into());
    }
    let rows: Vec<_> = accounts
        .iter()
        .map(|account| {
            let state = account.disabled_at.map_or_else(
                || "active".into(),
                |at| format!("disabled {}", moment(Some(at))),
            );
            [
                account.name.clone(),
                account.role.to_string(),
                moment(account.last_login),
                moment(Some(account.created_at)),
                state,
            ]
        })
        .collect();
    let head = ["NAME", "ROLE", "LAST SIGN-IN", "ADDED", "STATE"];
    Told::lines(aligned(head, &rows))
}
