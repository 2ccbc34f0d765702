//! The server's side: there is no browser, so nothing happens.

use std::time::Duration;

use chrono::{DateTime, Utc};
use leptos::{
    ev::DragEvent,
    web_sys::{HtmlFormElement, HtmlInputElement},
};

use super::file::{Chosen, Sent};
use crate::error::AppError;

/// No clock: what the server renders must not depend on the moment.
#[must_use]
pub fn now() -> Option<DateTime<Utc>> {
    None
}

/// The server shows UTC.
#[must_use]
pub fn offset_minutes(_at: DateTime<Utc>) -> i64 {
    0
}

/// A rendered page has no timers.
pub fn every(_period: Duration, _work: impl Fn() + 'static) {}

/// And it hears of nothing.
pub fn on_change(_work: impl Fn() + 'static) {}

/// What is rendered has its address and its title.
pub fn show_address(_address: &str) {}

/// The same.
pub fn show_title(_title: &str) {}

/// Nobody has the focus.
pub fn keep_focus(_from: &str, _to: String) {}

/// A server calls its functions itself.
///
/// # Errors
/// Always.
#[expect(clippy::unused_async, reason = "in a browser it waits")]
pub async fn post(_path: &'static str, _fields: String) -> Result<Vec<u8>, AppError> {
    Err(AppError::unreachable())
}

/// No clock, no difference.
#[must_use]
pub fn server_ahead() -> Option<chrono::Duration> {
    None
}

/// Nobody fills in a form that is being rendered.
#[must_use]
pub fn fields(_form: &HtmlFormElement) -> String {
    String::new()
}

/// No file is chosen yet.
#[must_use]
pub fn chosen(_input: &HtmlInputElement) -> Vec<Chosen> {
    Vec::new()
}

/// No file, no sum.
#[expect(clippy::unused_async, reason = "in a browser it waits")]
pub async fn sha256(_input: HtmlInputElement, _place: u32) -> Option<String> {
    None
}

/// Nothing is dropped on a server.
pub fn take_dropped(_event: &DragEvent, _input: &HtmlInputElement) {}

/// Nobody drags anything over a page that is being rendered.
pub fn on_files_beside(_taken: impl Fn(&DragEvent) + Clone + 'static) {}

/// And nobody leaves the page.
pub fn go(_address: &str) {}

/// Nor would be asked before.
pub fn ask_before_leaving(_ask: bool) {}

/// Nothing is sent from a server.
pub fn send_file(
    _input: &HtmlInputElement,
    _place: u32,
    _path: &str,
    _tell: impl Fn(Sent) + 'static,
) {
}

/// Nothing is under way.
pub fn stop_sending(_path: &'static str) {}
