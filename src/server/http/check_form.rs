//! `POST /imports/check`: the page's form, for browsers without scripts, when its file is only to be checked. Unlike an
//! upload, which goes on when its sender leaves after the last byte, a check ends with whoever waits for it.

use std::{future::ready, pin::Pin, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{Multipart, Request, State, multipart::Field},
    response::{IntoResponse as _, Redirect, Response},
};
use futures::{Stream, StreamExt as _};
use tokio::time::timeout;

use super::{
    backup::{PATIENCE, read_on},
    form::{self, BROKEN, Between, FIELD, NOT_CHOSEN},
    identity::ByPage,
    site,
};
use crate::{
    app,
    error::{AppError, ErrorKind},
    model::{
        access::Action,
        checked::{Checked, ShownCheck},
    },
    server::{actor::Actor, filename, services::upload::Announced, state::AppState},
};

const CUT_OFF: &str =
    "The form was cut off before a file had come whole. Choose the file again, then check it.";

/// `POST /imports/check`: checks the first file of the page's form, and leads to what was found.
pub async fn check(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    request: Request,
) -> Response {
    let mut asked = Request::new(Body::empty());
    asked.headers_mut().clone_from(request.headers());
    match receive(&state, &by, request).await {
        Ok((checked, 0)) => Redirect::to(&format!("/checked/{}", checked.checked)).into_response(),
        Ok((checked, others)) => {
            let address = format!("/checked/{}?others={others}", checked.checked);
            Redirect::to(&address).into_response()
        }
        Err(error) => {
            let refused: Result<ShownCheck, _> = Err(error);
            site::shown_page(state, refused, asked, app::checked).await
        }
    }
}

/// Where a refused form is loaded anew.
pub async fn lead_back() -> Redirect {
    Redirect::to("/")
}

/// Checks the first file of a form; answers also how many others it held.
async fn receive(
    state: &AppState,
    by: &Actor,
    request: Request,
) -> Result<(Checked, u32), AppError> {
    by.permit(Action::Check)?;
    let (mut form, between) = match form::open(request).await {
        Ok(form) => form,
        Err((sentence, body)) => {
            read_on(body.into_data_stream()).await;
            return Err(AppError::new(ErrorKind::UnsupportedType, sentence));
        }
    };
    let mut found = None;
    let mut others = 0;
    let idle = state.config.limits.idle;
    while let Some(field) = next(&mut form, found.is_some(), idle).await? {
        between.found();
        if field.name() != Some(FIELD) {
            drain(watched(field, &between), idle).await;
            continue;
        }
        let announced = Announced {
            filename: field.file_name().map(filename::from_form),
            ..Announced::default()
        };
        let named = announced
            .filename
            .as_ref()
            .is_some_and(|name| !name.is_empty());
        let mut part = watched(field, &between).peekable();
        if found.is_some() {
            others += 1;
        } else if named || matches!(timeout(idle, Pin::new(&mut part).peek()).await, Ok(Some(_))) {
            found = Some(state.checks.check(announced, &mut part, by).await);
        }
        drain(part, idle).await;
    }
    match found {
        Some(checked) => Ok((checked.map_err(|error| error.tell())?, others)),
        None => Err(AppError::new(ErrorKind::Malformed, NOT_CHOSEN)),
    }
}

/// The next part of a form. Once its file has come whole, how it ends doesn't matter.
async fn next(
    form: &mut Multipart,
    has_file: bool,
    idle: Duration,
) -> Result<Option<Field<'_>>, AppError> {
    let refuse = |sentence| Err(AppError::new(ErrorKind::Malformed, sentence));
    match timeout(idle, form.next_field()).await {
        Ok(Ok(field)) => Ok(field),
        _ if has_file => Ok(None),
        Ok(Err(error)) if !form::is_cut_off(&error) => refuse(BROKEN),
        _ => refuse(CUT_OFF),
    }
}

/// The bytes of a part.
fn watched<'a>(
    field: Field<'a>,
    between: &'a Between,
) -> impl Stream<Item = Result<Bytes, axum::extract::multipart::MultipartError>> + Unpin + 'a {
    let part = field.inspect(|_| between.found());
    part.filter(|chunk| ready(!chunk.as_ref().is_ok_and(Bytes::is_empty)))
}

/// Reads what is left of a part: a browser reads the answer only once it has sent everything.
async fn drain<E>(mut part: impl Stream<Item = Result<Bytes, E>> + Unpin, idle: Duration) {
    let rest = async { while let Ok(Some(Ok(_))) = timeout(idle, part.next()).await {} };
    let _ = timeout(PATIENCE, rest).await;
}
