//! `numwatch token`: which programs may call the API.

use std::str::FromStr;

use clap::Subcommand;

use super::{
    columns::{aligned, moment},
    connect::{Failure, connect},
    print::Told,
    role::role,
    user::{closes, tell},
};
use crate::{
    model::{access::Role, accounts::Token as Known},
    server::{
        actor::Actor,
        config::Config,
        services::access::{Access, NewToken},
    },
};

/// For how long a token is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    Days(i32),
    ForEver,
}

impl FromStr for Lasts {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "never" {
            return Ok(Self::ForEver);
        }
        let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
        days.map(Self::Days)
            .ok_or("write a number of days with a d behind it, as 90d, or never")
    }
}

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Adds a token and prints it: it can't be shown again
    Add {
        /// Small letters, digits, dots, dashes, underscores or @
        name: String,
        /// What it may do
        #[arg(long, value_parser = role())]
        role: Role,
        /// After how many days it is no longer good: 90d, or never
        #[arg(long, default_value = "90d")]
        expires: Lasts,
    },
    /// Lists all tokens
    List,
    /// Lets nobody in with a token any more
    Revoke { name: String },
}

impl Token {
    /// Does it, and prints what came of it.
    ///
    /// # Errors
    /// When it can't connect, or the service refuses.
    pub async fn run(self) -> Result<(), Failure> {
        let config = Config::from_env()?;
        let pool = connect(&config).await?;
        let access = Access::new(pool, config.sessions);
        self.act(&access).await?.print()?;
        Ok(())
    }

    /// Does it.
    ///
    /// # Errors
    /// When the service refuses.
    pub async fn act(self, access: &Access) -> Result<Told, Failure> {
        let by = Actor::terminal();
        match self {
            Self::Add {
                name,
                role,
                expires,
            } => {
                let new = NewToken {
                    name: &name,
                    role,
                    days: match expires {
                        Lasts::Days(days) => Some(days),
                        Lasts::ForEver => None,
                    },
                };
                let was_open = !access.is_closed().await.map_err(|error| tell(&error))?;
                let token = access
                    .add_token(&new, &by)
                    .await
                    .map_err(|error| tell(&error))?;
                let lasts = match expires {
                    Lasts::Days(1) => "good for 1 day".into(),
                    Lasts::Days(days) => format!("good for {days} days"),
                    Lasts::ForEver => "good until it is revoked".to_owned(),
                };
                let done = format!(
                    "Added the token \"{name}\", role {role}, {lasts}. It is not shown again:"
                );
                let told = Told::secret(done, &token);
                Ok(told.beside(closes(access, was_open, &by).await?))
            }
            Self::List => {
                let tokens = access.tokens(&by).await.map_err(|error| tell(&error))?;
                Ok(list(&tokens))
            }
            Self::Revoke { name } => {
                access
                    .revoke_token(&name, &by)
                    .await
                    .map_err(|error| tell(&error))?;
                Ok(Told::line(format!(
                    "The token \"{name}\" lets nobody in any more."
                )))
            }
        }
    }
}

fn list(tokens: &[Known]) -> Told {
    if tokens.is_empty() {
        return Told::line(
            "There are no tokens. Add one: numwatch token add NAME --role operator".into(),
        );
    }
    let rows: Vec<_> = tokens
        .iter()
        .map(|token| {
            let state = match token.revoked_at {
                Some(at) => format!("revoked {}", moment(Some(at))),
                None if token.is_good => "active".into(),
                None => "expired".into(),
            };
            [
                token.name.clone(),
                token.role.to_string(),
                moment(token.expires_at),
                moment(token.used_at),
                state,
            ]
        })
        .collect();
    let head = ["NAME", "ROLE", "EXPIRES", "LAST USE", "STATE"];
    Told::lines(aligned(head, &rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_a_token_lasts_is_told_in_days() {
        assert_eq!("90d".parse(), Ok(Lasts::Days(90)));
        assert_eq!("never".parse(), Ok(Lasts::ForEver));
        for odd in [
            "",
            "d",
            "90",
            "12w",
            "1.5d",
            "90 d",
            "Never",
            "99999999999d",
        ] {
            let why = odd.parse::<Lasts>().unwrap_err();
            assert!(why.contains("90d"), "{odd}: {why}");
        }
    }
}
