//! The API's description: every route is in it, or is said to be a page's; what it says is what is answered.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    app::App,
    callers::Caller,
    fixtures::small_backup,
    may::{DOORS, routes},
    schema::{misfits, unknown},
};
use crate::{model::access::Role, server::http::openapi::description};

/// What is for people, and stands in no description: pages, where their forms go, and what they ask by themselves. They
/// change with the pages.
const OF_PAGES: &[&str] = &[
    "/",
    "/account",
    "/account/password",
    "/account/sign-out-elsewhere",
    "/accounts",
    "/accounts/add",
    "/accounts/disable",
    "/accounts/reset",
    "/accounts/role",
    "/accounts/tokens/add",
    "/accounts/tokens/revoke",
    "/alerts/latest",
    "/api/docs",
    "/audit",
    "/checked/{token}",
    "/checked/{token}/again",
    "/checked/{token}/discard",
    "/checked/{token}/import",
    "/coverage/fetch",
    "/imports",
    "/imports/backup",
    "/imports/bulk",
    "/imports/check",
    "/imports/{id}",
    "/imports/{id}/remove",
    "/imports/{id}/undo",
    "/monitoring",
    "/results",
    "/results/{*game}",
    "/scheduler",
    "/sign-in",
    "/sign-out",
    // Their functions.
    "/api/cancel_import",
    "/api/clear_import_logs",
    "/api/dismiss_failure",
    "/api/import_details",
    "/api/import_range",
    "/api/import_sample",
    "/api/retry_import",
    "/api/same_file",
    "/api/scheduler_page",
    "/api/start_scheduler",
    "/api/stop_scheduler",
    "/api/stop_upload",
    "/api/trigger_scheduler",
];

/// Each operation: method, path, and what is said of it.
fn operations() -> impl Iterator<Item = (String, &'static str, &'static Value)> {
    let paths = description()["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, it)| (method.to_uppercase(), path.as_str(), it))
    })
}

/// The operation of a name.
fn operation(id: &str) -> &'static Value {
    let found = operations().find(|(.., it)| it["operationId"] == id);
    found.unwrap_or_else(|| panic!("there is no {id}")).2
}

/// The schema of an operation's answer.
fn answered(id: &str, status: &str) -> &'static Value {
    &operation(id)["responses"][status]["content"]["application/json"]["schema"]
}

#[test]
fn every_route_is_described_or_a_page_s() {
    let described: BTreeSet<(String, String)> = operations()
        .map(|(method, path, _)| (method, path.to_owned()))
        .collect();
    // Below it only the form leads back.
    let leads_back = ("GET", "/alerts/test");
    let of_pages =
        |method: &str, path: &str| OF_PAGES.contains(&path) || (method, path) == leads_back;
    let (of_people, of_programs): (BTreeSet<_>, BTreeSet<_>) = routes()
        .into_iter()
        .partition(|(method, path)| of_pages(method, path));
    assert_eq!(described, of_programs);
    for path in OF_PAGES {
        assert!(of_people.iter().any(|(_, it)| it == path), "{path} is gone");
    }
}

#[test]
fn each_says_the_role_that_it_takes() {
    for (method, path, it) in operations() {
        let door = DOORS.iter().find(|(a, b, ..)| *a == method && *b == path);
        let role = door.map(|(.., action)| action.least());
        // Whoever is signed in may sign out, which is no action.
        let expected = match path {
            "/auth/logout" => Some(Role::Viewer),
            _ => role,
        };
        assert_eq!(
            it.get("x-role"),
            expected.map(|it| json!(it)).as_ref(),
            "{path}"
        );
        let is_open = it["security"].as_array().unwrap().is_empty();
        assert_eq!(is_open, expected.is_none(), "{path}");
    }
}

#[test]
fn each_has_a_name_of_its_own_words_an_example_and_its_errors() {
    let mut names = BTreeSet::new();
    for (method, path, it) in operations() {
        let name = it["operationId"].as_str().unwrap();
        assert!(names.insert(name), "{name} is there twice");
        assert!(
            it["summary"].as_str().is_some_and(|it| !it.is_empty()),
            "{name}"
        );
        let answers = it["responses"].as_object().unwrap();
        for status in ["500", "503", "421"] {
            assert!(answers.contains_key(status), "{name}: {status}");
        }
        if method != "GET" {
            assert!(answers.contains_key("406"), "{name}");
        }
        for (status, answer) in answers.iter().filter(|(_, it)| it["$ref"].is_null()) {
            let json = &answer["content"]["application/json"];
            if json.is_null() || path == "/api/openapi.json" {
                continue;
            }
            let example = &json["example"];
            assert!(!example.is_null(), "{name} {status} has no example");
            let wrong = misfits(&json["schema"], example);
            assert!(wrong.is_empty(), "{name} {status}: {wrong:?}");
            let others = unknown(&json["schema"], example);
            assert!(others.is_empty(), "{name} {status}: {others:?}");
        }
        for parameter in it["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{name}: {parameter}");
        }
    }
    assert!(names.len() >= 36);
}

#[test]
fn no_reference_leads_nowhere() {
    fn look(value: &Value) {
        match value {
            Value::Object(members) => {
                if let Some(at) = members.get("$ref").and_then(Value::as_str) {
                    let found = description().pointer(at.trim_start_matches('#'));
                    assert!(found.is_some(), "{at}");
                }
                members.values().for_each(look);
            }
            Value::Array(members) => members.iter().for_each(look),
            _ => {}
        }
    }
    look(description());
    assert_eq!(description()["openapi"], "3.1.0");
}

#[sqlx::test(migrations = false)]
async fn what_is_answered_is_what_is_described(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let fits = |id: &str, status: u16, value: &Value| {
        let schema = answered(id, &status.to_string());
        let wrong = misfits(schema, value);
        assert!(wrong.is_empty(), "{id}: {wrong:?}");
        let first = value.get(0).unwrap_or(value);
        let of_one = if value.is_array() {
            &schema["items"]
        } else {
            schema
        };
        let others = unknown(of_one, first);
        assert!(others.is_empty(), "{id}: {others:?} in {first}");
    };
    let imported = app.import_named("a.json", small_backup()).await;
    assert_eq!(imported.status, 200, "{}", imported.text());
    fits("importBackup", 200, &imported.json());
    let id = imported.id("import_id");
    let sample = app.post("/import-sample-data").await;
    fits("importSample", 200, &sample.json());
    for (name, address) in [
        ("listImports", "/import-logs".to_owned()),
        ("readImport", format!("/import-logs/{id}")),
        ("listRejects", format!("/import-logs/{id}/rejects")),
        ("listGames", "/games".to_owned()),
        ("listResults", "/results/fast?months=0".to_owned()),
        (
            "readCoverage",
            "/coverage?from=2025-06-20&to=2025-06-22".to_owned(),
        ),
        ("readScheduler", "/scheduler/status".to_owned()),
        ("exportData", "/export-data".to_owned()),
        ("checkHealth", "/health".to_owned()),
        ("describeApi", "/api/openapi.json".to_owned()),
    ] {
        let reply = app.get(&address).await;
        assert_eq!(reply.status, 200, "{address}: {}", reply.text());
        fits(name, 200, &reply.json());
    }
    let dry = app
        .post(&format!("/import-logs/{id}/undo?dry_run=true"))
        .await;
    fits("undoImport", 200, &dry.json());
    let retried = app.post("/import-logs/retry").await;
    fits("retryImports", 202, &retried.json());
    let cleared = app.delete("/import-logs").await;
    fits("removeImportLogs", 200, &cleared.json());
    let cleared = app.delete("/clear-data").await;
    fits("clearData", 200, &cleared.json());
    let schema = &description()["components"]["schemas"]["Problem"];
    let problem = app.get("/import-logs/999999").await;
    assert!(misfits(schema, &problem.json()).is_empty());
    app.stop().await;
}

/// What an operation takes in its query.
fn in_query(it: &Value) -> Vec<&Value> {
    let all = it["parameters"].as_array().into_iter().flatten();
    all.filter(|one| one["in"] == "query").collect()
}

#[sqlx::test(migrations = false)]
async fn the_parameters_that_are_described_are_those_that_are_read(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut tried = 0;
    for (method, path, it) in operations() {
        let path = path.replace("{id}", "1");
        let ask = async |query: &str| {
            let request = Request::builder()
                .method(method.as_str())
                .uri(format!("{path}?{query}"));
            app.send(request.body(Body::empty()).unwrap()).await
        };
        let described = in_query(it);
        let takes_any = ["importRange"].contains(&it["operationId"].as_str().unwrap());
        if described.is_empty() || takes_any {
            continue;
        }
        // Whoever asks for what there isn't is told what there is.
        let told = ask("nowhere=1").await.problem(400);
        let (_, known) = told.split_once("There are: ").unwrap();
        let mut known: Vec<&str> = known.trim_end_matches('.').split(", ").collect();
        let mut names: Vec<&str> = described
            .iter()
            .filter_map(|it| it["name"].as_str())
            .collect();
        known.sort_unstable();
        names.sort_unstable();
        assert_eq!(names, known, "{path}");
        for one in described {
            let (name, schema) = (one["name"].as_str().unwrap(), &one["schema"]);
            if let Some(most) = schema["maximum"].as_i64().filter(|_| name != "import") {
                ask(&format!("{name}={}", most + 1)).await.problem(400);
                let most = ask(&format!("{name}={most}")).await;
                assert_ne!(most.status, 400, "{path} {name}");
            }
            for word in schema["enum"].as_array().into_iter().flatten() {
                let word = word.as_str().unwrap();
                let taken = ask(&format!("{name}={word}")).await;
                assert_ne!(taken.status, 400, "{path} {name}={word}: {}", taken.text());
            }
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn people_and_programs_read_the_description_once_they_are_known(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let docs = app.page("/api/docs").await;
    assert_eq!(docs.status, 200);
    docs.shows(&[
        "/import-logs/{id}/retry",
        "Takes the role operator.",
        "type-ImportLog",
        "error-404",
    ]);
    let odd = app.page("/api/docs?odd=1").await;
    assert_eq!(odd.status, 400);
    odd.shows(&["There is no parameter"]);
    Caller::with_account(&app, Role::Viewer).await;
    app.get("/api/openapi.json").await.problem(401);
    let led = app.page("/api/docs").await;
    assert_eq!(led.status, StatusCode::SEE_OTHER);
    assert_eq!(led.header("location"), "/sign-in?next=%2Fapi%2Fdocs");
    let viewer = Caller::with_token(&app, Role::Viewer).await;
    let request = viewer.sends(Request::get("/api/openapi.json"));
    let reply = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(&reply.json(), description());
    let request = viewer.sends(Request::builder().method(Method::HEAD).uri("/api/docs"));
    let reply = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((reply.status, reply.body.len()), (StatusCode::OK, 0));
    app.stop().await;
}
