//! `/scheduler`: its status, its switch, a run now, and imports of a date range or of single dates.

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    identity::ByApi,
    import_logs::accepted,
    imports::{ended, respond_async},
    params::Parameters,
    problem::Problem,
};
use crate::{
    error::{AppError, ErrorKind},
    model::{
        import_log::{ImportStatus, Started},
        scheduler::SchedulerStatus,
    },
    server::{clock::BANGKOK, services::in_time, state::AppState},
};

/// `GET /scheduler/status`.
pub async fn status(State(state): State<AppState>) -> Result<Json<SchedulerStatus>, Problem> {
    Ok(Json(state.scheduler.status().await?))
}

/// `POST /scheduler/start`.
pub async fn start(
    State(state): State<AppState>,
    ByApi(by): ByApi,
) -> Result<Json<Value>, Problem> {
    state.scheduler.start(&by).await?;
    switched(&state, "The scheduler runs.").await
}

/// `POST /scheduler/stop`.
pub async fn stop(State(state): State<AppState>, ByApi(by): ByApi) -> Result<Json<Value>, Problem> {
    state.scheduler.stop(&by).await?;
    switched(
        &state,
        "The scheduler is stopped. An import that it started goes on.",
    )
    .await
}

async fn switched(state: &AppState, message: &str) -> Result<Json<Value>, Problem> {
    Ok(Json(
        json!({ "success": true, "message": message, "status": state.scheduler.status().await? }),
    ))
}

/// `POST /scheduler/trigger`: imports today's date now.
pub async fn trigger(
    State(state): State<AppState>,
    ByApi(by): ByApi,
) -> Result<Json<Value>, Problem> {
    let started = state.scheduler.trigger(&by).await?;
    Ok(Json(json!({
        "success": true,
        "message": format!("Import #{} of today's results has started.", started.id),
        "import_id": started.id,
    })))
}

/// `POST /scheduler/import-range`: imports each day of a range. Answers when it has ended, or at once with
/// `Prefer: respond-async`. Days that failed are no error of the request: `success` says whether all succeeded.
pub async fn import_range(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let of = |name| date(name, parameters.required(name, "2025-06-22")?);
    let (start, end) = (of("start_date")?, of("end_date")?);
    let started = in_time(state.imports.start_range(start, end, &by)).await?;
    answer(&state, started, &headers).await
}

/// What `POST /scheduler/import-dates` holds: a list of days, as it is or as the member `dates`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Listed {
    Bare(Vec<String>),
    Named { dates: Vec<String> },
}

/// `POST /scheduler/import-dates`: imports just these days, and answers as [`import_range`] does.
pub async fn import_dates(
    State(state): State<AppState>,
    ByApi(by): ByApi,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    const EXAMPLE: &str = "Send a list of days, as {\"dates\": [\"2025-06-20\", \"2025-06-22\"]}.";
    let malformed = |why: &str| AppError::new(ErrorKind::Malformed, format!("{why} {EXAMPLE}"));
    let body = body.map_err(|_| malformed("The body can't be read, or is too long."))?;
    let listed = serde_json::from_slice(&body)
        .map_err(|_| malformed("The body is no JSON that holds days."))?;
    let (Listed::Bare(days) | Listed::Named { dates: days }) = listed;
    let days: Result<Vec<NaiveDate>, Problem> = days.iter().map(|day| date("dates", day)).collect();
    let started = in_time(state.imports.start_days(days?, &by)).await?;
    answer(&state, started, &headers).await
}

/// Answers when an import of days has ended, or at once if the client would rather not wait.
async fn answer(
    state: &AppState,
    started: Started,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    if respond_async(headers) {
        return Ok(accepted(started).into_response());
    }
    let log = ended(state, started).await?;
    let success = log.status == ImportStatus::Success;
    Ok(Json(json!({
        "success": success,
        "message": log.outcome(),
        "import_id": log.id,
        "total_dates": log.progress_total,
        "successful_dates": log.successful_dates,
        "failed_dates": log.failed_dates,
        "records_rejected": log.records_rejected,
        "total_games_created": log.games_created,
        // Today's clients read both new and changed results here.
        "total_results_updated": log.results_created + log.results_updated,
    }))
    .into_response())
}

/// A plain date, or the date in Bangkok of an instant.
fn date(name: &str, text: &str) -> Result<NaiveDate, Problem> {
    // A plus sign that wasn't escaped arrives as a space.
    let unescaped = text.trim().replace(' ', "+");
    text.parse::<NaiveDate>()
        .ok()
        .or_else(|| DateTime::parse_from_rfc3339(&unescaped).ok().map(|instant| instant.with_timezone(&BANGKOK).date_naive()))
        .ok_or_else(|| {
            AppError::new(
                ErrorKind::Malformed,
                format!("{name} is \"{text}\", which is no date. Write it as 2025-06-22 or 2025-06-21T17:00:00Z."),
            )
            .into()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_dates_and_instants_are_read() {
        let day = NaiveDate::from_ymd_opt(2025, 6, 22).unwrap();
        for text in [
            "2025-06-22",
            "2025-06-21T17:00:00.000Z",
            "2025-06-22T00:00:00+07:00",
            "2025-06-22T00:00:00 07:00",
        ] {
            assert_eq!(date("start_date", text).unwrap(), day, "{text}");
        }
    }

    #[test]
    fn a_date_that_does_not_exist_is_refused() {
        for text in ["", "yesterday", "2025-02-30", "22-06-2025"] {
            assert!(date("start_date", text).is_err(), "{text}");
        }
    }
}
