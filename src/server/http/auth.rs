//! `/auth`: how clients of today's system sign in. What they get is a session, which they send as a bearer token.

use crate::server::secret::{ExposeSecret as _, SecretString};
use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    identity::{ByApi, Sent},
    problem::Problem,
};
use crate::{
    error::{AppError, ErrorKind},
    model::access::Role,
    server::{
        services::{
            access::{Kind, Me, SignIn},
            in_time,
        },
        state::AppState,
    },
};

/// What `POST /auth/login` holds.
#[derive(Deserialize, ToSchema)]
pub struct Login {
    username: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

/// What `GET /auth/me` answers.
#[derive(Serialize, ToSchema)]
#[schema(as = Me)]
pub struct MeAnswer {
    id: i32,
    username: String,
    email: Option<String>,
    role: Role,
    created_at: DateTime<Utc>,
    last_login: Option<DateTime<Utc>>,
}

/// A session of a program.
#[derive(Serialize, ToSchema)]
pub struct Session {
    /// It is shown this once.
    access_token: String,
    token_type: &'static str,
}

/// That a session has ended.
#[derive(Serialize, ToSchema)]
pub struct SignedOut {
    message: &'static str,
}

/// `POST /auth/login`.
#[utoipa::path(
    post, path = "/auth/login", operation_id = "signIn", tag = "Signing in",
    summary = "Sign in",
    description = "Opens a session. What comes as `access_token` is sent with each request as a bearer token. A program of yours has better a token of its own: see the page Accounts.",
    request_body(content = Login, content_type = "application/json", example = json!({"username": "somchai", "password": "correct horse battery"})),
    responses(
        (status = 200, description = "The session.", body = Session),
    ),
    extensions(("x-problems" = json!([400, 401, 429]))),
)]
pub async fn login(
    State(state): State<AppState>,
    sent: Sent,
    login: Result<Json<Login>, JsonRejection>,
) -> Result<Json<Session>, Problem> {
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
    Ok(Json(Session {
        access_token: session.expose_secret().to_owned(),
        token_type: "bearer",
    }))
}

/// `POST /auth/logout`: ends the session that asks.
#[utoipa::path(
    post, path = "/auth/logout", operation_id = "signOut", tag = "Signing in",
    summary = "Sign out",
    description = "Ends the session that asks. A token stays as it is.",
    responses(
        (status = 200, description = "It has ended.", body = SignedOut),
    ),
    extensions(("x-action" = json!("see"))),
)]
pub async fn logout(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    sent: Sent,
) -> Result<Json<SignedOut>, Problem> {
    state.access.sign_out(sent.credential.as_ref(), &by).await?;
    Ok(Json(SignedOut {
        message: "Signed out.",
    }))
}

/// `GET /auth/me`: whose account or token asks.
#[utoipa::path(
    get, path = "/auth/me", operation_id = "whoAmI", tag = "Signing in",
    summary = "Who asks",
    description = "The account or the token that asks. While nobody has an account, nobody needs one, and the answer is a 404.",
    responses(
        (status = 200, description = "Who.", body = MeAnswer),
    ),
    extensions(("x-action" = json!("see")), ("x-problems" = json!([404]))),
)]
pub async fn me(
    State(state): State<AppState>,
    ByApi(by): ByApi,
) -> Result<Json<MeAnswer>, Problem> {
    match in_time(state.access.me(&by)).await? {
        Some(Me::Account(account)) => Ok(Json(MeAnswer {
            id: account.id,
            username: account.name,
            email: account.email,
            role: account.role,
            created_at: account.created_at,
            last_login: account.last_login,
        })),
        Some(Me::Token(token)) => Ok(Json(MeAnswer {
            id: token.id,
            username: token.name,
            email: None,
            role: token.role,
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
