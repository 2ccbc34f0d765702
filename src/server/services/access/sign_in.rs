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
        network::network,
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
        let known = self.try_password(&name, asked.password, address).await?;
        let actor = |who| Actor::new(asked.kind.door(), who, asked.address.map(ToOwned::to_owned));
        let Some((id, hash)) = known else {
            // Without the name: what was typed as one may be a password.
            let asking = actor(Who::Anyone);
            audit::add(&self.pool, &entry(&asking, true)).await?;
            return Err(unknown());
        };
        let session = passwords::random()?;
        let mut tx = self.pool.begin().await?;
        let account = accounts::lock(&mut *tx, &name).await?;
        // While the password was looked at, an admin may have given another one.
        let still = accounts::password(&mut *tx, &name).await?;
        let Some(account) = account.filter(|_| still == Some((id, hash))) else {
            return Err(unknown());
        };
        sign_in_attempts::forget(&mut tx, &name, &counted(address)).await?;
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

    /// The account of this name and what is kept of its password, if that is the one which is given. The attempt is counted
    /// before its outcome is known; one that was right is forgotten by whoever goes on with it.
    pub(super) async fn try_password(
        &self,
        name: &str,
        password: SecretString,
        address: &str,
    ) -> Result<Option<(i32, String)>, ServiceError> {
        let mut tx = self.pool.begin().await?;
        let begun = sign_in_attempts::begin(&mut tx, name, &counted(address)).await?;
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
        })?;
        let known = accounts::password(&self.pool, name).await?;
        let hash = known.as_ref().map(|(_, hash)| hash.clone());
        let right = self
            .hashing(move || passwords::is_right(&password, hash.as_deref()))
            .await?;
        Ok(known.filter(|_| right))
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

/// The household that an address is counted with: one of IPv6 has as many neighbours as it likes.
pub(super) fn counted(address: &str) -> String {
    let read = address.parse().map(network);
    read.map_or_else(|_| address.to_owned(), |network| network.to_string())
}

/// What whoever may not sign in is told, whatever is wrong.
fn unknown() -> ServiceError {
    let sentence = "There is no such account, or the password is another one.";
    ServiceError::told(ErrorKind::SignedOut, sentence)
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
