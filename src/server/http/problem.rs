//! Errors of the REST API as problem documents (RFC 9457). `detail` is the sentence.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::{AppError, ErrorKind},
    server::{
        request_id::{self, RequestId},
        services::ServiceError,
    },
};

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    /// What its status stands for.
    title: &'static str,
    status: u16,
    /// What happened, where, and what to do: a sentence.
    detail: String,
    /// The import whose log says the same, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    import_id: Option<i32>,
    /// The request that it answers, by the name under which the server's log speaks of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// Seconds after which it may be tried again: a header (RFC 9110 §10.2.3).
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    pub fn of_import(error: AppError, import_id: i32) -> Self {
        Self {
            import_id: Some(import_id),
            ..error.into()
        }
    }

    /// 500: something of NumWatch's own went wrong; the log has the cause.
    pub fn fault() -> Self {
        Self::plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            &format!(
                "A fault of NumWatch itself. {}",
                request_id::the_log_has_the_cause()
            ),
        )
    }

    /// 403: the request comes from a page of another site.
    pub fn forbidden() -> Self {
        Self::plain(
            StatusCode::FORBIDDEN,
            "Pages of other sites may not do this. CORS_ORIGINS lists those that may.",
        )
    }

    /// 421: the request was sent to a name that isn't known to be this server's.
    pub fn misdirected() -> Self {
        Self::plain(
            StatusCode::MISDIRECTED_REQUEST,
            "This server isn't known by the name that it was asked under. NUMWATCH_HOSTS lists the names that it has besides localhost and its own address.",
        )
    }

    /// 406: no answer could be given that the sender takes.
    pub fn not_acceptable() -> Self {
        Self::plain(
            StatusCode::NOT_ACCEPTABLE,
            "Answers are JSON (application/json), as they are or packed with gzip, and the Accept or Accept-Encoding header takes neither. Nothing was done.",
        )
    }

    /// What it says.
    pub fn sentence(&self) -> &str {
        &self.detail
    }

    /// Gives a page that tells of it its status, and says after how long to try again.
    pub fn mark(&self, page: &mut Response) {
        *page.status_mut() = self.status();
        if let Some(after) = self.retry_after {
            page.headers_mut().insert(header::RETRY_AFTER, after.into());
        }
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// With this status and sentence.
    pub fn plain(status: StatusCode, detail: &str) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.to_owned(),
            import_id: None,
            request_id: RequestId::current().map(|id| id.as_str().to_owned()),
            retry_after: None,
        }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let status =
            StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::plain(status, &error.message)
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::OfImport { error, import_id } => Self::of_import(error, import_id),
            ServiceError::TooMany { error, wait } => Self {
                retry_after: Some(wait.as_secs().max(1)),
                ..error.into()
            },
            other => other.tell().into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let content_type = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut answer = (content_type, Json(&self)).into_response();
        self.mark(&mut answer);
        answer
    }
}

/// An error that a page tells of and somebody has to look into, with what to look for in the server's log.
pub fn with_request(error: AppError) -> AppError {
    let AppError { kind, message } = error;
    let request = RequestId::current().filter(|id| {
        let is_ours = matches!(kind, ErrorKind::Internal | ErrorKind::Unavailable);
        is_ours && !message.contains(id.as_str())
    });
    let message = match request {
        Some(id) => format!("{message} (Request {}.)", id.as_str()),
        None => message,
    };
    AppError { kind, message }
}

/// Says in a page's answer, too, when something that was refused may be tried again.
pub fn say_when(answer: &mut Response, error: &ServiceError) {
    if let ServiceError::TooMany { wait, .. } = error {
        let after = wait.as_secs().max(1).into();
        answer.headers_mut().insert(header::RETRY_AFTER, after);
    }
}

/// A path of which nothing is known.
pub async fn nothing_here() -> Response {
    Problem::plain(
        StatusCode::NOT_FOUND,
        "There is nothing here. Those who watch this process ask for /metrics, /health/live, /health/ready or /health.",
    )
    .into_response()
}
