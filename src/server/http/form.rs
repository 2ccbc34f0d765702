//! `POST /imports/backup`: the page's form, for browsers without scripts. However it goes, the page's table shows it:
//! each of its files has a log from its first byte on, and a form without any has one that says so.

use std::{
    error::Error,
    future::ready,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    body::{Body, BodyDataStream, Bytes},
    extract::{FromRequest as _, Multipart, Request, State, multipart::MultipartError},
    response::{IntoResponse, Redirect, Response},
};
use futures::{Stream, StreamExt as _, stream};
use tokio::time::timeout;
use tracing::Instrument as _;

use super::{
    backup::{PATIENCE, is_gzip, read_on},
    identity::ByPage,
    problem::Problem,
};
use crate::{
    error::ErrorKind,
    model::access::Action,
    server::{
        actor::Actor,
        filename,
        services::{ServiceError, upload::Announced},
        state::AppState,
    },
};

/// The field whose files are imported.
pub const FIELD: &str = "file";
/// What stands between two files of a form is shorter by far, in bytes.
const MOST_BETWEEN: usize = 1 << 20;
/// How many names of other fields a sentence quotes.
const QUOTED_FIELDS: usize = 3;

const NO_FORM: &str = "This is no form that holds files (multipart/form-data with a boundary). Send the backup as the field \"file\" of one, or as the body of POST /import-backup.";
pub const BROKEN: &str = "The form can't be read: its parts don't begin and end as its Content-Type says. Send the backup as the field \"file\" of a form (multipart/form-data).";
const NOT_READ: &str = "A file of the form was refused, and it took too long to read what followed: files behind it were not imported. Send those again.";
pub const NOT_CHOSEN: &str =
    "No file was chosen. Choose a NumWatch backup (.json or .json.gz), then import it.";

/// `POST /imports/backup`.
pub async fn backup(
    State(state): State<AppState>,
    ByPage(by): ByPage,
    request: Request,
) -> Response {
    if let Err(error) = by.permit(Action::Import) {
        read_on(request.into_body().into_data_stream()).await;
        return Problem::from(error).into_response();
    }
    let (form, between) = match open(request).await {
        Ok(form) => form,
        Err((sentence, body)) => {
            let refused = refuse(&state, &by, ErrorKind::UnsupportedType, sentence).await;
            read_on(body.into_data_stream()).await;
            return match refused {
                Ok(()) => Problem::fault().into_response(),
                Err(error) => Problem::from(error).into_response(),
            };
        }
    };
    // In a task of its own: a browser that is closed right after the last byte has uploaded the file all the same.
    let receiving = async move { receive(&state, &by, form, &between).await };
    match tokio::spawn(receiving.in_current_span()).await {
        // How each of them went stands in the logs, which is the page that follows.
        Ok(_) => Redirect::to("/").into_response(),
        Err(_) => Problem::fault().into_response(),
    }
}

/// A form, and what watches that its parts are found.
///
/// # Errors
/// Why it is none, with its body.
pub async fn open(request: Request) -> Result<(Multipart, Between), (String, Body)> {
    let (parts, body) = request.into_parts();
    // Whether it is a form is asked without its body, which a refusal still reads.
    let head = Request::from_parts(parts.clone(), Body::empty());
    let is_form = match Multipart::from_request(head, &()).await {
        Ok(_) => is_gzip(&parts.headers).and_then(|gzip| {
            let packed = "A form can't be packed as a whole. Pack the file in it, and send it without Content-Encoding.";
            if gzip { Err(packed.to_owned()) } else { Ok(()) }
        }),
        Err(_) => Err(NO_FORM.to_owned()),
    };
    if let Err(sentence) = is_form {
        return Err((sentence, body));
    }
    let between = Between::default();
    let body = Body::from_stream(between.clone().watch(body.into_data_stream()));
    let form = Multipart::from_request(Request::from_parts(parts, body), &()).await;
    let form = form.map_err(|_| (NO_FORM.to_owned(), Body::empty()))?;
    Ok((form, between))
}

/// Leaves the log of a form of which nothing is imported.
async fn refuse(
    state: &AppState,
    by: &Actor,
    kind: ErrorKind,
    sentence: String,
) -> Result<(), ServiceError> {
    let announced = Announced {
        refused: Some((kind, sentence)),
        ..Announced::default()
    };
    let nothing = stream::empty::<Result<Bytes, axum::Error>>();
    let received = state.imports.receive_backup(announced, nothing, by);
    received.await.map(drop)
}

/// Leaves the log of a form that ends too early: with this error, or in silence.
async fn give_up(
    state: &AppState,
    by: &Actor,
    error: Option<&MultipartError>,
) -> Result<(), ServiceError> {
    if error.is_some_and(|error| !is_cut_off(error)) {
        return refuse(state, by, ErrorKind::Malformed, BROKEN.into()).await;
    }
    let cut_off = stream::iter([Err::<Bytes, _>("the form ends too early")]);
    let announced = Announced::default();
    let received = state.imports.receive_backup(announced, cut_off, by);
    received.await.map(drop)
}

/// Receives each file of a form.
async fn receive(
    state: &AppState,
    by: &Actor,
    mut form: Multipart,
    between: &Between,
) -> Result<(), ServiceError> {
    let mut seen = Seen::default();
    // One of which nothing comes for so long has been cut off.
    let idle = state.config.limits.idle;
    loop {
        let field = match timeout(idle, form.next_field()).await {
            Ok(Ok(Some(field))) => field,
            Ok(Ok(None)) => break,
            // Its files have come whole: only the end of the form is missing.
            Ok(Err(error)) if seen.files && is_cut_off(&error) => break,
            Err(_) if seen.files => break,
            Ok(Err(error)) => return give_up(state, by, Some(&error)).await,
            Err(_) => return give_up(state, by, None).await,
        };
        between.found();
        let is_file = field.name() == Some(FIELD);
        let filename = field.file_name().map(filename::from_form);
        if !is_file {
            seen.other(field.name().and_then(filename::clean));
        }
        let part = field.inspect(|_| between.found());
        let holds = |chunk: &Result<Bytes, _>| !chunk.as_ref().is_ok_and(Bytes::is_empty);
        let mut part = part.filter(|chunk| ready(holds(chunk))).peekable();
        // What browsers send when nothing is chosen: no name and no bytes.
        let blank = is_file
            && filename.as_ref().is_none_or(String::is_empty)
            && matches!(timeout(idle, Pin::new(&mut part).peek()).await, Ok(None));
        seen.blank |= blank;
        if is_file && !blank {
            seen.files = true;
            let announced = Announced {
                filename,
                ..Announced::default()
            };
            let received = state.imports.receive_backup(announced, &mut part, by);
            // The next file may be better, and a browser reads the answer only once it has sent everything.
            let _ = received.await;
        }
        let rest = async {
            loop {
                match timeout(idle, part.next()).await {
                    Ok(Some(Ok(_))) => {}
                    Ok(None) => return Ok(()),
                    Ok(Some(Err(error))) => return Err(Some(error)),
                    Err(_) => return Err(None),
                }
            }
        };
        match timeout(PATIENCE, rest).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) if !is_file => return give_up(state, by, error.as_ref()).await,
            // A file's own log says how it ended.
            Ok(Err(_)) => break,
            Err(_) => return refuse(state, by, ErrorKind::Malformed, NOT_READ.into()).await,
        }
    }
    match seen.why_nothing() {
        Some(sentence) => refuse(state, by, ErrorKind::Malformed, sentence).await,
        None => Ok(()),
    }
}

/// What a form has held so far.
#[derive(Debug, Default)]
struct Seen {
    files: bool,
    blank: bool,
    /// The first other fields, by name, and how many there are.
    others: Vec<String>,
    all_others: usize,
}

impl Seen {
    fn other(&mut self, name: Option<String>) {
        let Some(name) = name else { return };
        self.all_others += 1;
        if self.others.len() < QUOTED_FIELDS {
            self.others.push(name);
        }
    }

    /// Why nothing is imported, if so.
    fn why_nothing(&self) -> Option<String> {
        if self.files {
            return None;
        }
        if self.blank {
            return Some(NOT_CHOSEN.to_owned());
        }
        let quoted = self.others.iter();
        let quoted: Vec<String> = quoted.map(|name| format!("\"{name}\"")).collect();
        let others = match self.all_others {
            0 => "no field with a name".to_owned(),
            1..=QUOTED_FIELDS => format!("only {}", quoted.join(", ")),
            all => format!("{} and {} more", quoted.join(", "), all - QUOTED_FIELDS),
        };
        Some(format!(
            "The form has no field \"{FIELD}\": it has {others}. Send the backup as the field \"{FIELD}\"."
        ))
    }
}

/// Whether a form ended because its connection did.
pub fn is_cut_off(error: &(dyn Error + 'static)) -> bool {
    let mut of_connection = false;
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<NothingFound>() {
            return false;
        }
        of_connection |= error.is::<axum::Error>();
        cause = error.source();
    }
    of_connection
}

/// Watches that a form's parts are found in its bytes: its decoder keeps what it finds none in, in memory.
#[derive(Clone, Debug, Default)]
pub struct Between(Arc<AtomicUsize>);

/// Too much has come without a part in it.
#[derive(Debug, thiserror::Error)]
#[error("no part of the form is found")]
struct NothingFound;

impl Between {
    /// A part is found, or some bytes of one.
    pub fn found(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn watch(
        self,
        body: BodyDataStream,
    ) -> impl Stream<Item = Result<Bytes, axum::Error>> + Send + 'static {
        stream::unfold((self, body, false), async |(between, mut body, goes_on)| {
            // The decoder takes all that is ready before it looks at any of it: one chunk at a time is.
            if goes_on {
                tokio::task::yield_now().await;
            }
            let mut chunk = body.next().await?;
            if let Ok(bytes) = &chunk
                && between.0.fetch_add(bytes.len(), Ordering::Relaxed) > MOST_BETWEEN
            {
                chunk = Err(axum::Error::new(NothingFound));
            }
            Some((chunk, (between, body, true)))
        })
    }
}
