//! `/accounts`: who may sign in, which programs may call the API, and the forms that change both.

mod page;

use crate::server::secret::ExposeSecret as _;
use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};

use self::page::{HERE, More};
use super::{fields::Fields, identity::ByPage, params::Parameters, zone::ReadersZone};
use crate::{
    error::{AppError, ErrorKind},
    model::{
        access::Role,
        accounts::{Refused, Secret, SecretOf},
    },
    server::{
        actor::Actor,
        passwords,
        services::{ServiceError, access::NewToken},
        state::AppState,
    },
};

/// The page and its forms. A form that is loaded by its address leads back.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/accounts", get(show))
        .route("/accounts/add", post(add).get(lead_back))
        .route("/accounts/role", post(set_role).get(lead_back))
        .route("/accounts/reset", post(reset).get(lead_back))
        .route("/accounts/disable", post(disable).get(lead_back))
        .route("/accounts/tokens/add", post(add_token).get(lead_back))
        .route("/accounts/tokens/revoke", post(revoke_token).get(lead_back))
}

async fn show(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    zone: ReadersZone,
    parameters: Parameters,
    request: Request,
) -> Response {
    page::asked(state, &by, zone, &parameters, request).await
}

/// Where a form's answer is loaded anew.
async fn lead_back() -> Redirect {
    Redirect::to(HERE)
}

/// Adds an account, and shows its password.
async fn add(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    zone: ReadersZone,
    request: Request,
) -> Response {
    let (fields, request) = Fields::take(request).await;
    let (name, role) = typed(&fields);
    let more = match add_account(&state, fields, &by).await {
        Ok(secret) => More::Secret(secret),
        Err(error) => More::refused(&error, |why| Refused::NewAccount { why, name, role }),
    };
    page::answer(state, &by, zone, more, request).await
}

async fn add_account(
    state: &AppState,
    fields: Result<Fields, AppError>,
    by: &Actor,
) -> Result<Secret, ServiceError> {
    let fields = fields?;
    let role = role(&fields)?;
    let password = passwords::generate()?;
    let added = state
        .access
        .add_account(fields.text("name"), role, password.clone(), by);
    Ok(Secret {
        of: SecretOf::NewAccount,
        name: added.await?,
        role,
        text: password.expose_secret().to_owned(),
    })
}

/// Gives an account another role.
async fn set_role(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    zone: ReadersZone,
    request: Request,
) -> Response {
    let (fields, request) = Fields::take(request).await;
    let done = async {
        let fields = fields?;
        let (name, role) = (fields.text("name"), role(&fields)?);
        state.access.set_role(name, role, &by).await?;
        Ok(page::telling("role", name))
    };
    let done = done.await;
    lead_or_refuse(state, &by, zone, done, request).await
}

/// Gives an account another password, and shows it.
async fn reset(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    zone: ReadersZone,
    request: Request,
) -> Response {
    let (fields, request) = Fields::take(request).await;
    let more = match reset_password(&state, fields, &by).await {
        Ok(secret) => More::Secret(secret),
        Err(error) => More::refused(&error, Refused::Change),
    };
    page::answer(state, &by, zone, more, request).await
}

async fn reset_password(
    state: &AppState,
    fields: Result<Fields, AppError>,
    by: &Actor,
) -> Result<Secret, ServiceError> {
    let fields = fields?;
    let (name, mark) = (fields.text("name"), fields.text("mark"));
    let password = passwords::generate()?;
    let reset = state
        .access
        .reset_password_once(name, mark, password.clone(), by);
    let account = reset.await?;
    Ok(Secret {
        of: SecretOf::Account,
        name: account.name,
        role: account.role,
        text: password.expose_secret().to_owned(),
    })
}

/// Lets an account sign in no more.
async fn disable(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    zone: ReadersZone,
    request: Request,
) -> Response {
    let (fields, request) = Fields::take(request).await;
    let done = async {
        let fields = fields?;
        let name = fields.text("name");
        state.access.disable_account(name, &by).await?;
        Ok(page::telling("disabled", name))
    };
    let done = done.await;
    lead_or_refuse(state, &by, zone, done, request).await
}

/// Adds a token, and shows it.
async fn add_token(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    zone: ReadersZone,
    request: Request,
) -> Response {
    let (fields, request) = Fields::take(request).await;
    let (name, role) = typed(&fields);
    let days = fields.as_ref().map_or("", |fields| fields.text("days"));
    let days = days.to_owned();
    let more = match make_token(&state, fields, &by).await {
        Ok(secret) => More::Secret(secret),
        Err(error) => More::refused(&error, |why| Refused::NewToken {
            why,
            name,
            role,
            days,
        }),
    };
    page::answer(state, &by, zone, more, request).await
}

async fn make_token(
    state: &AppState,
    fields: Result<Fields, AppError>,
    by: &Actor,
) -> Result<Secret, ServiceError> {
    let fields = fields?;
    let days = match fields.text("days") {
        "never" => None,
        days => Some(days.parse().map_err(|_| {
            let sentence =
                "It isn't said for how long the token is to be good. Choose a number of days.";
            AppError::new(ErrorKind::Unprocessable, sentence)
        })?),
    };
    let new = NewToken {
        name: fields.text("name"),
        role: role(&fields)?,
        days,
    };
    let token = state.access.add_token(&new, by).await?;
    Ok(Secret {
        of: SecretOf::Token,
        name: new.name.to_lowercase(),
        role: new.role,
        text: token.expose_secret().to_owned(),
    })
}

/// Lets nobody in with a token any more.
async fn revoke_token(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    zone: ReadersZone,
    request: Request,
) -> Response {
    let (fields, request) = Fields::take(request).await;
    let done = async {
        let fields = fields?;
        let name = fields.text("name");
        state.access.revoke_token(name, &by).await?;
        Ok(page::telling("revoked", name))
    };
    let done = done.await;
    lead_or_refuse(state, &by, zone, done, request).await
}

/// Leads to the page that tells of what was done; or shows it with the reason why it was not.
async fn lead_or_refuse(
    state: AppState,
    by: &Actor,
    zone: ReadersZone,
    done: Result<String, ServiceError>,
    request: Request,
) -> Response {
    match done {
        Ok(address) => Redirect::to(&address).into_response(),
        Err(error) => {
            let more = More::refused(&error, Refused::Change);
            page::answer(state, by, zone, more, request).await
        }
    }
}

/// The name and role that a form asks for, to be shown in it again.
fn typed(fields: &Result<Fields, AppError>) -> (String, String) {
    let text = |name| fields.as_ref().map_or("", |fields| fields.text(name));
    (text("name").to_owned(), text("role").to_owned())
}

fn role(fields: &Fields) -> Result<Role, AppError> {
    let sentence = "No role was chosen. Choose viewer, operator or admin.";
    let role = fields.text("role").parse();
    role.map_err(|_| AppError::new(ErrorKind::Unprocessable, sentence))
}
