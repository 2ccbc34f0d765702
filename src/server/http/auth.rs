//! `/auth`: how clients of today's system sign in. What they get is a session, which they send as a bearer token.

use crate::server::secret::{ExposeSecret as _, SecretString};
use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    identity::{ByApi, Sent},
    problem::Problem,
};
use crate::{
    error::{AppError, ErrorKind},
    server::{
        services::{
            access::{Kind, Me, SignIn},
            in_time,
        },
        state::AppState,
    },
};

/// What `POST /auth/login` holds.
#[derive(Deserialize)]
pub struct Login {
    username: String,
    password: SecretString,
}

/// What `GET /auth/me` answers.
#[derive(Serialize)]
pub struct MeAnswer {
    id: i32,
    username: String,
    email: Option<String>,
    role: &'static str,
    created_at: DateTime<Utc>,
    last_login: Option<DateTime<Utc>>,
}

/// `POST /auth/login`.
pub async fn login(
    State(state): State<AppState>,
    sent: Sent,
    login: Result<Json<Login>, JsonRejection>,
) -> Result<Json<Value>, Problem> {
    let Json(login) = login.map_err(|_| {
        let sentence = "The body is no JSON that holds a name and a password. Send {\"username\": \"…\", \"password\": \"…\"} as application/json.";
        AppError::new(ErrorKind::Malformed, sentence)
    })?;
    let asked = SignIn {
        name: &login.username,
        password: login.password,
        kind: Kind::Api,
        address: sent.address.as_deref(),
        agent: sent.agent.as_deref(),
    };
    let session = state.access.sign_in(asked).await?;
    Ok(Json(json!({
        "access_token": session.expose_secret(),
        "token_type": "bearer",
    })))
}

/// `POST /auth/logout`: ends the session that asks.
pub async fn logout(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    sent: Sent,
) -> Result<Json<Value>, Problem> {
    state.access.sign_out(sent.credential.as_ref(), &by).await?;
    Ok(Json(json!({ "message": "Signed out." })))
}

/// `GET /auth/me`: whose account or token asks.
pub async fn me(
    State(state): State<AppState>,
    ByApi(by): ByApi,
) -> Result<Json<MeAnswer>, Problem> {
    match in_time(state.access.me(&by)).await? {
        Some(Me::Account(account)) => Ok(Json(MeAnswer {
            id: account.id,
            username: account.name,
            email: account.email,
            role: account.role.as_str(),
            created_at: account.created_at,
            last_login: account.last_login,
        })),
        Some(Me::Token(token)) => Ok(Json(MeAnswer {
            id: token.id,
            username: token.name,
            email: None,
            role: token.role.as_str(),
            created_at: token.created_at,
            last_login: token.used_at,
        })),
        None => Err(AppError::new(
            ErrorKind::NotFound,
            "There are no accounts yet, and nobody needs one on this machine.",
        )
        .into()),
    }
}
