//! `/scheduler`: its status, its switch, a run now, and imports of a date range or of single dates.

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    described::{Known, RangeDays, Waiting},
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

/// That the scheduler was switched.
#[derive(Serialize, ToSchema)]
pub struct Switched {
    success: bool,
    message: &'static str,
    status: SchedulerStatus,
}

/// That an import of today's results has begun.
#[derive(Serialize, ToSchema)]
pub struct Triggered {
    success: bool,
    message: String,
    import_id: i32,
}

/// What an import of days came to.
#[derive(Serialize, ToSchema)]
pub struct DaysImported {
    /// All days succeeded.
    success: bool,
    message: String,
    import_id: i32,
    total_dates: Option<i64>,
    successful_dates: Option<i32>,
    failed_dates: Option<i32>,
    records_rejected: i32,
    total_games_created: i32,
    /// New and changed ones.
    total_results_updated: i32,
}

/// `GET /scheduler/status`.
#[utoipa::path(
    get, path = "/scheduler/status", operation_id = "readScheduler", tag = "Scheduler",
    summary = "How the scheduler stands",
    params(Known),
    responses(
        (status = 200, description = "The scheduler.", body = SchedulerStatus),
    ),
    extensions(("x-action" = json!("see"))),
)]
pub async fn status(State(state): State<AppState>) -> Result<Json<SchedulerStatus>, Problem> {
    Ok(Json(state.scheduler.status().await?))
}

/// `POST /scheduler/start`.
#[utoipa::path(
    post, path = "/scheduler/start", operation_id = "startScheduler", tag = "Scheduler",
    summary = "Switch the scheduler on",
    responses(
        (status = 200, description = "It is on.", body = Switched),
    ),
    extensions(("x-action" = json!("switch_scheduler"))),
)]
pub async fn start(
    State(state): State<AppState>,
    ByApi(by): ByApi,
) -> Result<Json<Switched>, Problem> {
    state.scheduler.start(&by).await?;
    switched(&state, "The scheduler runs.").await
}

/// `POST /scheduler/stop`.
#[utoipa::path(
    post, path = "/scheduler/stop", operation_id = "stopScheduler", tag = "Scheduler",
    summary = "Switch the scheduler off",
    description = "An import that it started goes on.",
    responses(
        (status = 200, description = "It is off.", body = Switched),
    ),
    extensions(("x-action" = json!("switch_scheduler"))),
)]
pub async fn stop(
    State(state): State<AppState>,
    ByApi(by): ByApi,
) -> Result<Json<Switched>, Problem> {
    state.scheduler.stop(&by).await?;
    switched(
        &state,
        "The scheduler is stopped. An import that it started goes on.",
    )
    .await
}

async fn switched(state: &AppState, message: &'static str) -> Result<Json<Switched>, Problem> {
    Ok(Json(Switched {
        success: true,
        message,
        status: state.scheduler.status().await?,
    }))
}

/// `POST /scheduler/trigger`: imports today's date now.
#[utoipa::path(
    post, path = "/scheduler/trigger", operation_id = "triggerScheduler", tag = "Scheduler",
    summary = "Import today now",
    description = "As the schedule would.",
    responses(
        (status = 200, description = "It has begun.", body = Triggered),
    ),
    extensions(("x-action" = json!("trigger")), ("x-problems" = json!([409, 429]))),
)]
pub async fn trigger(
    State(state): State<AppState>,
    ByApi(by): ByApi,
) -> Result<Json<Triggered>, Problem> {
    let started = state.scheduler.trigger(&by).await?;
    Ok(Json(Triggered {
        success: true,
        message: format!("Import #{} of today's results has started.", started.id),
        import_id: started.id,
    }))
}

/// `POST /scheduler/import-range`: imports each day of a range. Answers when it has ended, or at once with
/// `Prefer: respond-async`. Days that failed are no error of the request: `success` says whether all succeeded.
#[utoipa::path(
    post, path = "/scheduler/import-range", operation_id = "importRange", tag = "Imports",
    summary = "Import a range of days",
    description = "Asks the feed for each day. The answer comes when the import has ended, or at once where `Prefer` asks for that. Days that failed are no error of the request: `success` says whether all succeeded.",
    params(RangeDays, Waiting),
    responses(
        (status = 200, description = "It has ended.", body = DaysImported),
        (status = 202, description = "It has begun: follow it where the `Location` header says.", body = Started, headers(("Location" = String, description = "The import's log."))),
    ),
    extensions(("x-action" = json!("import")), ("x-problems" = json!([409, 422, 429]))),
)]
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
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Days)]
pub enum Listed {
    Bare(Vec<String>),
    Named { dates: Vec<String> },
}

/// `POST /scheduler/import-dates`: imports just these days, and answers as [`import_range`] does.
#[utoipa::path(
    post, path = "/scheduler/import-dates", operation_id = "importDates", tag = "Imports",
    summary = "Import some days",
    description = "Asks the feed for just these days, and answers as the import of a range does.",
    params(Waiting),
    request_body(content = Listed, content_type = "application/json", example = json!({"dates": ["2025-06-20", "2025-06-22"]})),
    responses(
        (status = 200, description = "It has ended.", body = DaysImported),
        (status = 202, description = "It has begun: follow it where the `Location` header says.", body = Started, headers(("Location" = String, description = "The import's log."))),
    ),
    extensions(("x-action" = json!("import")), ("x-problems" = json!([409, 422, 429]))),
)]
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
    Ok(Json(DaysImported {
        success,
        message: log.outcome(),
        import_id: log.id,
        total_dates: log.progress_total,
        successful_dates: log.successful_dates,
        failed_dates: log.failed_dates,
        records_rejected: log.records_rejected,
        total_games_created: log.games_created,
        // Today's clients read both new and changed results here.
        total_results_updated: log.results_created + log.results_updated,
    })
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
