//! An older program beside a newer one, on the newer one's schema: it serves all that it did, whatever words the newer one
//! has written, and leaves alone what it doesn't know.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use http_body_util::BodyExt as _;
use sqlx::PgPool;
use tower::ServiceExt as _;

use super::{
    app::App,
    callers::Caller,
    fixtures::{by, config, small_backup},
    may::{DOORS, Door},
};
use crate::{
    model::{
        access::{Action, Role},
        import_log::{ImportStatus, ImportType, Phase, Requester},
    },
    server::{
        cli::connect::{connect, migrate},
        db::{self, Schema},
        jobs::housekeeping::Housekeeping,
    },
};

/// What a newer version could have written: each word that isn't fixed for good is one that only it knows. Import 1 is one of
/// this version's.
const NEWER: &str = "
    ALTER TABLE import_logs DROP CONSTRAINT import_logs_import_type_check, DROP CONSTRAINT import_logs_failure_kind_check;
    ALTER TABLE import_dates DROP CONSTRAINT import_dates_outcome_check, DROP CONSTRAINT import_dates_failure_kind_check;
    ALTER TABLE bulk_work DROP CONSTRAINT bulk_work_kind_check;
    UPDATE import_logs SET requested_by = 'robot', undone_at = now(), undone_by = 'robot', undone = '{\"skies_cleared\": 2}';
    INSERT INTO import_logs (import_type, requested_by) VALUES ('telegram', 'robot');
    INSERT INTO import_runs (import_id, phase, lane, cancelled_by) VALUES (2, 'pondering', 'air', 'robot');
    INSERT INTO import_logs (import_type, requested_by, status, completed_at, failure_kind, error_message, cancelled_by, payload)
        VALUES ('telegram', 'robot', 'failed', now(), 'boredom', 'It was boring.', 'robot', 'kept');
    INSERT INTO import_logs (import_type, requested_by, status, completed_at, failure_kind, error_message, dismissed_by,
                             range_start, range_end, progress_total, successful_dates, failed_dates)
        VALUES ('date_range', 'robot', 'failed', now(), 'boredom', 'It was boring.', 'robot', '2025-06-01', '2025-06-02', 2, 0, 1);
    INSERT INTO import_dates (import_id, date, outcome, failure_kind) VALUES (4, '2025-06-01', 'postponed', 'boredom');
    INSERT INTO import_logs (import_type, requested_by, status, completed_at) VALUES ('telegram', 'robot', 'success', now());
    INSERT INTO import_events (log_id, kind, attempt, phase, detail)
        SELECT id, kind, 1, 'pondering', 'robot' FROM import_logs, unnest(ARRAY['dreamt', 'phase', 'cancel_asked', 'undone']) AS kind;
    INSERT INTO audit (action, actor_kind, door, import_id, detail)
        VALUES ('fly', 'balloon', 'robot', 3, '{\"what\": \"soared\", \"role\": \"emperor\", \"wings\": 2}');
    INSERT INTO bulk_work (kind, total) VALUES ('polish', 3);";

/// Where one can look, each with the ids of the imports in the gap.
fn windows() -> Vec<String> {
    let looks = |(method, ..): &&Door| *method == "GET";
    let address = |(_, path, given, _): &Door| match *given {
        "" => (*path).to_owned(),
        given => format!("{path}?{}", given.replace("999999", "{id}")),
    };
    let addresses = DOORS.iter().filter(looks).map(address);
    let of_each = addresses.flat_map(|path| {
        let ids = if path.contains("{id}") { 1..=5 } else { 1..=1 };
        ids.map(move |id| {
            path.replace("{id}", &id.to_string())
                .replace("{token}", "0198c0de-0000-7000-8000-000000000000")
                .replace("{*game}", "L03-01")
        })
    });
    of_each.collect()
}

#[sqlx::test(migrations = false)]
async fn words_of_a_newer_version_break_no_page_no_answer_and_no_file(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    assert_eq!(app.import(small_backup()).await.status, StatusCode::OK);
    app.execute(NEWER).await;
    app.monitoring.fold().await.unwrap();
    let admin = Caller::with_account(&app, Role::Admin).await;
    let windows = windows();
    for path in &windows {
        let asked = admin.sends(Request::get(path).header("host", "localhost:3000"));
        let answer = app
            .router
            .clone()
            .oneshot(asked.body(Body::empty()).unwrap());
        let answer = answer.await.unwrap();
        assert!(
            !answer.status().is_server_error(),
            "{path}: {}",
            answer.status()
        );
        if path == "/events" {
            continue; // It goes on for ever.
        }
        // A file whose middle fails is cut off.
        let read = tokio::time::timeout(Duration::from_secs(30), answer.into_body().collect());
        assert!(read.await.unwrap().is_ok(), "{path} is cut off");
    }
    assert!(windows.len() > 60, "{}", windows.len());
    let list = Request::get("/imports").header("host", "localhost:3000");
    let list = app.send(admin.sends(list).body(Body::empty()).unwrap());
    assert!(list.await.text().contains("of a newer kind"));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_only_a_newer_version_knows_is_left_to_it(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    assert_eq!(app.import(small_backup()).await.status, StatusCode::OK);
    app.execute(NEWER).await;
    assert!(!app.log(3).await.retryable);
    let refused = app.post("/import-logs/3/retry").await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
    assert!(refused.text().contains("only a newer version"));
    for (path, status) in [
        ("/import-logs/2/cancel", StatusCode::ACCEPTED),
        ("/import-logs/3/dismiss", StatusCode::OK),
        ("/import-logs/5/undo", StatusCode::CONFLICT),
        ("/import-logs/retry", StatusCode::ACCEPTED),
    ] {
        let answer = app.post(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
    assert_eq!(app.number("SELECT count(*) FROM import_logs").await, 5);
    let removed = app.delete("/import-logs/5").await;
    assert_eq!(removed.status, StatusCode::OK, "{}", removed.text());
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn imports_of_a_newer_kind_wait_for_it_and_hold_up_nobody(pool: PgPool) {
    let mut app = App::idle(&pool, &[]).await;
    app.execute(
        "ALTER TABLE import_logs DROP CONSTRAINT import_logs_import_type_check;
         INSERT INTO import_logs (import_type) VALUES ('telegram');
         INSERT INTO import_runs (import_id, phase, lane) VALUES (1, 'queued', 'short');",
    )
    .await;
    app.keep(app.works());
    let sample = app.imports.start_sample(&by(Requester::Page)).await;
    let sample = app.ended(sample.unwrap().id).await;
    assert_eq!(sample.status, ImportStatus::Success);
    let log = app.log(1).await;
    assert_eq!(log.import_type, ImportType::Unknown);
    assert_eq!((log.phase, log.attempt), (Phase::Queued, 0));
    // Nor is one taken from the newer process that works on it, or ended while that is there.
    app.execute("UPDATE import_runs SET phase = 'pondering', attempt = 1")
        .await;
    let housekeeping: &Housekeeping = &app.housekeeping;
    housekeeping.recover().await.unwrap();
    assert_eq!(app.log(1).await.phase, Phase::Unknown);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_role_that_only_a_newer_version_knows_may_do_what_every_role_may(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let admin = Caller::with_account(&app, Role::Admin).await;
    let people = [
        Caller::with_account(&app, Role::Operator).await,
        Caller::with_token(&app, Role::Operator).await,
    ];
    app.execute(
        "ALTER TABLE accounts DROP CONSTRAINT accounts_role_check;
         ALTER TABLE api_tokens DROP CONSTRAINT api_tokens_role_check;
         UPDATE accounts SET role = 'emperor' WHERE role = 'operator';
         UPDATE api_tokens SET role = 'emperor'",
    )
    .await;
    let status = async |person: &Caller, request: axum::http::request::Builder| {
        let request = person.sends(request.header("host", "localhost:3000"));
        app.send(request.body(Body::empty()).unwrap()).await.status
    };
    for person in &people {
        let [sees, imports] = [
            status(person, Request::get("/import-logs")).await,
            status(person, Request::post("/import-sample-data")).await,
        ];
        assert_eq!((sees, imports), (StatusCode::OK, StatusCode::FORBIDDEN));
    }
    assert_eq!(Action::See.least(), Role::Viewer);
    assert_eq!(
        status(&admin, Request::get("/accounts")).await,
        StatusCode::OK
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_older_program_runs_beside_a_newer_schema_and_migrates_nothing(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let schema = async || {
        let mut connection = app.pool.acquire().await.unwrap();
        db::schema(&mut connection).await.unwrap()
    };
    assert_eq!(schema().await, Schema { lacks: 0, newer: 0 });
    let url = sqlx::ConnectOptions::to_url_lossy(&*pool.connect_options()).to_string();
    let config = config(app.folder.path(), &[("DATABASE_URL", &url)]);
    let migrated = async || migrate(&config).await.unwrap();
    assert_eq!(migrated().await, "The schema is up to date.");
    app.execute(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (20991231000001, 'newer', true, '', 0)",
    )
    .await;
    assert_eq!(schema().await, Schema { lacks: 0, newer: 1 });
    let told = migrated().await;
    assert!(told.contains("has 1 migration more"), "{told}");
    connect(&config).await.unwrap().close().await;
    app.execute("DELETE FROM _sqlx_migrations WHERE version = 20261125000008")
        .await;
    assert_eq!(schema().await, Schema { lacks: 1, newer: 1 });
    let told = connect(&config).await.unwrap_err();
    assert!(told.to_string().contains("lacks 1 of its"), "{told}");
    app.execute("DROP TABLE _sqlx_migrations").await;
    let all = db::MIGRATIONS.iter().count();
    assert_eq!(
        schema().await,
        Schema {
            lacks: all,
            newer: 0
        }
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_connection_to_a_server_that_takes_no_changes_is_given_to_nobody_else(pool: PgPool) {
    let options = (*pool.connect_options()).clone();
    let pool = db::pool_options()
        .max_connections(1)
        .connect_lazy_with(options);
    let mut first = pool.acquire().await.unwrap();
    let id = "SELECT pg_backend_pid()";
    let before: i32 = sqlx::query_scalar(id).fetch_one(&mut *first).await.unwrap();
    // As a session of a standby is.
    let read_only = sqlx::raw_sql("SET default_transaction_read_only = on");
    read_only.execute(&mut *first).await.unwrap();
    drop(first);
    let after: i32 = sqlx::query_scalar(id).fetch_one(&pool).await.unwrap();
    assert_ne!(before, after);
    let again: i32 = sqlx::query_scalar(id).fetch_one(&pool).await.unwrap();
    assert_eq!(after, again, "one that takes them is kept");
    pool.close().await;
}
