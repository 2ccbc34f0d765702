//! Whoever may do something, or not: accounts and tokens of each role.

use axum::http::{HeaderValue, header, request::Builder};

use super::{app::App, fixtures::by, people::PASSWORD};
use crate::{
    model::{access::Role, import_log::Requester},
    server::{
        secret::ExposeSecret as _,
        services::access::{Kind, NewToken, SignIn},
    },
};

/// Somebody who sends a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What brings it in, and as what.
    credential: Option<(header::HeaderName, HeaderValue)>,
    /// What they may do; `None`: they haven't signed in.
    pub role: Option<Role>,
    /// Who they are, for whoever reads why a test failed.
    pub called: String,
}

impl Caller {
    /// Somebody who hasn't signed in.
    pub fn nobody() -> Self {
        Self {
            credential: None,
            role: None,
            called: "nobody".into(),
        }
    }

    /// Somebody with an account of this role, which is added, who has signed in with a browser.
    pub async fn with_account(app: &App, role: Role) -> Self {
        let terminal = by(Requester::Cli);
        let added = app
            .access
            .add_account(role.as_str(), role, PASSWORD.into(), &terminal)
            .await;
        added.unwrap();
        Self::signed_in(app, role).await
    }

    /// Somebody who signs in with the account of this role.
    pub async fn signed_in(app: &App, role: Role) -> Self {
        let asked = SignIn {
            name: role.as_str(),
            password: PASSWORD.into(),
            kind: Kind::Page,
            address: None,
            agent: None,
        };
        let session = app.access.sign_in(asked).await.unwrap();
        let cookie = format!("numwatch={}", session.expose_secret());
        Self {
            credential: Some((header::COOKIE, cookie.try_into().unwrap())),
            role: Some(role),
            called: format!("{role} (account)"),
        }
    }

    /// A program with a token of this role, which is added.
    pub async fn with_token(app: &App, role: Role) -> Self {
        let new = NewToken {
            name: role.as_str(),
            role,
            days: Some(1),
        };
        let token = app.access.add_token(&new, &by(Requester::Cli)).await;
        let bearer = format!("Bearer {}", token.unwrap().expose_secret());
        Self {
            credential: Some((header::AUTHORIZATION, bearer.try_into().unwrap())),
            role: Some(role),
            called: format!("{role} (token)"),
        }
    }

    /// A request of theirs.
    pub fn sends(&self, request: Builder) -> Builder {
        match &self.credential {
            Some((name, value)) => request.header(name, value),
            None => request,
        }
    }
}
