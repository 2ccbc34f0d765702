//! The router: pages, their server functions, the REST API, and the layers around them. Tests use this very one.

mod account;
mod accounts;
mod alerts;
mod audit;
mod auth;
mod backup;
mod below;
mod check_form;
mod checked_page;
pub mod cookies;
mod coverage;
mod data;
mod described;
mod document;
mod events;
mod fields;
mod files;
mod form;
mod forwarded;
mod guard;
mod headers;
mod health;
mod history;
pub mod identity;
mod import_logs;
mod import_page;
mod imports;
pub mod inlet;
mod layers;
mod limits;
pub mod listen;
mod methods;
mod metrics;
mod monitoring;
pub mod openapi;
mod page_data;
mod params;
mod problem;
mod rejects;
mod results;
mod room;
mod scheduler;
mod shared_page;
mod sign_in;
mod site;
mod site_file;
mod span;
mod tags;
mod watched;
mod zone;

use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{delete, get, post},
};
use leptos::server_fn::ServerFn as _;

use self::{events::Places, page_data::PageData};
use super::state::AppState;
use crate::server_fns::{patience::PATIENT, scheduler::ReadSchedulerPage};

/// Everything that is served.
pub fn router(state: &AppState) -> Router {
    let quick = Router::new()
        .merge(tagged())
        .merge(of_watchers())
        .route("/api/docs", get(openapi::page))
        .route("/import-logs/{id}", delete(import_logs::remove))
        .route("/import-logs/{id}/rejects", get(rejects::json))
        .route("/import-logs/{id}/rejects.csv", get(rejects::csv))
        .route("/import-logs/{id}/rejects.ndjson", get(rejects::ndjson))
        .route("/import-logs/{id}/retry", post(import_logs::retry))
        .route("/import-logs/{id}/cancel", post(import_logs::cancel))
        .route("/import-logs/{id}/dismiss", post(import_logs::dismiss))
        .route("/imports/{id}", get(import_page::show))
        .route("/monitoring", get(monitoring::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out).get(sign_in::lead_back))
        .route("/auth/login", post(auth::login))
        .route("/auth/logout", post(auth::logout))
        .route("/auth/me", get(auth::me))
        .route("/audit", get(audit::show))
        .merge(of_their_own())
        .route(
            "/imports/{id}/remove",
            post(import_page::remove).get(import_page::lead_back),
        )
        .route("/checked/{token}", get(checked_page::show))
        .route(
            "/checked/{token}/import",
            post(checked_page::import).get(checked_page::lead_back),
        )
        .route(
            "/checked/{token}/discard",
            post(checked_page::discard).get(checked_page::lead_back),
        )
        .route("/coverage", get(coverage::show))
        .route(
            "/coverage/fetch",
            post(coverage::fetch).get(coverage::lead_back),
        )
        .route("/results/fast", get(data::results))
        .route("/results", get(results::page))
        .route("/results/{*game}", get(results::game))
        .route("/scheduler/start", post(scheduler::start))
        .route("/scheduler/stop", post(scheduler::stop))
        .route("/scheduler/trigger", post(scheduler::trigger))
        .route(ReadSchedulerPage::PATH, get(page_data::read))
        .layer(Extension(PageData::default()))
        .merge(site::functions(state, |path| {
            !PATIENT.contains(&path) && path != ReadSchedulerPage::PATH
        }));
    // These may wait for an import, for its bytes, for a million rows, or for whatever comes.
    let patient = Router::new()
        .route("/events", get(events::tell))
        .layer(Extension(Places::of_this_process()))
        .route("/import-logs", delete(import_logs::clear))
        .route("/import-logs/retry", post(import_logs::retry_all))
        .route("/import-logs/{id}/undo", post(import_logs::undo))
        .route(
            "/imports/{id}/undo",
            post(import_page::undo).get(import_page::lead_back),
        )
        .route("/import-logs.csv", get(history::csv))
        .route("/import-logs.ndjson", get(history::ndjson))
        .route("/audit.csv", get(audit::csv))
        .route("/audit.ndjson", get(audit::ndjson))
        .route("/results.csv", get(results::csv))
        .route("/import-sample-data", post(imports::sample))
        .route(
            "/checked/{token}/again",
            post(checked_page::again).get(checked_page::lead_back),
        )
        .route("/imports/bulk", post(history::bulk))
        .route("/export-data", get(data::export))
        .route("/clear-data", delete(data::clear))
        .route("/scheduler/import-range", post(scheduler::import_range))
        .route("/scheduler/import-dates", post(scheduler::import_dates))
        .merge(site::functions(state, |path| PATIENT.contains(&path)));
    // Bodies of any size: the service has its own limit, and axum's of 2 MB would cut them off.
    let uploads = Router::new()
        .route("/import-backup", post(backup::api))
        .route("/imports/backup", post(form::backup))
        .route(
            "/imports/check",
            post(check_form::check).get(check_form::lead_back),
        )
        .layer(DefaultBodyLimit::disable());
    let router = site::add(quick)
        .layer(middleware::from_fn(layers::in_time))
        .merge(patient)
        .layer(middleware::from_fn_with_state(
            state.clone(),
            limits::of_body,
        ))
        .merge(uploads)
        .method_not_allowed_fallback(methods::not_among);
    // The second time turns handlers into services for good, which is work for each request otherwise.
    layers::around(router, state)
        .with_state(state.clone())
        .with_state(())
}

/// What those ask who watch a process.
fn of_watchers() -> Router<AppState> {
    Router::new()
        .route("/health", get(health::health))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(metrics::show))
}

/// What is served where nobody comes but those who watch a process (`NUMWATCH_METRICS_ADDR`): nobody has to sign in.
pub fn router_of_watchers(state: &AppState) -> Router {
    let router = of_watchers()
        .layer(middleware::from_fn(layers::in_time))
        .method_not_allowed_fallback(methods::not_among)
        .fallback(problem::nothing_here);
    layers::around_watchers(router, state).with_state(state.clone())
}

/// The routes that their files declare.
fn of_their_own() -> Router<AppState> {
    account::routes()
        .merge(accounts::routes())
        .merge(alerts::routes())
}

/// What is asked for again and again: whoever has it already learns with little that it is still the same.
fn tagged() -> Router<AppState> {
    Router::new()
        .route("/api/openapi.json", get(openapi::json))
        .route("/import-logs", get(history::list))
        .route("/import-logs/{id}", get(import_logs::details))
        .route("/games", get(data::games))
        .route("/scheduler/status", get(scheduler::status))
        .layer(middleware::from_fn(tags::tagged))
}
