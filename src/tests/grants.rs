//! A role of its own for the application: it can do all that the application does, and nothing to the audit but add to it.

use axum::{body::Body, http::Request};
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgPool, postgres::PgConnectOptions};

use super::{
    app::{App, upload},
    fixtures::{backup, by, config, feed, game, generated, result, small_backup},
};
use crate::{
    model::{
        access::{Action, Role},
        audit::Detail,
        import_log::{FailureKind, ImportStatus, Requester},
    },
    server::{
        cli::connect::migrate,
        db::{self, audit, grants},
        feed::simulator::Trouble,
    },
};

/// A role that has what the application needs; it is called as its test's database.
struct Restricted {
    owner: PgPool,
    name: String,
}

impl Restricted {
    /// Makes a role that may nothing, in a database that may still lack its schema.
    async fn without_grants(owner: &PgPool) -> Self {
        let name: String = sqlx::query_scalar("SELECT current_database()::text")
            .fetch_one(owner)
            .await
            .unwrap();
        let role = Self {
            owner: owner.clone(),
            name,
        };
        // One of a run that was cut off may still be there.
        role.own(format!(
            "DO $$ BEGIN CREATE ROLE \"{0}\"; EXCEPTION WHEN duplicate_object THEN END $$;
             ALTER ROLE \"{0}\" LOGIN PASSWORD 'of a test'",
            role.name
        ))
        .await;
        role
    }

    async fn new(owner: &PgPool) -> Self {
        let role = Self::without_grants(owner).await;
        db::MIGRATIONS.run(owner).await.unwrap();
        let mut connection = owner.acquire().await.unwrap();
        grants::give(&mut connection, &role.name).await.unwrap();
        role
    }

    fn options(&self) -> PgConnectOptions {
        let options = (*self.owner.connect_options()).clone();
        options.username(&self.name).password("of a test")
    }

    /// Does something as the owner.
    async fn own(&self, sql: String) {
        let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.owner).await;
        done.unwrap();
    }

    /// Ends it. Other databases know nothing of it.
    async fn gone(self) {
        self.own(format!(
            "DROP OWNED BY \"{0}\"; DROP ROLE \"{0}\"",
            self.name
        ))
        .await;
    }
}

#[sqlx::test(migrations = false)]
async fn the_application_does_all_that_it_does(pool: PgPool) {
    let role = Restricted::new(&pool).await;
    let feed = feed(Trouble::default()).await;
    let variables = [("EXTERNAL_API_URL", feed.url.as_str())];
    let app = App::connected(role.options(), &variables).await.at_work();
    let post = async |path: &str| {
        let reply = app.post(path).await;
        assert!(reply.status.is_success(), "{path}: {}", reply.text());
        reply
    };

    // Imports of each kind, which create, change and take over.
    app.presents_itself().await;
    post("/import-sample-data").await;
    assert_eq!(app.import(generated(500)).await.status.as_u16(), 200);
    post("/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-22").await;
    let games = [game(17, "L03-01"), game(18, "L03-02")];
    app.import(backup(&games[..1], &[])).await;
    let later = backup(
        &games,
        &[result(17, "2025-06-23"), result(18, "2025-06-23")],
    );
    let id = app.import(later.clone()).await.id("import_id");

    // A check, and an undo.
    let check = upload().uri("/import-backup?dry_run=true");
    let checked = app.send(check.body(later.into()).unwrap()).await;
    assert_eq!(checked.status.as_u16(), 200, "{}", checked.text());
    post(&format!("/import-logs/{id}/undo?dry_run=true")).await;
    post(&format!("/import-logs/{id}/undo")).await;

    // Cancelling ends another session of the same role.
    let held = app.hold_merges().await;
    let id = app.queue(small_backup()).await;
    app.until_held(1).await;
    post(&format!("/import-logs/{id}/cancel")).await;
    let cancelled = app.ended(id).await;
    assert_eq!(cancelled.failure_kind, Some(FailureKind::Cancelled));
    drop(held);
    let again = post(&format!("/import-logs/{id}/retry")).await.id("id");
    assert_eq!(app.ended(again).await.status, ImportStatus::Success);
    let broken = app.queue("[]".to_owned()).await;
    assert_eq!(app.ended(broken).await.status, ImportStatus::Failed);
    post(&format!("/import-logs/{broken}/dismiss")).await;

    // The scheduler, and what runs by itself.
    post("/scheduler/stop").await;
    post("/scheduler/start").await;
    post("/scheduler/trigger").await;
    app.housekeeping.recover().await.unwrap();
    app.housekeeping.tidy().await.unwrap();
    assert!(app.number("SELECT fold_import_log_deltas(1000)").await > 0);

    // Every page.
    for path in [
        "/",
        "/imports",
        "/imports?q=json",
        "/results",
        "/coverage",
        "/monitoring",
        "/audit",
        "/imports/1",
        "/export-data",
        "/results.csv",
        "/import-logs.csv",
        "/audit.csv",
        "/health",
    ] {
        let page = app.page(path).await;
        assert_eq!(page.status.as_u16(), 200, "{path}");
    }

    // Clearing, bit by bit and all at once.
    app.retention.run(&by(Requester::Cli)).await.unwrap();
    let form = Request::post("/imports/bulk?import_type=backup")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("do=remove"));
    assert_eq!(app.send(form.unwrap()).await.status.as_u16(), 303);
    for path in ["/import-logs", "/clear-data"] {
        let cleared = app.delete(path).await;
        assert_eq!(cleared.status.as_u16(), 200, "{path}: {}", cleared.text());
    }
    assert_eq!(app.data().await, (0, 0));
    assert!(app.number("SELECT count(*) FROM audit").await > 5);

    // Who may do what, at the end: from here on everybody signs in.
    let access = &app.state.access;
    let terminal = by(Requester::Cli);
    access
        .add_account(
            "anong",
            Role::Admin,
            "a long enough password".into(),
            &terminal,
        )
        .await
        .unwrap();
    let sign_in = Request::post("/auth/login").header("content-type", "application/json");
    let name = r#"{"username": "anong", "password": "a long enough password"}"#;
    let signed_in = app.send(sign_in.body(Body::from(name)).unwrap()).await;
    assert_eq!(signed_in.status.as_u16(), 200, "{}", signed_in.text());
    let wrong = Request::post("/auth/login").header("content-type", "application/json");
    let name = r#"{"username": "anong", "password": "another"}"#;
    let refused = app.send(wrong.body(Body::from(name)).unwrap()).await;
    assert_eq!(refused.status.as_u16(), 401, "{}", refused.text());
    app.stop().await;
    role.gone().await;
}

#[sqlx::test(migrations = false)]
async fn the_application_adds_to_the_audit_and_does_nothing_else_to_it(pool: PgPool) {
    let role = Restricted::new(&pool).await;
    let app = App::connected(role.options(), &[]).await;
    let actor = by(Requester::Api);
    let permit = actor.permit(Action::ClearData).unwrap();
    audit::note(&app.pool, &permit, None, Detail::default())
        .await
        .unwrap();
    for sql in [
        "UPDATE audit SET refused = true",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "TRUNCATE audit CASCADE",
        "INSERT INTO audit (at, action, actor_kind, door) VALUES ('2020-01-01', 'undo', 'anyone', 'page')",
        "INSERT INTO audit (id, action, actor_kind, door) OVERRIDING SYSTEM VALUE VALUES (0, 'undo', 'anyone', 'page')",
        "SELECT nextval('audit_id_seq')",
        "SELECT setval('audit_id_seq', 1)",
        "ALTER TABLE audit DISABLE TRIGGER audit_stays",
        "DROP TRIGGER audit_stays ON audit",
        "ALTER TABLE audit RENAME TO other",
        "ALTER TABLE audit ADD COLUMN more text",
        "DROP TABLE audit",
        "CREATE TRIGGER other BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite()",
        "CREATE RULE other AS ON INSERT TO audit DO INSTEAD NOTHING",
        "CREATE OR REPLACE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TABLE other (audit text)",
        "SET session_replication_role = replica",
        "UPDATE result_changes SET old_status = 'x'",
        "DELETE FROM game_changes",
        "DELETE FROM _sqlx_migrations",
        "TRUNCATE import_logs CASCADE",
    ] {
        let told = sqlx::raw_sql(sql)
            .execute(&app.pool)
            .await
            .map_err(|error| error.to_string());
        let told = told.expect_err(sql);
        assert!(
            told.contains("permission denied") || told.contains("must be owner"),
            "{sql}: {told}"
        );
    }
    assert_eq!(app.number("SELECT count(*) FROM audit").await, 1);
    app.stop().await;
    role.gone().await;
}

/// `numwatch migrate` gives what is needed, again and again; and says what keeps it from being of use.
#[sqlx::test(migrations = false)]
async fn migrating_as_the_owner_lets_the_application_in(pool: PgPool) {
    let role = Restricted::without_grants(&pool).await;
    let folder = tempfile::tempdir().unwrap();
    let url = |options: &PgConnectOptions| options.to_url_lossy().to_string();
    let owner = url(&pool.connect_options());
    let application = url(&role.options());
    let of = |owner: &str, application: &str| {
        let variables = [("DATABASE_URL", application), ("DATABASE_OWNER_URL", owner)];
        config(folder.path(), &variables)
    };
    let migrated = |owner: &str, application: &str| {
        let config = of(owner, application);
        async move { migrate(&config).await.map_err(|error| error.to_string()) }
    };
    let told = migrated(&owner, &owner).await.unwrap_err();
    assert!(told.contains("could change its own audit"), "{told}");
    for _ in 0..2 {
        migrated(&owner, &application).await.unwrap();
        let app = App::connected(role.options(), &[]).await.at_work();
        let imported = app.import(small_backup()).await;
        assert_eq!(imported.status.as_u16(), 200, "{}", imported.text());
        app.stop().await;
    }
    // What it was given besides is taken from it again; what everybody was given isn't the application's alone.
    role.own(format!(
        "GRANT ALL ON audit, _sqlx_migrations TO \"{}\"",
        role.name
    ))
    .await;
    migrated(&owner, &application).await.unwrap();
    role.own("GRANT DELETE ON audit TO PUBLIC".to_owned()).await;
    let told = migrated(&owner, &application).await.unwrap_err();
    assert!(told.contains("may still change the audit"), "{told}");
    let elsewhere = application.replace(&role.name, "postgres");
    let told = migrated(&owner, &elsewhere).await.unwrap_err();
    assert!(told.contains("Let both lead to the same one"), "{told}");
    role.gone().await;
}
