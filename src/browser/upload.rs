//! Files: what was chosen, and sending it with progress, which `fetch` can't tell.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use js_sys::{ArrayBuffer, Uint8Array};
use leptos::prelude::window;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, File, HtmlInputElement, ProgressEvent, XmlHttpRequest};

use super::{
    fetch::post,
    file::{Chosen, Sent},
    json::{number_in, text_in},
};
use crate::error::AppError;

/// The request under way. Its listeners must live as long as it does.
struct Sending {
    request: XmlHttpRequest,
    stopped: Rc<Cell<bool>>,
    /// What the server knows it by until it is an import of the table's.
    called: String,
    _on_progress: Closure<dyn FnMut(ProgressEvent)>,
    _on_end: Closure<dyn FnMut(Event)>,
}

thread_local! {
    static SENDING: RefCell<Option<Sending>> = const { RefCell::new(None) };
}

/// The files in this field.
#[must_use]
pub fn chosen(input: &HtmlInputElement) -> Vec<Chosen> {
    let count = input.files().map_or(0, |files| files.length());
    let named = |place| {
        let file = file(input, place)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a size in whole bytes"
        )]
        let size = file.size() as u64;
        Some(Chosen {
            place,
            name: file.name(),
            size,
            kind: file.type_(),
        })
    };
    (0..count).filter_map(named).collect()
}

fn file(input: &HtmlInputElement, place: u32) -> Option<File> {
    input.files()?.get(place)
}

/// The largest file whose sum is taken, in bytes: the browser can only do it with all of it in memory.
const SUMMED_MOST: f64 = (1 << 30) as f64;

/// The SHA-256 of a file in this field, in hexadecimal digits. None when the file is too large or can't be
/// read, and on a page that was not fetched securely, where browsers offer no hashing.
pub fn sha256(input: HtmlInputElement, place: u32) -> impl Future<Output = Option<String>> + Send {
    SendWrapper::new(async move {
        let file = file(&input, place)?;
        if file.size() > SUMMED_MOST {
            return None;
        }
        let bytes = JsFuture::from(file.array_buffer()).await.ok()?;
        let hashing = window().crypto().ok()?.subtle();
        let sum = hashing
            .digest_with_str_and_buffer_source("SHA-256", bytes.unchecked_ref::<ArrayBuffer>())
            .ok()?;
        let sum = Uint8Array::new(&JsFuture::from(sum).await.ok()?).to_vec();
        Some(
            sum.iter()
                .flat_map(|byte| [byte >> 4, byte & 15])
                .map(hex_digit)
                .collect(),
        )
    })
}

fn hex_digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or('0')
}

/// Sends a file of the field as the request's body, and tells how it goes. The last thing told is never
/// [`Sent::Part`].
pub fn send_file(input: &HtmlInputElement, place: u32, path: &str, tell: impl Fn(Sent) + 'static) {
    let tell = Rc::new(tell);
    match begin(input, place, path, Rc::clone(&tell)) {
        Ok(sending) => SENDING.with_borrow_mut(|slot| *slot = Some(sending)),
        Err(_) => tell(Sent::Broken),
    }
}

/// Stops the upload under way: the server hears first that somebody wants it so, and it was no accident.
pub fn stop_sending(path: &'static str) {
    let under_way = SENDING.with_borrow(|slot| {
        let sending = slot.as_ref()?;
        (!sending.stopped.replace(true)).then(|| (sending.request.clone(), sending.called.clone()))
    });
    let Some((request, called)) = under_way else {
        return;
    };
    spawn_local(async move {
        // If it doesn't hear, its log says that the upload was cut off.
        let _ = post(path, format!("called={called}")).await;
        // It fails only on a request that was never opened.
        let _ = request.abort();
    });
}

/// A name that no other upload has.
fn new_name() -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "any 32 bits will do"
    )]
    let part = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
    format!("{}-{}", part(), part())
}

fn begin(
    input: &HtmlInputElement,
    place: u32,
    path: &str,
    tell: Rc<impl Fn(Sent) + 'static>,
) -> Result<Sending, JsValue> {
    let file = file(input, place).ok_or(JsValue::NULL)?;
    let request = XmlHttpRequest::new()?;
    request.open("POST", path)?;
    // JSON, packed or not: the server looks at its first bytes.
    request.set_request_header("Content-Type", "application/octet-stream")?;
    request.set_request_header("Accept", "application/json")?;
    request.set_request_header("Prefer", "respond-async")?;
    request.set_request_header(
        "X-Filename",
        &String::from(js_sys::encode_uri_component(&file.name())),
    )?;

    let called = new_name();
    request.set_request_header("X-Upload", &called)?;

    let on_progress = Closure::<dyn FnMut(ProgressEvent)>::new({
        let tell = Rc::clone(&tell);
        move |event: ProgressEvent| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "whole bytes"
            )]
            let (sent, total) = (event.loaded() as u64, event.total() as u64);
            tell(Sent::Part { sent, total });
        }
    });
    request
        .upload()?
        .add_event_listener_with_callback("progress", on_progress.as_ref().unchecked_ref())?;

    let stopped = Rc::new(Cell::new(false));
    let on_end = Closure::<dyn FnMut(Event)>::new({
        let (request, stopped, file) = (request.clone(), Rc::clone(&stopped), file.clone());
        move |_: Event| {
            let heard = match outcome(&request) {
                // It came whole, just before.
                accepted @ Sent::Accepted { .. } => accepted,
                _ if stopped.get() => Sent::Stopped,
                other => other,
            };
            if heard != Sent::Broken {
                return tell(heard);
            }
            // A browser calls it a broken connection, too, when the file is no longer what it was.
            let (tell, file) = (Rc::clone(&tell), file.clone());
            spawn_local(async move {
                let changed = !is_readable(&file).await;
                tell(if changed { Sent::Changed } else { Sent::Broken });
            });
        }
    });
    request.add_event_listener_with_callback("loadend", on_end.as_ref().unchecked_ref())?;
    request.send_with_opt_blob(Some(&file))?;
    Ok(Sending {
        request,
        stopped,
        called,
        _on_progress: on_progress,
        _on_end: on_end,
    })
}

/// Whether the file still is what it was when it was chosen: browsers refuse to read any other.
async fn is_readable(file: &File) -> bool {
    match file.slice_with_i32_and_i32(0, 1) {
        Ok(start) => JsFuture::from(start.array_buffer()).await.is_ok(),
        Err(_) => false,
    }
}

/// What a finished request came to.
fn outcome(request: &XmlHttpRequest) -> Sent {
    let status = request.status().unwrap_or(0);
    let body = request.response_text().ok().flatten().unwrap_or_default();
    match status {
        0 => Sent::Broken,
        200..=299 => match (number_in(&body, "id"), text_in(&body, "checked")) {
            (Some(id), _) => Sent::Accepted { id },
            (_, Some(token)) => Sent::Checked { token },
            _ => Sent::Refused(
                "The server's answer can't be read. The table shows whether the import runs."
                    .into(),
            ),
        },
        // An RFC 9457 problem document, as far as a person reads it.
        _ => Sent::Refused(
            text_in(&body, "detail").unwrap_or_else(|| AppError::of_status(status).message),
        ),
    }
}
