//! The doors that pages use: each checks, calls one service, and maps the error.

pub mod imports;
pub mod on_rows;
pub mod patience;
pub mod scheduler;

use leptos::server_fn::{ServerFn, codec::Post};

use crate::{error::AppError, wire::Packed};

/// How they answer.
pub type Answer = Post<Packed>;

/// A server function that only reads: pages ask it again and again.
pub trait Reading: ServerFn<Error = AppError> {
    /// Its arguments, as the query of its address.
    fn query(&self) -> String;
}

/// What such a function answers, in both worlds.
///
/// # Errors
/// Those of the function, and when the server can't be reached.
#[cfg(feature = "ssr")]
pub async fn read<F: Reading>(asked: F) -> Result<F::Output, AppError> {
    asked.run_body().await
}

/// What such a function answers, in both worlds.
///
/// # Errors
/// Those of the function, and when the server can't be reached.
#[cfg(not(feature = "ssr"))]
pub async fn read<F: Reading>(asked: F) -> Result<F::Output, AppError>
where
    F::Output: serde::de::DeserializeOwned,
{
    let address = format!("{}?{}", F::PATH, asked.query());
    crate::wire::unpack(&crate::browser::get(address).await?)
}

#[cfg(feature = "ssr")]
pub(crate) mod door {
    //! What every door needs on the server's side.

    use axum::http::{HeaderValue, Method, StatusCode, header, request::Parts};
    use leptos::{
        prelude::{expect_context, use_context},
        server_fn::error::ServerFnUrlError,
    };
    use leptos_axum::ResponseOptions;

    use crate::{
        error::{AppError, ErrorKind},
        model::{import_log::Requester, scheduler::SchedulerPage},
        server::{actor::Actor, request_id, services::ServiceError, state::AppState},
    };

    /// What a page shows, when that was read before it is rendered.
    #[derive(Clone, Debug)]
    pub struct AlreadyRead(pub SchedulerPage);

    /// The parts that this request may use.
    pub fn state() -> AppState {
        expect_context::<AppState>()
    }

    /// Who asks, from the page.
    ///
    /// # Errors
    /// When nobody is signed in: the router lets no such request through to here.
    pub fn actor() -> Result<Actor, AppError> {
        let request = use_context::<Parts>();
        let actor = request.and_then(|request| request.extensions.get::<Actor>().cloned());
        actor
            .map(|actor| actor.through(Requester::Page))
            .ok_or_else(AppError::signed_out)
    }

    /// What is said when an answer can't be written, which is a fault.
    pub fn unwritable(error: impl std::fmt::Display) -> AppError {
        tracing::error!(%error, "an answer can't be written");
        AppError::new(
            ErrorKind::Internal,
            format!(
                "The answer can't be written. {}",
                request_id::the_log_has_the_cause()
            ),
        )
    }

    /// Turns a service's error into what the user may see, with its HTTP status.
    pub fn refuse(error: &ServiceError) -> AppError {
        let told = error.tell();
        if !is_plain_form()
            && let Some(response) = use_context::<ResponseOptions>()
            && let Ok(status) = StatusCode::from_u16(told.kind.status())
        {
            response.set_status(status);
        }
        told
    }

    /// The same for a form, which a browser without scripts shows anew: with these values in it, as they were given.
    pub fn refuse_form(error: &ServiceError, path: &str, given: &[(&str, String)]) -> AppError {
        let told = refuse(error);
        let request = use_context::<Parts>().filter(|_| is_plain_form());
        let referer = request.as_ref().and_then(|request| {
            let referer = request.headers.get(header::REFERER)?;
            referer.to_str().ok()?.split('?').next()
        });
        if let Some(referer) = referer
            && let Ok(mut back) = ServerFnUrlError::new(path, told.clone()).to_url(referer)
            && let Some(response) = use_context::<ResponseOptions>()
        {
            back.query_pairs_mut().extend_pairs(given);
            if let Ok(back) = HeaderValue::from_str(back.as_str()) {
                response.insert_header(header::LOCATION, back);
            }
        }
        told
    }

    /// Whether a browser without scripts asks: it is sent back to the page, where the address holds the error, and a
    /// status of its own would take that redirect's place.
    fn is_plain_form() -> bool {
        use_context::<Parts>().is_some_and(|request| {
            let accept = request
                .headers
                .get(header::ACCEPT)
                .and_then(|accept| accept.to_str().ok());
            request.method == Method::POST
                && accept.is_some_and(|accept| accept.contains("text/html"))
        })
    }
}
