//! Who is signed in, and who may sign in. What they may do, [`crate::server::actor`] says.

mod identity;
mod managing;
mod own;
mod programs;
mod sign_in;

pub use self::{
    own::Me,
    programs::NewToken,
    sign_in::{Kind, SignIn},
};

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::PgPool;
use tokio::{sync::Semaphore, time::Instant};

use self::identity::Looks;
use super::{ServiceError, in_time};
use crate::{
    error::ErrorKind,
    model::{
        access::Action,
        audit::{Deed, Detail},
    },
    server::{
        actor::Actor,
        config::Lasting,
        db::audit::{self, Entry},
        passwords, request_id,
        secret::SecretString,
    },
};

/// Passwords are hashed so many at a time: each takes 19 MiB, and a processor.
const HASHED_AT_ONCE: usize = 2;

/// The same refusal is noted once in so long.
const ONCE_IN: Duration = Duration::from_mins(1);

/// What tokens begin with, so that they can be told from sessions, and found where they don't belong.
pub const TOKEN: &str = "nw_";

/// When somebody, by name, was last refused something.
type Refused = HashMap<(Option<String>, Action), Instant>;

/// Accounts, tokens and sessions.
#[derive(Clone, Debug)]
pub struct Access {
    pool: PgPool,
    lasting: Lasting,
    hashing: Arc<Semaphore>,
    looks: Looks,
    refused: Arc<Mutex<Refused>>,
}

/// What somebody brings to show who they are: only its hash is looked for, and kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    Session([u8; 32]),
    Token([u8; 32]),
}

impl Credential {
    /// What comes in a cookie.
    #[must_use]
    pub fn session(session: &str) -> Self {
        Self::Session(passwords::fingerprint(session))
    }

    /// What comes as a bearer token: a token, or a session of a client that signs in as people do.
    #[must_use]
    pub fn bearer(given: &str) -> Self {
        if given.starts_with(TOKEN) {
            Self::Token(passwords::fingerprint(given))
        } else {
            Self::session(given)
        }
    }

    /// The hash of a session, if it is one.
    #[must_use]
    pub const fn of_session(&self) -> Option<&[u8]> {
        match self {
            Self::Session(hash) => Some(hash),
            Self::Token(_) => None,
        }
    }
}

/// Whether a session goes on being used by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A person does something.
    ByPerson,
    /// An open page asks again, which it does for as long as it is open.
    ByItself,
}

impl Access {
    #[must_use]
    pub fn new(pool: PgPool, lasting: Lasting) -> Self {
        Self {
            pool,
            lasting,
            hashing: Arc::new(Semaphore::new(HASHED_AT_ONCE)),
            looks: Looks::default(),
            refused: Arc::default(),
        }
    }

    /// Notes what somebody asked for who may not; the same of the same once a minute, so that nobody fills the audit with it.
    /// That it can't be noted changes nothing for them: the server's log says so.
    pub async fn note_refusal(&self, by: &Actor, action: Action) {
        let what = (by.name(), action);
        {
            let mut noted = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            noted.retain(|_, at| at.elapsed() < ONCE_IN);
            if noted.contains_key(&what) {
                return;
            }
            noted.insert(what, Instant::now());
        }
        let entry = Entry {
            actor: by,
            deed: Deed::Of(action),
            refused: true,
            import_id: None,
            detail: Detail::default(),
        };
        if let Err(error) = in_time(audit::add(&self.pool, &entry)).await {
            tracing::error!(%error, "a refusal can't be noted");
        }
    }

    /// Hashes a password beside the answers of this process.
    async fn hash(&self, password: SecretString) -> Result<String, ServiceError> {
        passwords::check(&password)?;
        Ok(self.hashing(move || passwords::hash(&password)).await??)
    }

    /// Does something that keeps a processor busy, when it is its turn.
    async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ServiceError> {
        let busy = || {
            let sentence = "Too many sign in at the moment. Try again in a minute.";
            ServiceError::told(ErrorKind::Unavailable, sentence)
        };
        let turn = self.hashing.clone().acquire_owned();
        let turn = tokio::time::timeout(super::IN_TIME, turn).await;
        let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            let sentence = format!(
                "A password could not be hashed, which is a fault of NumWatch. {}",
                request_id::the_log_has_the_cause()
            );
            ServiceError::told(ErrorKind::Internal, sentence)
        })
    }
}

/// A name that an account or a token can have.
fn name(given: &str) -> Result<String, ServiceError> {
    const MOST: usize = 64;
    let name = given.trim().to_lowercase();
    let is_one = name.len() <= MOST
        && name.starts_with(|it: char| it.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || "._@-".contains(it));
    if is_one {
        return Ok(name);
    }
    let given: String = given.chars().take(MOST).collect();
    let sentence = format!(
        "\"{given}\" is no name that can be signed in with. Write up to {MOST} small letters, digits, dots, dashes, underscores or @, beginning with a letter or digit."
    );
    Err(ServiceError::told(ErrorKind::Unprocessable, sentence))
}
