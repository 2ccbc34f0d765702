//! `/sign-in` and `/sign-out`: the page's forms, which work without scripts.

use crate::server::secret::{ExposeSecret as _, SecretString};
use axum::{
    extract::{Form, Request, State, rejection::FormRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    cookies,
    identity::{ByPage, NEXT, Sent},
    params::Parameters,
    problem::Problem,
    site,
};
use crate::{
    app,
    error::{AppError, ErrorKind},
    model::access::SignInForm,
    server::{
        services::{
            access::{Kind, SignIn},
            in_time,
        },
        state::AppState,
    },
};

/// The parameter that says that one has just signed out.
const SIGNED_OUT: &str = "signed_out";

/// What the form says.
#[derive(Deserialize)]
pub struct Filled {
    name: String,
    password: SecretString,
    #[serde(default)]
    next: String,
}

/// `GET /sign-in`.
pub async fn show(
    State(state): State<AppState>,
    parameters: Parameters,
    request: Request,
) -> Response {
    let closed = in_time(state.access.is_closed()).await;
    let says = match closed {
        Ok(false) => Some(
            "There are no accounts yet, and nobody needs to sign in. Go on to the Scheduler page.",
        ),
        _ if parameters.text(SIGNED_OUT).is_some() => Some("You are signed out."),
        _ => None,
    };
    let form = SignInForm {
        next: parameters.text(NEXT).unwrap_or_default().to_owned(),
        says: says.map(ToOwned::to_owned),
        refused: closed.err().map(|error| error.tell().message),
        ..SignInForm::default()
    };
    site::shown_page(state, Ok(form), request, app::sign_in).await
}

/// `POST /sign-in`: signs in and leads to where one wanted to go; or shows the form again, with the reason why not.
pub async fn sign_in(
    State(state): State<AppState>,
    sent: Sent,
    filled: Result<Form<Filled>, FormRejection>,
) -> Response {
    let Ok(Form(filled)) = filled else {
        let sentence = "The form can't be read. Load the page anew, and sign in again.";
        return again(state, sent, Filled::nothing(), malformed(sentence)).await;
    };
    let asked = SignIn {
        name: &filled.name,
        password: filled.password.clone(),
        kind: Kind::Page,
        address: sent.address.as_deref(),
        agent: sent.agent.as_deref(),
    };
    let session = match state.access.sign_in(asked).await {
        Ok(session) => session,
        Err(error) => {
            let problem = Problem::from(error);
            return again(state, sent, filled, problem).await;
        }
    };
    let cookie = cookies::set(sent.is_local, session.expose_secret());
    (
        [(header::SET_COOKIE, cookie)],
        Redirect::to(own_address(&filled.next)),
    )
        .into_response()
}

/// `POST /sign-out`: ends the session, and leads to where one signs in.
pub async fn sign_out(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    sent: Sent,
) -> Result<Response, Problem> {
    state.access.sign_out(sent.credential.as_ref(), &by).await?;
    let headers = [
        (header::SET_COOKIE, cookies::clear(sent.is_local)),
        // What the browser keeps of this site goes with it (W3C Clear Site Data): pages that were seen can't be leafed back to.
        (
            header::HeaderName::from_static("clear-site-data"),
            HeaderValue::from_static("\"cache\""),
        ),
    ];
    Ok((headers, Redirect::to("/sign-in?signed_out=true")).into_response())
}

/// Where the form of signing out is loaded anew.
pub async fn lead_back() -> Redirect {
    Redirect::to("/")
}

impl Filled {
    fn nothing() -> Self {
        Self {
            name: String::new(),
            password: String::new().into(),
            next: String::new(),
        }
    }
}

/// The form again, with why not, its status, and after how long to try again.
async fn again(state: AppState, sent: Sent, filled: Filled, problem: Problem) -> Response {
    let form = SignInForm {
        name: filled.name,
        next: filled.next,
        refused: Some(problem.sentence().to_owned()),
        says: None,
    };
    let mut request = Request::default();
    *request.headers_mut() = sent.headers;
    let mut answer = site::shown_page(state, Ok(form), request, app::sign_in).await;
    problem.mark(&mut answer);
    answer
}

fn malformed(sentence: &str) -> Problem {
    AppError::new(ErrorKind::Malformed, sentence).into()
}

/// An address of this site, whatever was asked for: no form leads away from here.
fn own_address(next: &str) -> &str {
    let leads_away = |next: &str| {
        next.starts_with("//") || next.contains(|it: char| it == '\\' || it.is_control())
    };
    if next.starts_with('/') && !leads_away(next) && next.is_ascii() {
        next
    } else {
        "/"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_leads_away_from_here() {
        for own in ["/", "/imports?status=failed&q=a%20b", "/imports/7#rejects"] {
            assert_eq!(own_address(own), own);
        }
        for other in [
            "",
            "imports",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "/\t/evil.example",
            "/a\r\nSet-Cookie: x=y",
            "/\u{1}",
            "javascript:alert(1)",
        ] {
            assert_eq!(own_address(other), "/", "{other:?}");
        }
    }
}
