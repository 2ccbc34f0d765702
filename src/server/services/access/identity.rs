//! Who brings a credential. Asked with each request: those who bring the same at the same time share one look, which begins
//! after all of them asked. So nothing is believed that isn't true any more, and many open pages are few questions.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::PgPool;

use super::{Access, Credential, Use};
use crate::{
    error::AppError,
    server::{
        actor::Who,
        config::Lasting,
        db::{account_sessions, accounts, api_tokens},
        services::{ServiceError, coalesce::Coalesced, in_time},
    },
};

/// So many credentials are remembered as being looked for; then all are forgotten, which costs a shared look or two.
const REMEMBERED: usize = 1000;

/// Who it is, and whether their session is to be noted as used.
type Looked = Result<Option<(Who, bool)>, AppError>;

/// The looks that are under way.
#[derive(Clone, Debug, Default)]
pub struct Looks {
    /// There is an account or a token: that stays so for ever.
    closed: Arc<AtomicBool>,
    /// There was none when the database was asked last.
    was_open: Arc<AtomicBool>,
    whether_closed: Coalesced<Result<bool, AppError>>,
    of: Arc<Mutex<HashMap<Credential, Coalesced<Looked>>>>,
}

impl Looks {
    fn of(&self, credential: &Credential) -> Coalesced<Looked> {
        let mut known = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED && !known.contains_key(credential) {
            known.clear();
        }
        known.entry(credential.clone()).or_default().clone()
    }
}

impl Access {
    /// Whether there is any account or token: then nobody is let in without one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn is_closed(&self) -> Result<bool, ServiceError> {
        if self.looks.closed.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let pool = self.pool.clone();
        let look = move || async move {
            let looked = in_time(accounts::anybody(&pool)).await;
            looked.map_err(|error| ServiceError::from(error).tell())
        };
        let closed = self.looks.whether_closed.read(look).await?;
        self.looks.closed.store(closed, Ordering::Relaxed);
        self.looks.was_open.store(!closed, Ordering::Relaxed);
        Ok(closed)
    }

    /// Whether there was neither account nor token when the database was asked last. An account is added there: while it can't be
    /// asked there is none to be waited for.
    #[must_use]
    pub fn was_open(&self) -> bool {
        self.looks.was_open.load(Ordering::Relaxed)
    }

    /// Who brings this. `None`: nobody who is let in.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn identify(
        &self,
        credential: Option<&Credential>,
        used: Use,
    ) -> Result<Option<Who>, ServiceError> {
        if let Some(credential) = credential {
            let (pool, lasting, asked) = (self.pool.clone(), self.lasting, credential.clone());
            let look = move || async move {
                let looked = in_time(look(&pool, lasting, &asked)).await;
                looked.map_err(|error| ServiceError::from(error).tell())
            };
            if let Some((who, is_stale)) = self.looks.of(credential).read(look).await? {
                if let Some(hash) = credential.of_session().filter(|_| is_stale)
                    && used == Use::ByPerson
                {
                    // Who only reads is let in, also while nothing can be written.
                    if let Err(error) = account_sessions::used(&self.pool, hash).await {
                        tracing::warn!(%error, "that a session is used can't be noted");
                    }
                }
                return Ok(Some(who));
            }
        }
        Ok((!self.is_closed().await?).then_some(Who::Anyone))
    }
}

async fn look(
    pool: &PgPool,
    lasting: Lasting,
    credential: &Credential,
) -> sqlx::Result<Option<(Who, bool)>> {
    Ok(match credential {
        Credential::Session(hash) => {
            let owner = account_sessions::owner(pool, hash, lasting).await?;
            owner.map(|owner| {
                let who = Who::Account {
                    id: owner.id,
                    name: owner.name,
                    role: owner.role,
                };
                (who, owner.is_stale)
            })
        }
        Credential::Token(hash) => {
            let token = api_tokens::owner(pool, hash).await?;
            if let Some(token) = token.as_ref().filter(|token| token.is_stale)
                && let Err(error) = api_tokens::used(pool, token.id).await
            {
                tracing::warn!(%error, "that a token is used can't be noted");
            }
            token.map(|token| {
                let who = Who::Token {
                    id: token.id,
                    name: token.name,
                    role: token.role,
                };
                (who, false)
            })
        }
    })
}
