//! Asking the server.

use std::{cell::Cell, rc::Rc};

use gloo_timers::callback::Timeout;
use leptos::prelude::window;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, FormData, Headers, HtmlFormElement, RequestInit, Response, UrlSearchParams,
};

use crate::error::{AppError, read};

/// An answer that takes longer counts as none, and is waited for no more. Milliseconds.
const PATIENCE: u32 = 15_000;

/// Posts URL-encoded fields to a server function, and answers its answer's JSON.
///
/// # Errors
/// What the server says, that something else answers in its place, or that no answer comes.
pub fn ask(
    path: &'static str,
    fields: String,
) -> impl Future<Output = Result<String, AppError>> + Send {
    SendWrapper::new(async move {
        let late = Rc::new(Cell::new(false));
        let hung_up = AbortController::new().map_err(|_| AppError::unreachable())?;
        let waiting = Timeout::new(PATIENCE, {
            let (late, hung_up) = (Rc::clone(&late), hung_up.clone());
            move || {
                late.set(true);
                hung_up.abort();
            }
        });
        let answer = post(path, &fields, &hung_up).await;
        drop(waiting);
        match answer {
            Ok((200..=299, text)) => Ok(text),
            Ok((status, text)) => Err(read(&text).unwrap_or_else(|_| AppError::of_status(status))),
            Err(_) if late.get() => Err(AppError::no_answer()),
            Err(_) => Err(AppError::unreachable()),
        }
    })
}

/// What a form would send.
#[must_use]
pub fn fields(form: &HtmlFormElement) -> String {
    FormData::new_with_form(form)
        .and_then(|fields| UrlSearchParams::new_with_str_sequence_sequence(&fields))
        .map(|fields| String::from(fields.to_string()))
        .unwrap_or_default()
}

/// The answer's HTTP status and body.
async fn post(
    path: &str,
    fields: &str,
    hung_up: &AbortController,
) -> Result<(u16, String), JsValue> {
    let headers = Headers::new()?;
    headers.set("Content-Type", "application/x-www-form-urlencoded")?;
    headers.set("Accept", "application/json")?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&JsValue::from_str(fields));
    request.set_signal(Some(&hung_up.signal()));
    let response = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await?;
    let response: Response = response.unchecked_into();
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.status(), text.as_string().unwrap_or_default()))
}
