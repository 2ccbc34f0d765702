//! The doors that pages use: each checks, calls one service, and maps the error.

pub mod imports;
pub mod scheduler;

#[cfg(feature = "ssr")]
pub(crate) mod door {
    //! What every door needs on the server's side.

    use axum::http::StatusCode;
    use leptos::prelude::{expect_context, use_context};
    use leptos_axum::ResponseOptions;

    use crate::{
        error::AppError,
        server::{services::ServiceError, state::AppState},
    };

    /// The parts that this request may use.
    pub fn state() -> AppState {
        expect_context::<AppState>()
    }

    /// Turns a service's error into what the user may see, with its HTTP status.
    pub fn refuse(error: &ServiceError) -> AppError {
        let told = error.tell();
        if let Some(response) = use_context::<ResponseOptions>()
            && let Ok(status) = StatusCode::from_u16(told.kind.status())
        {
            response.set_status(status);
        }
        told
    }
}
