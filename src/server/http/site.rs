//! The pages, their server functions, and the files of the browser's half.

use std::collections::HashMap;

use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    extract::{Query, Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::{MethodFilter, get, on},
};
use leptos::{
    config::LeptosOptions,
    prelude::{AnyView, provide_context},
    server_fn::{axum::server_fn_paths, error::ServerFnUrlError},
};
use leptos_axum::handle_server_fns_with_context;

use super::{
    below,
    document::{Reader, Template},
    guard, history,
    params::Parameters,
    problem::{Problem, with_request},
    shared_page::SharedPage,
    site_file,
    zone::ReadersZone,
};
use crate::{
    app,
    error::{AppError, ErrorKind},
    model::{
        asked::{Asked, Shows},
        scheduler::SchedulerPage,
    },
    server::state::AppState,
    server_fns::door::AlreadyRead,
};

/// The routes of those server functions that are `wanted`, by their paths.
pub fn functions(state: &AppState, wanted: fn(&str) -> bool) -> Router<AppState> {
    server_fn_paths().filter(|(path, _)| wanted(path)).fold(
        Router::new(),
        |router, (path, method)| {
            let state = state.clone();
            let answer = async move |mut request: Request| {
                // Who asks for the head is answered as by GET, without the body.
                if request.method() == Method::HEAD {
                    *request.method_mut() = Method::GET;
                }
                let context = move || provide_context(state.clone());
                let answer = handle_server_fns_with_context(context, request).await;
                with_status(answer.into_response()).await
            };
            // Each is asked by one method, which its codec sets: POST, but for the few that only read.
            match MethodFilter::try_from(method) {
                Ok(method) => router.route(path, on(method, answer)),
                Err(_) => router,
            }
        },
    )
}

/// An error that a function could not even begin with has no status of its own yet: it gets its kind's.
async fn with_status(response: Response) -> Response {
    const MOST: usize = 64 * 1024;
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else {
        return Problem::fault().into_response();
    };
    let error = serde_json::from_slice::<AppError>(&body);
    if let Ok(status) = error.map(|error| StatusCode::from_u16(error.kind.status())) {
        parts.status = status.unwrap_or(parts.status);
    }
    Response::from_parts(parts, Body::from(body))
}

/// Adds the pages and files to the API.
pub fn add(api: Router<AppState>) -> Router<AppState> {
    // Views spawn their reading of data; a second router of the same process finds it done.
    let _ = any_spawner::Executor::init_tokio();
    api.route("/", get(scheduler))
        .route("/scheduler", get(scheduler))
        .route("/imports", get(imports))
        .layer(Extension(SharedPage::default()))
        .fallback(file_or_not_found)
}

/// The Scheduler page, rendered whole, so that it needs no JavaScript to be read.
async fn scheduler(
    State(state): State<AppState>,
    Extension(shared): Extension<SharedPage>,
    Query(address): Query<HashMap<String, String>>,
    request: Request,
) -> Response {
    // The latter two are what Leptos puts there when a form is refused without JavaScript.
    let [details, failures, runs, path, error] =
        ["details", "failures", "runs", "__path", "__err"].map(|name| address.get(name));
    let day = |name| address.get(name).and_then(|day: &String| day.parse().ok());
    let refused = path.cloned().zip(error.map(|error| why_refused(error)));
    let asked = Asked {
        details: details.and_then(|id| id.parse().ok()),
        shows: Shows {
            all_failures: failures.is_some_and(|which| which == "all"),
            all_runs: runs.is_some_and(|which| which == "all"),
        },
        days: day("start_date")
            .zip(day("end_date"))
            .filter(|_| refused.is_some()),
        refused,
    };
    if asked == Asked::default() {
        let of_all = state.clone();
        let render = |shows: SchedulerPage| async move {
            let last = below::read(&of_all).await;
            let given = move || {
                give(&shows);
                below::give(last.as_ref());
            };
            Template::render(of_all, given, Request::default(), app::scheduler).await
        };
        if let Some(page) = shared
            .get(state.overview.clone(), state.clock.clone(), render)
            .await
        {
            return page.fill(&Reader::of(&request));
        }
    }
    let read = state.overview.page(asked.shows).await.ok();
    // A link to an import leads to it, also when it has left the table since.
    let row = asked.details.filter(|id| *id > 0);
    if let (Some(id), Some(page)) = (row, &read)
        && page.logs.iter().all(|log| log.id != id)
    {
        return Redirect::to(&format!("/imports/{id}")).into_response();
    }
    let last = below::read(&state).await;
    let given = move || {
        provide_context(asked.clone());
        below::give(last.as_ref());
        if let Some(page) = &read {
            give(page);
        }
    };
    page(state, given, request, app::scheduler).await
}

/// Gives the Scheduler page its data.
fn give(page: &SchedulerPage) {
    provide_context(AlreadyRead(page.clone()));
    provide_context(app::Title(page.title()));
}

/// Why a form was refused without JavaScript, as Leptos has put it into the address.
pub fn why_refused(error: &str) -> String {
    ServerFnUrlError::<AppError>::decode_err(error).message
}

/// The history of imports, as the address asks for it.
async fn imports(
    State(state): State<AppState>,
    zone: ReadersZone,
    parameters: Parameters,
    request: Request,
) -> Response {
    let shown = history::read_page(&state, &parameters, zone).await;
    shown_page(state, shown, request, app::imports).await
}

/// Renders what a page shows, or why it can't, with the status of that.
pub async fn shown_page<T: Clone + Send + Sync + 'static>(
    state: AppState,
    shown: Result<T, AppError>,
    request: Request,
    document: fn(&LeptosOptions) -> AnyView,
) -> Response {
    let shown = shown.map_err(with_request);
    let kind = shown.as_ref().err().map(|error| error.kind);
    let given = move || provide_context(shown.clone());
    let mut response = page(state, given, request, document).await;
    if let Some(kind) = kind {
        set_status(&mut response, kind);
    }
    response
}

/// Gives a page the status of an error that it tells of.
pub fn set_status(response: &mut Response, kind: ErrorKind) {
    if let Ok(status) = StatusCode::from_u16(kind.status()) {
        *response.status_mut() = status;
    }
}

/// Renders a document with what is given to it as context.
async fn page(
    state: AppState,
    given: impl Fn() + Clone + Send + Sync + 'static,
    request: Request,
    document: fn(&LeptosOptions) -> AnyView,
) -> Response {
    let reader = Reader::of(&request);
    let template = Template::render(state, given, request, document).await;
    template.map_or_else(
        || Problem::fault().into_response(),
        |template| template.fill(&reader),
    )
}

/// A file of the browser's half; else the page that says that there is nothing, or a problem document for programs.
async fn file_or_not_found(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(file) = site_file::answer(&state.site, &parts).await {
        return file;
    }
    if !guard::wants_page(&parts.headers) {
        let sentence = format!("There is nothing at {}.", parts.uri.path());
        return Problem::from(AppError::new(ErrorKind::NotFound, sentence)).into_response();
    }
    let request = Request::from_parts(parts, body);
    let mut response = page(state, || (), request, app::not_found).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
