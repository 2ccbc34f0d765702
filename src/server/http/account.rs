//! `/account`: one's own account, its sessions and its password.

use crate::server::secret::ExposeSecret as _;
use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};

use super::{
    fields::Fields,
    identity::{self, ByPage},
    params::Parameters,
    problem, site,
    zone::ReadersZone,
};
use crate::{
    app,
    error::{AppError, ErrorKind},
    model::accounts::{OwnDone, OwnPage, OwnRefused, Whose},
    server::{
        actor::Actor,
        services::{ServiceError, access::Credential, access::Me, in_time},
        state::AppState,
    },
};

const HERE: &str = "/account";

/// What was just done, in the address that a form leads to.
const DONE: &str = "done";
const WORDS: [(&str, OwnDone); 2] = [
    ("password", OwnDone::PasswordChanged),
    ("sessions", OwnDone::SignedOutElsewhere),
];

/// The page and its forms. A form that is loaded by its address leads back.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/account", get(show))
        .route("/account/password", post(change_password).get(lead_back))
        .route(
            "/account/sign-out-elsewhere",
            post(sign_out_elsewhere).get(lead_back),
        )
}

async fn show(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    zone: ReadersZone,
    parameters: Parameters,
    request: Request,
) -> Response {
    let credential = identity::presented(&request);
    let shown = async {
        parameters.only(&[DONE])?;
        let done = parameters.word(DONE, &WORDS)?;
        let page = read(&state, &by, zone, credential.as_ref()).await;
        page.map(|page| OwnPage { done, ..page })
            .map_err(|error| error.tell())
    };
    let shown = shown.await;
    site::shown_page(state, shown, request, app::account).await
}

/// Changes the password, and leads to the page that says so; or shows the form again, with the reason why not.
async fn change_password(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    zone: ReadersZone,
    request: Request,
) -> Response {
    let (fields, request) = Fields::take(request).await;
    let credential = identity::presented(&request);
    match change(&state, fields, credential.as_ref(), &by).await {
        Ok(()) => to(OwnDone::PasswordChanged),
        Err(error) => refuse(state, &by, zone, error, OwnRefused::Password, request).await,
    }
}

async fn change(
    state: &AppState,
    fields: Result<Fields, AppError>,
    credential: Option<&Credential>,
    by: &Actor,
) -> Result<(), ServiceError> {
    let fields = fields?;
    let (present, new) = (fields.secret("present"), fields.secret("new"));
    if new.expose_secret() != fields.secret("again").expose_secret() {
        let sentence = "The new password was typed in two ways. Nothing was changed: type it again, both times the same.";
        return Err(AppError::new(ErrorKind::Unprocessable, sentence).into());
    }
    state
        .access
        .change_password(present, new, credential, by)
        .await
}

/// Ends all other sessions, and leads to the page that says so.
async fn sign_out_elsewhere(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    zone: ReadersZone,
    request: Request,
) -> Response {
    let credential = identity::presented(&request);
    match state
        .access
        .sign_out_everywhere(credential.as_ref(), &by)
        .await
    {
        Ok(_) => to(OwnDone::SignedOutElsewhere),
        Err(error) => refuse(state, &by, zone, error, OwnRefused::Sessions, request).await,
    }
}

/// Where a refused form is loaded anew.
async fn lead_back() -> Redirect {
    Redirect::to(HERE)
}

fn to(done: OwnDone) -> Response {
    let word = WORDS.iter().find(|(_, it)| *it == done);
    let word = word.map_or("", |(word, _)| word);
    Redirect::to(&format!("{HERE}?{DONE}={word}")).into_response()
}

/// The page again, with the reason why something was not done.
async fn refuse(
    state: AppState,
    by: &Actor,
    zone: ReadersZone,
    error: ServiceError,
    of: fn(String) -> OwnRefused,
    request: Request,
) -> Response {
    let told = error.tell();
    let credential = identity::presented(&request);
    let page = read(&state, by, zone, credential.as_ref()).await;
    let page = page.map_err(|error| error.tell()).map(|page| OwnPage {
        refused: Some(of(told.message)),
        ..page
    });
    let mut answer = site::shown_page(state, page, request, app::account).await;
    site::set_status(&mut answer, told.kind);
    problem::say_when(&mut answer, &error);
    answer
}

async fn read(
    state: &AppState,
    by: &Actor,
    zone: ReadersZone,
    credential: Option<&Credential>,
) -> Result<OwnPage, ServiceError> {
    let whose = in_time(async {
        Ok::<_, ServiceError>(match state.access.me(by).await? {
            Some(Me::Account(account)) => {
                let sessions = state.access.sessions(credential, by).await?;
                Whose::Account(account, sessions)
            }
            Some(Me::Token(token)) => Whose::Token(token),
            None => Whose::Nobodys,
        })
    });
    Ok(OwnPage {
        whose: whose.await?,
        zone: zone.for_page(&state.clock),
        done: None,
        refused: None,
    })
}
