//! Uploads of backups: as the body of a request, or as a form's field.

use std::time::Duration;

use axum::{
    Json,
    body::{Body, BodyDataStream},
    extract::{Multipart, State, multipart::MultipartRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use futures::{StreamExt as _, stream};
use percent_encoding::percent_decode_str;
use serde_json::json;
use tokio::time::timeout;

use super::{
    import_logs::accepted_with,
    imports::{ended, respond_async, succeeded},
    problem::Problem,
};
use crate::{
    error::ErrorKind,
    model::import_log::{ImportLog, Requester},
    server::{
        services::upload::{Announced, Received},
        state::AppState,
    },
};

/// The rest of a refused upload is read for so long, while it keeps coming.
const PATIENCE: Duration = Duration::from_secs(30);
const IDLE: Duration = Duration::from_secs(1);
/// The header in which the page names the file, percent-encoded.
const FILENAME: &str = "x-filename";

/// `POST /import-backup`: imports the body, which is a backup. Answers when the import has ended, or at once with
/// `Prefer: respond-async`.
pub async fn api(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let from_page = headers.contains_key(FILENAME);
    let by = if from_page {
        Requester::Page
    } else {
        Requester::Api
    };
    let announced = announced(&headers);
    let asks_first = headers.contains_key(header::EXPECT);
    let imports = state.imports.clone();
    // In a task of its own: a browser that is closed right after the last byte has uploaded the file all the same.
    let receiving = tokio::spawn(async move {
        let mut body = body.into_data_stream();
        let received = imports.receive_backup(announced, &mut body, by).await;
        // A client that asks first (RFC 9110 §10.1.1) hears a refusal without sending the rest.
        if received.is_err() && !asks_first {
            read_on(body).await;
        }
        received
    });
    let received = receiving.await.map_err(|_| Problem::fault())??;
    if respond_async(&headers) {
        let Received { started, same_as } = received;
        let answer = json!({ "id": started.id, "same_as": same_as });
        return Ok(accepted_with(started, answer).into_response());
    }
    let log = succeeded(ended(&state, received.started).await?)?;
    Ok(Json(json!({
        "message": message(&received, &log),
        "import_id": log.id,
        "games_created": log.games_created,
        "results_created": log.results_created,
        "records_processed": log.records_processed,
        "records_rejected": log.records_rejected,
        "same_as": received.same_as,
    }))
    .into_response())
}

/// Reads what is still sent of a refused upload: many clients read the answer only once they have sent everything,
/// and never see it when the connection is closed on them before.
async fn read_on(mut rest: BodyDataStream) {
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
    let content_type = text("content-type").unwrap_or_default();
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let known = matches!(
        essence.as_str(),
        "" | "application/json" | "text/json" | "application/octet-stream"
    );
    Announced {
        filename: text(FILENAME)
            .map(|name| percent_decode_str(name).decode_utf8_lossy().into_owned())
            .filter(|name| !name.is_empty()),
        size: text(header::CONTENT_LENGTH.as_str()).and_then(|length| length.parse().ok()),
        refused: (!known).then(|| {
            (
                ErrorKind::UnsupportedType,
                format!("A backup is JSON, and this was sent as \"{essence}\". Send it as application/json."),
            )
        }),
    }
}

/// `POST /imports/backup`: the page's form, for browsers without scripts. However it goes, the page's table shows
/// it: the upload has a log from its first byte on.
pub async fn form(
    State(state): State<AppState>,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let Ok(form) = form else {
        return (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send the backup as the field \"file\" of a form.",
        )
            .into_response();
    };
    // In a task of its own, as above.
    match tokio::spawn(receive_form(state, form)).await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(_) => Problem::fault().into_response(),
    }
}

async fn receive_form(state: AppState, mut form: Multipart) {
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(error) => {
                let broken = stream::iter([Err::<bytes::Bytes, _>(error)]);
                let _ = state
                    .imports
                    .receive_backup(Announced::default(), broken, Requester::Page)
                    .await;
                break;
            }
        };
        if field.name() == Some("file") {
            let announced = Announced {
                filename: field
                    .file_name()
                    .filter(|name| !name.is_empty())
                    .map(str::to_owned),
                ..Announced::default()
            };
            // Its outcome stands in the log, which is the page that follows.
            let _ = state
                .imports
                .receive_backup(announced, field, Requester::Page)
                .await;
            // A browser reads the answer once it has sent everything: what was refused in the middle is read on.
            let rest = async { while matches!(form.next_field().await, Ok(Some(_))) {} };
            let _ = timeout(PATIENCE, rest).await;
            break;
        }
    }
}
