//! Who may do what, at every door: the one table of actions and roles, tried at each route, server function and command.

use std::{collections::BTreeSet, time::Duration};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use leptos::server_fn::axum::server_fn_paths;
use sqlx::PgPool;
use tower::ServiceExt as _;

use super::{app::App, architecture::sources, callers::Caller};
use crate::{
    model::access::{Action, Role},
    server::{actor::Actor, cli},
};

/// How a door is knocked at: the method, the route, what stands for its gap, the body, and what it is for. The bodies are such
/// that whoever may is not refused for who they are; there is no import 999999.
pub type Door = (&'static str, &'static str, &'static str, Action);

/// Longer than any door takes.
const PATIENCE: Duration = Duration::from_secs(30);

const ID: &str = "id=999999";
const DAYS: &str = "start_date=2025-06-01&end_date=2025-06-01";
const NONE: &str = "";

/// All that aren't open to everybody.
pub const DOORS: &[Door] = &[
    // Reading.
    ("GET", "/", NONE, Action::See),
    ("GET", "/scheduler", NONE, Action::See),
    ("GET", "/imports", NONE, Action::See),
    ("GET", "/imports/{id}", NONE, Action::See),
    ("GET", "/imports/{id}/remove", NONE, Action::See),
    ("GET", "/imports/{id}/undo", NONE, Action::See),
    ("GET", "/imports/check", NONE, Action::See),
    ("GET", "/monitoring", NONE, Action::See),
    ("GET", "/coverage", NONE, Action::See),
    ("GET", "/coverage/fetch", NONE, Action::See),
    ("GET", "/results", NONE, Action::See),
    ("GET", "/results.csv", NONE, Action::See),
    ("GET", "/results/fast", NONE, Action::See),
    ("GET", "/results/{*game}", NONE, Action::See),
    ("GET", "/games", NONE, Action::See),
    ("GET", "/export-data", NONE, Action::See),
    ("GET", "/checked/{token}", NONE, Action::See),
    ("GET", "/checked/{token}/import", NONE, Action::See),
    ("GET", "/checked/{token}/discard", NONE, Action::See),
    ("GET", "/checked/{token}/again", NONE, Action::See),
    ("GET", "/import-logs", NONE, Action::See),
    ("GET", "/import-logs.csv", NONE, Action::See),
    ("GET", "/import-logs.ndjson", NONE, Action::See),
    ("GET", "/import-logs/{id}", NONE, Action::See),
    ("GET", "/import-logs/{id}/rejects", NONE, Action::See),
    ("GET", "/import-logs/{id}/rejects.csv", NONE, Action::See),
    ("GET", "/import-logs/{id}/rejects.ndjson", NONE, Action::See),
    ("GET", "/scheduler/status", NONE, Action::See),
    ("GET", "/events", NONE, Action::See),
    ("GET", "/metrics", NONE, Action::See),
    ("GET", "/api/openapi.json", NONE, Action::See),
    ("GET", "/api/docs", NONE, Action::See),
    ("GET", "/auth/me", NONE, Action::See),
    ("GET", "/sign-out", NONE, Action::See),
    ("GET", "/api/scheduler_page", NONE, Action::See),
    ("GET", "/api/import_details", ID, Action::See),
    ("GET", "/api/same_file", "sha256=0", Action::See),
    // Imports.
    ("POST", "/import-sample-data", NONE, Action::Import),
    ("POST", "/import-backup", NONE, Action::Import),
    ("POST", "/imports/backup", NONE, Action::Import),
    ("POST", "/scheduler/import-range", DAYS, Action::Import),
    (
        "POST",
        "/scheduler/import-dates",
        "[\"2025-06-01\"]",
        Action::Import,
    ),
    ("POST", "/coverage/fetch", "date=2025-06-01", Action::Import),
    ("POST", "/checked/{token}/import", NONE, Action::Import),
    ("POST", "/api/import_sample", NONE, Action::Import),
    ("POST", "/api/import_range", DAYS, Action::Import),
    // Checks.
    ("POST", "/imports/check", NONE, Action::Check),
    ("POST", "/checked/{token}/again", NONE, Action::Check),
    ("POST", "/checked/{token}/discard", NONE, Action::Check),
    // What becomes of imports.
    ("POST", "/import-logs/retry", NONE, Action::Retry),
    ("POST", "/import-logs/{id}/retry", NONE, Action::Retry),
    ("POST", "/imports/bulk", "do=retry", Action::Retry),
    ("POST", "/api/retry_import", ID, Action::Retry),
    ("POST", "/import-logs/{id}/cancel", NONE, Action::Cancel),
    ("POST", "/api/cancel_import", ID, Action::Cancel),
    ("POST", "/api/stop_upload", "called=x", Action::Cancel),
    ("POST", "/import-logs/{id}/dismiss", NONE, Action::Dismiss),
    ("POST", "/api/dismiss_failure", ID, Action::Dismiss),
    ("POST", "/import-logs/{id}/undo", NONE, Action::Undo),
    ("POST", "/imports/{id}/undo", NONE, Action::Undo),
    // What is for good.
    ("DELETE", "/import-logs", NONE, Action::RemoveLogs),
    ("DELETE", "/import-logs/{id}", NONE, Action::RemoveLogs),
    ("POST", "/imports/{id}/remove", NONE, Action::RemoveLogs),
    ("POST", "/imports/bulk", "do=remove", Action::RemoveLogs),
    ("POST", "/api/clear_import_logs", NONE, Action::RemoveLogs),
    ("DELETE", "/clear-data", NONE, Action::ClearData),
    // The scheduler.
    ("POST", "/scheduler/trigger", NONE, Action::Trigger),
    ("POST", "/api/trigger_scheduler", NONE, Action::Trigger),
    ("POST", "/scheduler/start", NONE, Action::SwitchScheduler),
    ("POST", "/scheduler/stop", NONE, Action::SwitchScheduler),
    (
        "POST",
        "/api/start_scheduler",
        NONE,
        Action::SwitchScheduler,
    ),
    ("POST", "/api/stop_scheduler", NONE, Action::SwitchScheduler),
    // Who may.
    ("GET", "/account", NONE, Action::OwnAccount),
    ("GET", "/account/password", NONE, Action::See),
    ("GET", "/account/sign-out-elsewhere", NONE, Action::See),
    (
        "POST",
        "/account/password",
        "present=a&new=b&again=b",
        Action::OwnAccount,
    ),
    (
        "POST",
        "/account/sign-out-elsewhere",
        NONE,
        Action::OwnAccount,
    ),
    ("GET", "/accounts", NONE, Action::ManageAccounts),
    ("GET", "/accounts/add", NONE, Action::See),
    ("GET", "/accounts/role", NONE, Action::See),
    ("GET", "/accounts/reset", NONE, Action::See),
    ("GET", "/accounts/disable", NONE, Action::See),
    ("GET", "/accounts/tokens/add", NONE, Action::See),
    ("GET", "/accounts/tokens/revoke", NONE, Action::See),
    (
        "POST",
        "/accounts/add",
        "name=nobody&role=viewer",
        Action::ManageAccounts,
    ),
    (
        "POST",
        "/accounts/role",
        "name=nobody&role=viewer",
        Action::ManageAccounts,
    ),
    (
        "POST",
        "/accounts/reset",
        "name=nobody",
        Action::ManageAccounts,
    ),
    (
        "POST",
        "/accounts/disable",
        "name=nobody",
        Action::ManageAccounts,
    ),
    (
        "POST",
        "/accounts/tokens/add",
        "name=nobody&role=viewer&days=1",
        Action::ManageTokens,
    ),
    (
        "POST",
        "/accounts/tokens/revoke",
        "name=nobody",
        Action::ManageTokens,
    ),
    // Alerts.
    ("GET", "/alerts", NONE, Action::See),
    ("GET", "/alerts/latest", NONE, Action::See),
    ("GET", "/alerts/test", NONE, Action::See),
    ("POST", "/alerts/test", NONE, Action::TestAlerts),
    ("GET", "/audit", NONE, Action::ReadAudit),
    ("GET", "/audit.csv", NONE, Action::ReadAudit),
    ("GET", "/audit.ndjson", NONE, Action::ReadAudit),
];

/// Those that end the session that knocks.
const ENDING: [(&str, &str); 2] = [("POST", "/sign-out"), ("POST", "/auth/logout")];

/// Those that are open to everybody.
const OPEN: [(&str, &str); 6] = [
    ("GET", "/health"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/auth/login"),
];

/// Every command, and the actions that it asks for. Whoever has a shell and the database's address is an admin.
const COMMANDS: &[(&str, &[Action])] = &[
    ("serve", &[]),
    ("worker", &[]),
    ("migrate", &[]),
    ("retain", &[Action::RemoveLogs]),
    ("import", &[Action::Import, Action::Check, Action::Cancel]),
    ("undo", &[Action::Undo]),
    ("user", &[Action::ManageAccounts]),
    ("token", &[Action::ManageTokens]),
    ("alert", &[Action::TestAlerts]),
    ("feed", &[]),
    ("generate", &[]),
];

/// The routes that the router's source declares, and those of the server functions.
pub fn routes() -> BTreeSet<(String, String)> {
    let sources = sources().into_iter();
    let sources = sources.filter(|(name, _)| name.starts_with("server/http/"));
    let sources: Vec<String> = sources
        .map(|(_, text)| {
            text.split("#[cfg(test)]")
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    let mut routes = BTreeSet::new();
    for route in sources.iter().flat_map(|it| it.split(".route(").skip(1)) {
        // A path that isn't written out is a server function's.
        let Some((path, rest)) = route
            .trim()
            .strip_prefix('"')
            .and_then(|it| it.split_once('"'))
        else {
            continue;
        };
        let end = rest.find(".layer(Extension").unwrap_or(rest.len());
        for (call, method) in [("get(", "GET"), ("post(", "POST"), ("delete(", "DELETE")] {
            if rest[..end].contains(call) {
                routes.insert((method.to_owned(), path.to_owned()));
            }
        }
    }
    routes.extend(server_fn_paths().map(|(path, method)| (method.to_string(), path.to_owned())));
    routes
}

#[test]
fn every_route_has_a_line_in_the_table() {
    let doors = DOORS.iter().map(|(method, path, ..)| (*method, *path));
    let known: BTreeSet<(String, String)> = doors
        .chain(ENDING)
        .chain(OPEN)
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    assert_eq!(routes(), known);
}

#[test]
fn every_action_has_a_door() {
    let known: Vec<Action> = DOORS.iter().map(|(.., action)| *action).collect();
    for action in Action::ALL {
        assert!(known.contains(&action), "{action}");
    }
}

#[test]
fn every_command_has_a_line_and_a_terminal_may_do_all() {
    let known: Vec<&str> = COMMANDS.iter().map(|(command, _)| *command).collect();
    assert_eq!(cli::commands(), known);
    for action in COMMANDS.iter().flat_map(|(_, actions)| *actions) {
        Actor::terminal().permit(*action).unwrap();
    }
}

#[test]
fn each_role_may_do_what_those_before_it_may() {
    let may = |role: Role| {
        let all = Action::ALL.into_iter();
        all.filter(move |action| role.is_at_least(action.least()))
            .count()
    };
    let [viewer, operator, admin] = Role::ALL.map(may);
    assert_eq!((viewer, operator), (2, 9));
    assert_eq!(admin, Action::ALL.len());
}

/// Knocks at a door, and answers with what status it opens.
async fn knock(app: &App, person: &Caller, (method, path, given, _): Door) -> (StatusCode, String) {
    let path = path
        .replace("{id}", "999999")
        .replace("{token}", "0198c0de-0000-7000-8000-000000000000")
        .replace("{*game}", "L03-01");
    let in_address = method == "GET" || path == "/scheduler/import-range";
    let (path, body) = match given {
        NONE => (path, NONE),
        given if in_address => (format!("{path}?{given}"), NONE),
        given => (path, given),
    };
    let method: Method = method.parse().unwrap();
    // Nothing runs here that an import could wait for.
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("prefer", "respond-async");
    let request = match body {
        NONE => request,
        _ => request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
    };
    let request = person.sends(request).body(Body::from(body)).unwrap();
    let answer = tokio::time::timeout(PATIENCE, app.router.clone().oneshot(request));
    let answer = answer.await.expect("no answer").unwrap();
    let leads_to = answer.headers().get(header::LOCATION);
    let leads_to = leads_to.map(|to| to.to_str().unwrap().to_owned());
    (answer.status(), leads_to.unwrap_or_default())
}

#[sqlx::test(migrations = false)]
async fn every_door_lets_in_who_may_and_nobody_else(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut people = vec![Caller::nobody()];
    for role in Role::ALL {
        people.push(Caller::with_account(&app, role).await);
        people.push(Caller::with_token(&app, role).await);
    }
    let mut tried = 0;
    for person in &people {
        for door in DOORS {
            let (method, path, _, action) = *door;
            let logs = "SELECT count(*) FROM import_logs";
            let before = app.number(logs).await;
            let (status, _) = knock(&app, person, *door).await;
            tried += 1;
            let what = format!("{} at {method} {path}", person.called);
            match person.role {
                None => assert_eq!(status, StatusCode::UNAUTHORIZED, "{what}"),
                Some(role) if role.is_at_least(action.least()) => {
                    let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
                    assert!(!refused.contains(&status), "{what}: {status}");
                    continue;
                }
                Some(_) => assert_eq!(status, StatusCode::FORBIDDEN, "{what}"),
            }
            assert_eq!(app.number(logs).await, before, "{what}");
        }
    }
    assert_eq!(tried, DOORS.len() * 7);
    for (method, path) in ENDING {
        let door = (method, path, NONE, Action::See);
        let nobody = knock(&app, &people[0], door).await;
        assert_eq!(nobody.0, StatusCode::UNAUTHORIZED, "{path}");
        let viewer = Caller::signed_in(&app, Role::Viewer).await;
        let (status, _) = knock(&app, &viewer, door).await;
        assert!(status.is_success() || status.is_redirection(), "{path}");
        let (status, _) = knock(&app, &viewer, DOORS[0]).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path} ends the session");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_person_is_led_to_where_one_signs_in_and_back(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    Caller::with_account(&app, Role::Viewer).await;
    let page = app.page("/imports?status=failed").await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(
        page.headers[header::LOCATION],
        "/sign-in?next=%2Fimports%3Fstatus%3Dfailed"
    );
    app.stop().await;
}
