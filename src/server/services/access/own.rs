//! One's own account: its password and its sessions.

use crate::server::secret::SecretString;

use super::{Access, Credential, sign_in::counted};
use crate::{
    error::ErrorKind,
    model::{access::Action, audit::Detail},
    server::{
        actor::{Actor, Who},
        db::{
            account_sessions::{self, Session},
            accounts::{self, Account},
            api_tokens::{self, Token},
            audit, sign_in_attempts,
        },
        passwords,
        services::ServiceError,
    },
};

/// Who asks, with all that is known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Me {
    Account(Account),
    Token(Token),
}

impl Access {
    /// Who asks. `None`: nobody has an account, and nobody needs one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn me(&self, by: &Actor) -> Result<Option<Me>, ServiceError> {
        Ok(match by.who {
            Who::Account { id, .. } => accounts::get(&self.pool, id).await?.map(Me::Account),
            Who::Token { id, .. } => api_tokens::get(&self.pool, id).await?.map(Me::Token),
            Who::Anyone | Who::Terminal { .. } | Who::Scheduler => None,
        })
    }

    /// Where the account that asks is signed in.
    ///
    /// # Errors
    /// When it is no account that asks, or the database refuses.
    pub async fn sessions(
        &self,
        credential: Option<&Credential>,
        by: &Actor,
    ) -> Result<Vec<Session>, ServiceError> {
        let this = credential.and_then(Credential::of_session);
        let id = own(by)?.0;
        Ok(account_sessions::of_account(&self.pool, id, this, self.lasting).await?)
    }

    /// Signs the account that asks out everywhere else, and answers how many sessions that ended.
    ///
    /// # Errors
    /// When it is no account that asks, or the database refuses.
    pub async fn sign_out_everywhere(
        &self,
        credential: Option<&Credential>,
        by: &Actor,
    ) -> Result<u64, ServiceError> {
        let permit = by.permit(Action::OwnAccount)?;
        let (id, _) = own(by)?;
        let this = credential.and_then(Credential::of_session);
        let mut tx = self.pool.begin().await?;
        let ended = account_sessions::end_others(&mut *tx, id, this).await?;
        audit::note(&mut *tx, &permit, None, did("signed out everywhere else")).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Gives the account that asks another password, and signs it out everywhere else.
    ///
    /// # Errors
    /// When it is no account that asks, the present password is another one, the new one can't be chosen, or the database
    /// refuses.
    pub async fn change_password(
        &self,
        present: SecretString,
        new: SecretString,
        credential: Option<&Credential>,
        by: &Actor,
    ) -> Result<(), ServiceError> {
        let permit = by.permit(Action::OwnAccount)?;
        let (id, name) = own(by)?;
        passwords::check(&new)?;
        let address = by.address.as_deref().unwrap_or_default();
        let Some((_, verified)) = self.try_password(name, present, address).await? else {
            let sentence = "The present password is another one. Nothing was changed.";
            return Err(ServiceError::told(ErrorKind::Unprocessable, sentence));
        };
        let hash = self.hash(new).await?;
        let this = credential.and_then(Credential::of_session);
        let mut tx = self.pool.begin().await?;
        if !accounts::change_password(&mut *tx, id, &verified, &hash).await? {
            let sentence =
                "An admin has changed or disabled the account meanwhile. Nothing was changed.";
            return Err(ServiceError::told(ErrorKind::Conflict, sentence));
        }
        sign_in_attempts::forget(&mut tx, name, &counted(address)).await?;
        account_sessions::end_others(&mut *tx, id, this).await?;
        audit::note(&mut *tx, &permit, None, did("password changed")).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The account that asks.
fn own(by: &Actor) -> Result<(i32, &str), ServiceError> {
    match &by.who {
        Who::Account { id, name, .. } => Ok((*id, name)),
        _ => Err(ServiceError::told(
            ErrorKind::Conflict,
            "Only whoever has signed in with an account has a password and sessions.",
        )),
    }
}

/// What is noted of one's own account.
fn did(what: &str) -> Detail {
    Detail {
        what: Some(what.to_owned()),
        ..Detail::default()
    }
}
