//! The fields of a form that a page sends.

use std::collections::HashMap;

use crate::server::secret::SecretString;
use axum::{
    body::Body,
    extract::{Form, FromRequest as _, Request},
};

use crate::error::{AppError, ErrorKind};

/// What was typed or chosen, by name. It may hold passwords: it can't be printed.
pub struct Fields(HashMap<String, String>);

impl Fields {
    /// Reads a request's form. Answers it, and the request without it.
    ///
    /// # Errors
    /// When it is no such form, or a field is no text.
    pub async fn take(request: Request) -> (Result<Self, AppError>, Request) {
        let (parts, body) = request.into_parts();
        let rest = Request::from_parts(parts.clone(), Body::empty());
        let form =
            Form::<HashMap<String, String>>::from_request(Request::from_parts(parts, body), &());
        let fields = form.await.map(|Form(fields)| Self(fields)).map_err(|_| {
            let sentence = "The form can't be read. Go back, load the page anew, and try again.";
            AppError::new(ErrorKind::Malformed, sentence)
        });
        (fields, rest)
    }

    /// What a field says, without the spaces around it. Nothing: it is empty, or there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// A password, to the letter.
    #[must_use]
    pub fn secret(&self, name: &str) -> SecretString {
        self.0.get(name).cloned().unwrap_or_default().into()
    }
}
