//! Accounts, as admins manage them.

use crate::server::secret::SecretString;
use sqlx::PgConnection;

use super::{Access, name};
use crate::{
    error::ErrorKind,
    model::{
        access::{Action, Role},
        audit::Detail,
    },
    server::{
        actor::{Actor, Who},
        db::{
            account_sessions,
            accounts::{self, Account},
            audit,
        },
        services::ServiceError,
    },
};

impl Access {
    /// All accounts, by name.
    ///
    /// # Errors
    /// When whoever asks may not see them, or the database refuses.
    pub async fn accounts(&self, by: &Actor) -> Result<Vec<Account>, ServiceError> {
        by.permit(Action::ManageAccounts)?;
        Ok(accounts::all(&self.pool).await?)
    }

    /// Adds an account, and answers its name as it is kept: in small letters.
    ///
    /// # Errors
    /// When whoever asks may not, the name or the password can't be chosen, there is one of that name, or the database refuses.
    pub async fn add_account(
        &self,
        given: &str,
        role: Role,
        password: SecretString,
        by: &Actor,
    ) -> Result<String, ServiceError> {
        let permit = by.permit(Action::ManageAccounts)?;
        let name = name(given)?;
        let hash = self.hash(password).await?;
        let mut tx = self.pool.begin().await?;
        let by = by.name();
        let created = accounts::create(&mut *tx, &name, role, &hash, by.as_deref()).await?;
        if created.is_none() {
            let sentence = format!(
                "There is an account \"{name}\" already. Choose another name, or give that one another password or role."
            );
            return Err(ServiceError::told(ErrorKind::Conflict, sentence));
        }
        let detail = of(&name, "added", Some(role));
        audit::note(&mut *tx, &permit, None, detail).await?;
        tx.commit().await?;
        Ok(name)
    }

    /// Gives an account another role, and signs it out.
    ///
    /// # Errors
    /// When whoever asks may not, there is no such account, it is the last that may let others in, or the database refuses.
    pub async fn set_role(&self, given: &str, role: Role, by: &Actor) -> Result<(), ServiceError> {
        let permit = by.permit(Action::ManageAccounts)?;
        let mut tx = self.pool.begin().await?;
        let account = self.hold(&mut tx, given, role != Role::Admin, by).await?;
        accounts::set_role(&mut *tx, account.id, role).await?;
        account_sessions::end_others(&mut *tx, account.id, None).await?;
        let what = format!("was {}", account.role);
        let detail = of(&account.name, &what, Some(role));
        audit::note(&mut *tx, &permit, None, detail).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Gives an account another password, and signs it out. If it was disabled it may sign in again.
    ///
    /// # Errors
    /// When whoever asks may not, there is no such account, the password can't be chosen, or the database refuses.
    pub async fn reset_password(
        &self,
        given: &str,
        password: SecretString,
        by: &Actor,
    ) -> Result<(), ServiceError> {
        self.reset(given, None, password, by).await.map(drop)
    }

    /// The same, unless it was given another one since this mark was: whoever loads the answer of a form anew sends it once
    /// more. Answers the account as it was.
    ///
    /// # Errors
    /// Those, and when it was.
    pub async fn reset_password_once(
        &self,
        given: &str,
        mark: &str,
        password: SecretString,
        by: &Actor,
    ) -> Result<Account, ServiceError> {
        self.reset(given, Some(mark), password, by).await
    }

    /// The mark of the password that an account has.
    ///
    /// # Errors
    /// When whoever asks may not manage accounts, or the database refuses.
    pub async fn password_mark(&self, account: i32, by: &Actor) -> Result<String, ServiceError> {
        by.permit(Action::ManageAccounts)?;
        Ok(accounts::password_mark(&self.pool, account).await?)
    }

    async fn reset(
        &self,
        given: &str,
        mark: Option<&str>,
        password: SecretString,
        by: &Actor,
    ) -> Result<Account, ServiceError> {
        let permit = by.permit(Action::ManageAccounts)?;
        let hash = self.hash(password).await?;
        let mut tx = self.pool.begin().await?;
        let account = self.hold(&mut tx, given, false, by).await?;
        if let Some(mark) = mark
            && mark != accounts::password_mark(&mut *tx, account.id).await?
        {
            let sentence = format!(
                "The password of \"{}\" was changed since this was asked, and stays as it is now. To give it yet another one, choose “Reset password” again.",
                account.name
            );
            return Err(ServiceError::told(ErrorKind::Conflict, sentence));
        }
        accounts::set_password(&mut *tx, account.id, &hash).await?;
        account_sessions::end_others(&mut *tx, account.id, None).await?;
        let what = match account.disabled_at {
            Some(_) => "password reset, enabled again",
            None => "password reset",
        };
        let detail = of(&account.name, what, None);
        audit::note(&mut *tx, &permit, None, detail).await?;
        tx.commit().await?;
        Ok(account)
    }

    /// Lets an account sign in no more, and signs it out.
    ///
    /// # Errors
    /// When whoever asks may not, there is no such account, it is the last that may let others in, or the database refuses.
    pub async fn disable_account(&self, given: &str, by: &Actor) -> Result<(), ServiceError> {
        let permit = by.permit(Action::ManageAccounts)?;
        let mut tx = self.pool.begin().await?;
        let account = self.hold(&mut tx, given, true, by).await?;
        accounts::disable(&mut *tx, account.id).await?;
        account_sessions::end_others(&mut *tx, account.id, None).await?;
        let detail = of(&account.name, "disabled", None);
        audit::note(&mut *tx, &permit, None, detail).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Locks an account. One that may let others in is only given up while there is another one; at a terminal always, since
    /// there is always a way back.
    async fn hold(
        &self,
        tx: &mut PgConnection,
        given: &str,
        gives_up: bool,
        by: &Actor,
    ) -> Result<Account, ServiceError> {
        let admins = accounts::lock_admins(&mut *tx).await?;
        // What no account is called is nobody's name.
        let name = name(given).unwrap_or_default();
        let account = accounts::lock(&mut *tx, &name).await?.ok_or_else(|| {
            let given: String = given.trim().chars().take(64).collect();
            let sentence = format!("There is no account \"{given}\". Look at the list of them.");
            ServiceError::told(ErrorKind::NotFound, sentence)
        })?;
        if gives_up && admins == [account.id] && !matches!(by.who, Who::Terminal { .. }) {
            let sentence = format!(
                "\"{name}\" is the last admin, and nobody could manage accounts any more. Make another one admin first."
            );
            return Err(ServiceError::told(ErrorKind::Conflict, sentence));
        }
        Ok(account)
    }
}

/// What is noted of an account.
fn of(account: &str, what: &str, role: Option<Role>) -> Detail {
    Detail {
        what: Some(what.to_owned()),
        name: Some(account.to_owned()),
        role,
        ..Detail::default()
    }
}
