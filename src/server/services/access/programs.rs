//! Tokens for programs.

use crate::server::secret::{ExposeSecret as _, SecretString};

use super::{Access, TOKEN, name};
use crate::{
    error::ErrorKind,
    model::{
        access::{Action, Role},
        audit::Detail,
    },
    server::{
        actor::Actor,
        db::{
            api_tokens::{self, Token},
            audit,
        },
        passwords,
        services::ServiceError,
    },
};

/// The longest time after which a token expires, days.
const LONGEST: i32 = 3_650;

/// A token that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    pub name: &'a str,
    pub role: Role,
    /// After how many days it expires; `None`: never.
    pub days: Option<i32>,
}

impl Access {
    /// All tokens, by name.
    ///
    /// # Errors
    /// When whoever asks may not see them, or the database refuses.
    pub async fn tokens(&self, by: &Actor) -> Result<Vec<Token>, ServiceError> {
        by.permit(Action::ManageTokens)?;
        Ok(api_tokens::all(&self.pool).await?)
    }

    /// Adds a token, and answers it: it can't be shown again.
    ///
    /// # Errors
    /// When whoever asks may not, the name or the days can't be chosen, there is one of that name, or the database refuses.
    pub async fn add_token(
        &self,
        new: &NewToken<'_>,
        by: &Actor,
    ) -> Result<SecretString, ServiceError> {
        let permit = by.permit(Action::ManageTokens)?;
        let name = name(new.name)?;
        if new.days.is_some_and(|days| !(1..=LONGEST).contains(&days)) {
            let sentence = format!("A token lasts from 1 to {LONGEST} days. Choose one of those.");
            return Err(ServiceError::told(ErrorKind::Unprocessable, sentence));
        }
        let random = passwords::random()?;
        let token = SecretString::from(format!("{TOKEN}{}", random.expose_secret()));
        let hash = passwords::fingerprint(token.expose_secret());
        let mut tx = self.pool.begin().await?;
        let (role, days, by) = (new.role, new.days, by.name());
        let created = api_tokens::create(&mut *tx, &name, role, &hash, days, by.as_deref()).await?;
        if created.is_none() {
            let sentence = format!(
                "There is or was a token \"{name}\" already. Choose another name, so that it stays clear which of them did what."
            );
            return Err(ServiceError::told(ErrorKind::Conflict, sentence));
        }
        let detail = Detail {
            what: Some("added".into()),
            name: Some(name),
            role: Some(role),
            ..Detail::default()
        };
        audit::note(&mut *tx, &permit, None, detail).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Lets nobody in with a token any more.
    ///
    /// # Errors
    /// When whoever asks may not, there is no such token, or the database refuses.
    pub async fn revoke_token(&self, given: &str, by: &Actor) -> Result<(), ServiceError> {
        let permit = by.permit(Action::ManageTokens)?;
        let name = name(given).unwrap_or_default();
        let mut tx = self.pool.begin().await?;
        if !api_tokens::revoke(&mut *tx, &name).await? {
            let given: String = given.trim().chars().take(64).collect();
            let sentence = format!("There is no token \"{given}\". Look at the list of them.");
            return Err(ServiceError::told(ErrorKind::NotFound, sentence));
        }
        let detail = Detail {
            what: Some("revoked".into()),
            name: Some(name),
            ..Detail::default()
        };
        audit::note(&mut *tx, &permit, None, detail).await?;
        tx.commit().await?;
        Ok(())
    }
}
