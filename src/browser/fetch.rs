//! Asking the server.

use leptos::prelude::window;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, Headers, HtmlFormElement, RequestInit, Response, UrlSearchParams};

use crate::error::{AppError, read};

/// Posts URL-encoded fields to a server function, and answers its answer's JSON.
///
/// # Errors
/// What the server says, or that it can't be reached.
pub fn ask(
    path: &'static str,
    fields: String,
) -> impl Future<Output = Result<String, AppError>> + Send {
    SendWrapper::new(async move {
        let (succeeded, text) = post(path, &fields)
            .await
            .map_err(|_| AppError::unreachable())?;
        if succeeded {
            Ok(text)
        } else {
            Err(read(&text).unwrap_or_else(|unreadable| unreadable))
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

async fn post(path: &str, fields: &str) -> Result<(bool, String), JsValue> {
    let headers = Headers::new()?;
    headers.set("Content-Type", "application/x-www-form-urlencoded")?;
    headers.set("Accept", "application/json")?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&JsValue::from_str(fields));
    let response = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await?;
    let response: Response = response.unchecked_into();
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.ok(), text.as_string().unwrap_or_default()))
}
