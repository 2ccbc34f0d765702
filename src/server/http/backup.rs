//! Uploads of backups: as the body of a request, or as a form's field.

use std::time::Duration;

use axum::{
    Json,
    body::Body,
    extract::{Multipart, State, multipart::MultipartRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use futures::stream;
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{
    import_logs::accepted_with,
    imports::{respond_async, succeeded},
    problem::Problem,
};
use crate::{
    error::ErrorKind,
    model::import_log::Requester,
    server::{
        services::upload::{Announced, Received},
        state::AppState,
    },
};

/// The rest of a refused form is read for so long.
const PATIENCE: Duration = Duration::from_secs(30);
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
    let received = state
        .imports
        .receive_backup(announced(&headers), body.into_data_stream(), by)
        .await?;
    if respond_async(&headers) {
        let Received { started, same_as } = received;
        let answer = json!({ "id": started.id, "same_as": same_as });
        return Ok(accepted_with(started, answer).into_response());
    }
    let log = succeeded(state.imports.wait(received.started.id).await?)?;
    Ok(Json(json!({
        "message": message(&received, log.games_created, log.results_created),
        "import_id": log.id,
        "games_created": log.games_created,
        "results_created": log.results_created,
        "records_processed": log.records_processed,
        "records_rejected": log.records_rejected,
        "same_as": received.same_as,
    }))
    .into_response())
}

fn message(received: &Received, games: i32, results: i32) -> String {
    let same = received.same_as.map_or_else(String::new, |id| {
        format!(" It is the same file as import #{id}'s.")
    });
    let games = counted(games, "game");
    let results = counted(results, "result");
    format!("Added {games} and {results}.{same}")
}

fn counted(number: i32, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
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
    let Ok(mut form) = form else {
        return (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Send the backup as the field \"file\" of a form.",
        )
            .into_response();
    };
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
            let _ = tokio::time::timeout(PATIENCE, rest).await;
            break;
        }
    }
    Redirect::to("/").into_response()
}
