//! Asking the server.

use std::{cell::Cell, rc::Rc};

use chrono::Duration;
use gloo_timers::callback::Timeout;
use js_sys::Uint8Array;
use leptos::prelude::window;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, FormData, Headers, HtmlFormElement, RequestInit, Response, UrlSearchParams,
};

use super::json::text_in;
use crate::error::{AppError, ErrorKind};

/// An answer that takes longer counts as none, and is waited for no more. Milliseconds.
const PATIENCE: u32 = 15_000;

thread_local! {
    /// How far the server's clock is ahead of this one, in milliseconds, by the head of its latest answer.
    static AHEAD: Cell<Option<f64>> = const { Cell::new(None) };
}

/// Reads an address of a server function. The browser asks again with the tag of the answer that it keeps (RFC 9110
/// §13.1.2), so that what has not changed isn't sent again.
///
/// # Errors
/// What the server says, that something else answers in its place, or that no answer comes.
pub fn get(address: String) -> impl Future<Output = Result<Vec<u8>, AppError>> + Send {
    ask("GET", address, None)
}

/// Posts URL-encoded fields to a server function.
///
/// # Errors
/// The same.
pub fn post(
    path: &'static str,
    fields: String,
) -> impl Future<Output = Result<Vec<u8>, AppError>> + Send {
    ask("POST", path.to_owned(), Some(fields))
}

/// What a form would send.
#[must_use]
pub fn fields(form: &HtmlFormElement) -> String {
    FormData::new_with_form(form)
        .and_then(|fields| UrlSearchParams::new_with_str_sequence_sequence(&fields))
        .map(|fields| String::from(fields.to_string()))
        .unwrap_or_default()
}

/// How far the server's clock is ahead of the browser's, give or take a second; nothing before its first answer.
#[must_use]
pub fn server_ahead() -> Option<Duration> {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds")]
    AHEAD
        .get()
        .map(|ahead| Duration::milliseconds(ahead as i64))
}

/// A request under way: it is given up when nobody waits for it any longer.
struct UnderWay {
    request: AbortController,
    late: Rc<Cell<bool>>,
    _patience: Timeout,
}

impl UnderWay {
    fn begin() -> Result<Self, JsValue> {
        let (request, late) = (AbortController::new()?, Rc::new(Cell::new(false)));
        let patience = Timeout::new(PATIENCE, {
            let (request, late) = (request.clone(), Rc::clone(&late));
            move || {
                late.set(true);
                request.abort();
            }
        });
        Ok(Self {
            request,
            late,
            _patience: patience,
        })
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        // Of a request that was answered nothing is left to be given up.
        self.request.abort();
    }
}

fn ask(
    method: &'static str,
    address: String,
    fields: Option<String>,
) -> impl Future<Output = Result<Vec<u8>, AppError>> + Send {
    SendWrapper::new(async move {
        let under_way = UnderWay::begin().map_err(|_| AppError::unreachable())?;
        match answer(method, &address, fields.as_deref(), &under_way).await {
            Ok((200..=299, bytes)) => Ok(bytes),
            Ok((status, bytes)) => {
                let told = text_in(&String::from_utf8_lossy(&bytes), "message");
                Err(told.map_or_else(
                    || AppError::of_status(status),
                    |message| AppError::new(ErrorKind::of_status(status), message),
                ))
            }
            Err(_) if under_way.late.get() => Err(AppError::no_answer()),
            Err(_) => Err(AppError::unreachable()),
        }
    })
}

/// The answer's HTTP status and body.
async fn answer(
    method: &str,
    address: &str,
    fields: Option<&str>,
    under_way: &UnderWay,
) -> Result<(u16, Vec<u8>), JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", "application/json")?;
    let request = RequestInit::new();
    request.set_method(method);
    if let Some(fields) = fields {
        headers.set("Content-Type", "application/x-www-form-urlencoded")?;
        request.set_body(&JsValue::from_str(fields));
    }
    request.set_headers(&headers);
    request.set_signal(Some(&under_way.request.signal()));
    let response = JsFuture::from(window().fetch_with_str_and_init(address, &request)).await?;
    let response: Response = response.unchecked_into();
    if let Some(date) = response.headers().get("date")? {
        // It tells whole seconds (RFC 9110 §6.6.1), cut off: half of one is right in the mean.
        AHEAD.set(Some(
            js_sys::Date::parse(&date) + 500.0 - js_sys::Date::now(),
        ));
    }
    if response.status() == ErrorKind::SignedOut.status() {
        // Loaded anew, the page leads to where one signs in.
        window().location().reload()?;
    }
    let bytes = JsFuture::from(response.array_buffer()?).await?;
    Ok((response.status(), Uint8Array::new(&bytes).to_vec()))
}
