//! People with accounts, as tests need them: signed in, and at a browser.

use crate::server::secret::{ExposeSecret as _, SecretString};
use axum::{
    body::Body,
    http::{Request, header},
};
use url::form_urlencoded;

use super::{app::App, reply::Reply};
use crate::{
    error::AppError,
    model::access::Role,
    server::{
        actor::Actor,
        services::access::{Kind, SignIn},
    },
};

/// Everybody's.
pub const PASSWORD: &str = "correct horse battery";

/// Somebody who is signed in, by the session that their browser has.
#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub session: String,
}

/// Adds an account, as somebody at a terminal does.
pub async fn add(app: &App, name: &str, role: Role) {
    let by = Actor::terminal();
    let added = app.access.add_account(name, role, PASSWORD.into(), &by);
    added.await.unwrap();
}

/// Signs an account in, at a browser.
pub async fn sign_in(app: &App, name: &str, password: &str) -> Result<Person, AppError> {
    let asked = SignIn {
        name,
        password: SecretString::from(password),
        kind: Kind::Page,
        address: Some("192.0.2.7"),
        agent: Some("A browser of the test"),
    };
    let session = app.access.sign_in(asked).await;
    let session = session.map_err(|error| error.tell())?;
    Ok(Person {
        name: name.to_owned(),
        session: session.expose_secret().to_owned(),
    })
}

/// Adds an account and signs it in.
pub async fn person(app: &App, name: &str, role: Role) -> Person {
    add(app, name, role).await;
    sign_in(app, name, PASSWORD).await.unwrap()
}

impl Person {
    fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost:3000")
            .header("accept", "text/html,*/*;q=0.8")
            .header("cookie", format!("numwatch={}", self.session))
    }

    /// A page, as their browser asks for it.
    pub async fn page(&self, app: &App, path: &str) -> Reply {
        let request = self.request("GET", path).body(Body::empty());
        app.send(request.unwrap()).await
    }

    /// What an open page asks for by itself.
    pub async fn looks(&self, app: &App, path: &str) -> Reply {
        let request = self.request("GET", path).header("sec-fetch-mode", "cors");
        app.send(request.body(Body::empty()).unwrap()).await
    }

    /// A form of a page.
    pub async fn sends(&self, app: &App, path: &str, fields: &[(&str, &str)]) -> Reply {
        app.send(form(self.request("POST", path), fields)).await
    }

    /// Whether they are still signed in.
    pub async fn is_in(&self, app: &App) -> bool {
        match self.looks(app, "/account").await.status.as_u16() {
            200 => true,
            303 => false,
            other => panic!("/account answers {other}"),
        }
    }
}

/// A form of a page, of somebody who isn't signed in.
pub async fn anyone_sends(app: &App, path: &str, fields: &[(&str, &str)]) -> Reply {
    let request = Request::post(path).header("host", "localhost:3000");
    app.send(form(request, fields)).await
}

fn form(request: axum::http::request::Builder, fields: &[(&str, &str)]) -> Request<Body> {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let kind = "application/x-www-form-urlencoded";
    let request = request.header(header::CONTENT_TYPE, kind);
    request.body(body.finish().into()).unwrap()
}

/// What a program with a token gets.
pub async fn with_token(app: &App, path: &str, token: &str) -> Reply {
    let request = Request::get(path).header("authorization", format!("Bearer {token}"));
    app.send(request.body(Body::empty()).unwrap()).await
}
