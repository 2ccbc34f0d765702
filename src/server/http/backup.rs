//! `POST /import-backup`: a backup as the body of a request.

mod answers;

use std::time::Duration;

use axum::{
    Json,
    body::{Body, BodyDataStream},
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use futures::StreamExt as _;
use percent_encoding::percent_decode;
use tokio::time::timeout;
use tracing::Instrument as _;

use self::answers::{BackupAnswer, BackupImported, BackupStarted, CheckAnswer};
use super::{
    described::{Backup, BackupAsked, Waiting},
    guard::is_from_page,
    identity::ByApi,
    import_logs::accepted_with,
    imports::{ended, respond_async, succeeded},
    params::Parameters,
    problem::Problem,
};
use crate::{
    error::{AppError, ErrorKind},
    model::import_log::{ImportLog, Requester},
    server::{
        actor::Actor,
        services::upload::{Announced, Received},
        state::AppState,
    },
};

/// The rest of a refused upload is read for so long, while it keeps coming.
pub const PATIENCE: Duration = Duration::from_secs(30);
const IDLE: Duration = Duration::from_secs(1);
/// The header in which the page names the file, percent-encoded.
const FILENAME: &str = "x-filename";
/// The header in which the page calls the upload by a name of its own, to be able to stop it.
const CALLED: &str = "x-upload";

/// Asks what an import would do, and imports nothing.
const DRY_RUN: &str = "dry_run";
/// Names the checked file that is imported, instead of a body.
const CHECKED: &str = "checked";

/// What is to be done with the body.
enum Wanted {
    Import,
    Check,
    /// There is none: the file that was checked under this token is imported.
    Checked(String),
}

/// `POST /import-backup`: imports the body, which is a backup. Answers when the import has ended, or at once with
/// `Prefer: respond-async`. With `dry_run=true` it is only checked, and with `checked=` one that was is imported.
#[utoipa::path(
    post, path = "/import-backup", operation_id = "importBackup", tag = "Imports",
    summary = "Import a backup",
    description = "The body is the backup: JSON, as it is or packed with gzip, of any size up to the limit of this server. The answer comes when the import has ended, or at once where `Prefer` asks for that.",
    params(BackupAsked, Waiting),
    request_body(content((Backup = "application/json"), (Vec<u8> = "application/octet-stream"), (Vec<u8> = "application/gzip")), description = "The backup; none where `checked` names one."),
    responses(
        (status = 200, description = "It has ended well; or, with `dry_run=true`, what an import would do.", body = BackupAnswer),
        (status = 202, description = "It has begun: follow it where the `Location` header says.", body = BackupStarted, headers(("Location" = String, description = "The import's log."))),
    ),
    extensions(("x-action" = json!("import")), ("x-problems" = json!([404, 408, 409, 413, 415, 422, 429, 507]))),
)]
pub async fn api(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    parameters: Parameters,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let asks_first = headers.contains_key(header::EXPECT);
    let by = by.through(door(&headers));
    match wanted(&parameters, &headers) {
        Ok(Wanted::Import) => import(state, by, headers, body).await,
        Ok(Wanted::Checked(token)) => {
            let received = state.checks.import(&token, &by).await?;
            answer(&state, &headers, received).await
        }
        Ok(Wanted::Check) => check(&state, &by, announced(&headers), body, asks_first).await,
        Err(error) => {
            // Nothing was asked for that can be done: a mistyped `dry_run` must not import.
            if !asks_first {
                read_on(body.into_data_stream()).await;
            }
            Err(error.into())
        }
    }
}

fn wanted(parameters: &Parameters, headers: &HeaderMap) -> Result<Wanted, AppError> {
    parameters.only(&[DRY_RUN, CHECKED])?;
    parameters.none_empty()?;
    let check = parameters.flag(DRY_RUN)?;
    let Some(token) = parameters.text(CHECKED) else {
        return Ok(if check { Wanted::Check } else { Wanted::Import });
    };
    if check {
        let why = "can't stand beside \"dry_run=true\": it was checked already. Give one of them.";
        return Err(parameters.refuse(CHECKED, why));
    }
    let length = headers.get(header::CONTENT_LENGTH);
    if length.is_some_and(|length| length != "0") {
        let why = "names a file that is here already, and another one came as the body. Send no body, or leave \"checked\" out.";
        return Err(parameters.refuse(CHECKED, why));
    }
    Ok(Wanted::Checked(token.to_owned()))
}

fn door(headers: &HeaderMap) -> Requester {
    if is_from_page(headers) {
        Requester::Page
    } else {
        Requester::Api
    }
}

async fn import(
    state: AppState,
    by: Actor,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let announced = announced(&headers);
    let asks_first = headers.contains_key(header::EXPECT);
    let imports = state.imports.clone();
    // In a task of its own: a browser that is closed right after the last byte has uploaded the file all the same.
    let receive = async move {
        let mut body = body.into_data_stream();
        let received = imports.receive_backup(announced, &mut body, &by).await;
        // A client that asks first (RFC 9110 §10.1.1) hears a refusal without sending the rest.
        if received.is_err() && !asks_first {
            read_on(body).await;
        }
        received
    };
    let receiving = tokio::spawn(receive.in_current_span());
    let received = receiving.await.map_err(|_| Problem::fault())??;
    answer(&state, &headers, received).await
}

/// Checks the body. In the request's own task: a check ends with whoever waits for it.
async fn check(
    state: &AppState,
    by: &Actor,
    announced: Announced,
    body: Body,
    asks_first: bool,
) -> Result<Response, Problem> {
    let mut body = body.into_data_stream();
    let checked = state.checks.check(announced, &mut body, by).await;
    if checked.is_err() && !asks_first {
        read_on(body).await;
    }
    let checked = checked?;
    let answer = CheckAnswer {
        dry_run: true,
        message: checked.outcome(),
        checked,
    };
    Ok(Json(BackupAnswer::Checked(Box::new(answer))).into_response())
}

/// How an accepted upload is answered.
async fn answer(
    state: &AppState,
    headers: &HeaderMap,
    received: Received,
) -> Result<Response, Problem> {
    if respond_async(headers) {
        let Received { started, same_as } = received;
        let answer = BackupStarted {
            id: started.id,
            same_as,
        };
        return Ok(accepted_with(started, answer).into_response());
    }
    let log = succeeded(ended(state, received.started).await?)?;
    Ok(Json(BackupAnswer::Imported(BackupImported {
        message: message(&received, &log),
        import_id: log.id,
        games_created: log.games_created,
        results_created: log.results_created,
        records_processed: log.records_processed,
        records_rejected: log.records_rejected,
        same_as: received.same_as,
    }))
    .into_response())
}

/// Reads what is still sent of a refused upload: many clients read the answer only once they have sent everything,
/// and never see it when the connection is closed on them before.
pub async fn read_on(mut rest: BodyDataStream) {
    let rest = async { while let Ok(Some(Ok(_))) = timeout(IDLE, rest.next()).await {} };
    let _ = timeout(PATIENCE, rest).await;
}

fn message(received: &Received, log: &ImportLog) -> String {
    let same = received.same_as.map_or_else(String::new, |id| {
        format!(" It is the same file as import #{id}'s.")
    });
    log.outcome() + &same
}

/// What the headers say of the body.
fn announced(headers: &HeaderMap) -> Announced {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let gzip = is_gzip(headers);
    Announced {
        filename: headers.get(FILENAME).map(|name| {
            percent_decode(name.as_bytes())
                .decode_utf8_lossy()
                .into_owned()
        }),
        called: text(CALLED).map(str::to_owned),
        size: text(header::CONTENT_LENGTH.as_str()).and_then(|length| length.parse().ok()),
        gzip: matches!(gzip, Ok(true)),
        refused: gzip
            .and_then(|_| is_known(text("content-type").unwrap_or_default()))
            .err()
            .map(|sentence| (ErrorKind::UnsupportedType, sentence)),
    }
}

/// Whether the body is packed with gzip on its way; or a sentence when it is packed in any other way.
pub fn is_gzip(headers: &HeaderMap) -> Result<bool, String> {
    let values = headers.get_all(header::CONTENT_ENCODING);
    let named = values
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase())
        .collect::<Vec<_>>()
        .join(",");
    let codings: Vec<&str> = named
        .split(',')
        .map(str::trim)
        .filter(|coding| !matches!(*coding, "" | "identity"))
        .collect();
    match codings[..] {
        [] => Ok(false),
        ["gzip" | "x-gzip"] => Ok(true),
        _ => Err(format!(
            "The body is packed as \"{}\" (Content-Encoding), and only gzip is unpacked, once. Send it packed with gzip, or as it is.",
            codings.join(", ")
        )),
    }
}

/// Whether a backup may be sent as this type; or a sentence when not.
fn is_known(content_type: &str) -> Result<(), String> {
    let essence = content_type.split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    match essence.as_str() {
        ""
        | "application/json"
        | "text/json"
        | "application/octet-stream"
        | "application/gzip"
        | "application/x-gzip" => Ok(()),
        _ => Err(format!(
            "A backup is JSON, as it is or packed with gzip, and this was sent as \"{essence}\". Send it as application/json or application/gzip."
        )),
    }
}
