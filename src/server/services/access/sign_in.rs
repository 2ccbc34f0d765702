//! Signing in and out.

use crate::server::secret::{ExposeSecret as _, SecretString};

use super::{Access, Credential};
use crate::{
    error::{AppError, ErrorKind},
    model::{
        audit::{Deed, Detail},
        import_log::Requester,
    },
    server::{
        actor::{Actor, Who},
        db::{
            account_sessions::{self, NewSession},
            accounts::{self, Account},
            audit::{self, Entry},
            sign_in_attempts,
        },
        passwords,
        services::ServiceError,
    },
};

/// Where a session is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In a browser's cookie.
    Page,
    /// In a client, which sends it as a bearer token.
    Api,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Api => "api",
        }
    }

    const fn door(self) -> Requester {
        match self {
            Self::Page => Requester::Page,
            Self::Api => Requester::Api,
        }
    }
}

/// Somebody who wants to sign in.
#[derive(Clone, Debug)]
pub struct SignIn<'a> {
    pub name: &'a str,
    pub password: SecretString,
    pub kind: Kind,
    /// From where, as far as there is an address.
    pub address: Option<&'a str>,
    /// What the browser or client calls itself.
    pub agent: Option<&'a str>,
}

impl Access {
    /// Signs somebody in. Answers the session, of which only the hash is kept.
    ///
    /// # Errors
    /// When there is no such account, it is disabled, or the password is another one: the same sentence after the same time;
    /// when that was tried too often of late; and when the database refuses.
    pub async fn sign_in(&self, asked: SignIn<'_>) -> Result<SecretString, ServiceError> {
        // What no account is called is nobody's name, whatever was typed.
        let name = super::name(asked.name).unwrap_or_default();
        let address = asked.address.unwrap_or_default();
        self.count_attempt(&name, address).await?;
        let known = accounts::password(&self.pool, &name).await?;
        let (id, hash) = known.unzip();
        let password = asked.password.clone();
        let right = self
            .hashing(move || passwords::is_right(&password, hash.as_deref()))
            .await?;
        let actor = |who| Actor::new(asked.kind.door(), who, asked.address.map(ToOwned::to_owned));
        let Some(id) = id.filter(|_| right) else {
            // Without the name: what was typed as one may be a password.
            let asking = actor(Who::Anyone);
            let refused = entry(&asking, true);
            audit::add(&self.pool, &refused).await?;
            let sentence = "There is no such account, or the password is another one.";
            return Err(ServiceError::told(ErrorKind::SignedOut, sentence));
        };
        let session = passwords::random()?;
        let mut tx = self.pool.begin().await?;
        let account = accounts::lock(&mut *tx, &name).await?;
        let account = account.filter(|it| it.disabled_at.is_none());
        let Some(account) = account else {
            let sentence = "There is no such account, or the password is another one.";
            return Err(ServiceError::told(ErrorKind::SignedOut, sentence));
        };
        sign_in_attempts::forget(&mut tx, &name, address).await?;
        account_sessions::tidy(&mut *tx, self.lasting).await?;
        let new = NewSession {
            hash: &passwords::fingerprint(session.expose_secret()),
            account: id,
            kind: asked.kind.as_str(),
            address: asked.address,
            agent: asked.agent,
        };
        account_sessions::begin(&mut *tx, &new).await?;
        accounts::signed_in(&mut *tx, id).await?;
        let actor = actor(who(&account));
        audit::add(&mut *tx, &entry(&actor, false)).await?;
        tx.commit().await?;
        Ok(session)
    }

    /// Counts an attempt to give a password, before its outcome is known.
    pub(super) async fn count_attempt(
        &self,
        name: &str,
        address: &str,
    ) -> Result<(), ServiceError> {
        let mut tx = self.pool.begin().await?;
        let begun = sign_in_attempts::begin(&mut tx, name, address).await?;
        tx.commit().await?;
        begun.map_err(|wait| {
            let minutes = wait.as_secs().div_ceil(60);
            let sentence = format!(
                "There were too many attempts to sign in as this, or from here. Try again in {minutes} minutes."
            );
            ServiceError::TooMany {
                error: AppError::new(ErrorKind::TooMany, sentence),
                wait,
            }
        })
    }

    /// Ends the session that asks.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn sign_out(
        &self,
        credential: Option<&Credential>,
        by: &Actor,
    ) -> Result<(), ServiceError> {
        let Some(hash) = credential.and_then(Credential::of_session) else {
            return Ok(());
        };
        let mut tx = self.pool.begin().await?;
        account_sessions::end(&mut *tx, hash).await?;
        let signed_out = Entry {
            deed: Deed::SignOut,
            ..entry(by, false)
        };
        audit::add(&mut *tx, &signed_out).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn who(account: &Account) -> Who {
    Who::Account {
        id: account.id,
        name: account.name.clone(),
        role: account.role,
    }
}

/// What is noted of a sign-in.
fn entry(actor: &Actor, refused: bool) -> Entry<'_> {
    Entry {
        actor,
        deed: Deed::SignIn,
        refused,
        import_id: None,
        detail: Detail::default(),
    }
}
