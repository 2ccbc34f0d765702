//! Two machines, as far as that goes on one: two processes with folders of their own, one database, and an object store that
//! both reach over the network.

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sqlx::PgPool;
use tempfile::TempDir;
use url::Url;

use crate::{s3::S3, server::Server};

/// More than a store on the network takes as one part.
const BLANK: usize = 6 << 20;

/// Makes the database refuse the file, and take it after all.
const REFUSE: &str = "ALTER TABLE games ADD CONSTRAINT refused CHECK (base_game_id <> 'L03-01')";
const ACCEPT: &str = "ALTER TABLE games DROP CONSTRAINT refused";

/// The program on a machine of its own.
fn numwatch(machine: &Path, pool: &PgPool, s3: &S3) -> Command {
    let site = machine.join("site");
    fs::create_dir_all(site.join("pkg")).unwrap();
    let mut database: Url = env::var("DATABASE_URL").unwrap().parse().unwrap();
    database.set_path(pool.connect_options().get_database().unwrap());
    let mut command = Command::new(env!("CARGO_BIN_EXE_numwatch"));
    command
        .current_dir(machine)
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", machine)
        .env("NUMWATCH_DATA_DIR", machine.join("data"))
        .env("NUMWATCH_SITE_ROOT", site)
        .env("NUMWATCH_ADDR", "127.0.0.1:0")
        .env("DATABASE_URL", database.as_str())
        .envs(s3.variables())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What an answer holds, without its head.
fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn json_of(answer: &str) -> Value {
    serde_json::from_str(body(answer)).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

/// Waits for the end of the import whose beginning was answered so, and asks this machine.
fn ended(machine: &Server, started: &str) -> Value {
    let path = format!("/import-logs/{}", json_of(started)["id"]);
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let log = json_of(&machine.ask("GET", &path));
        if log["status"] != "running" {
            return log;
        }
        assert!(Instant::now() < deadline, "it never ends: {log}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[sqlx::test(migrations = false)]
async fn what_one_machine_receives_another_imports_retries_and_exports(pool: PgPool) {
    let s3 = S3::start();
    let machines = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [near, far] = machines.each_ref().map(TempDir::path);
    let migrated = numwatch(near, &pool, &s3).arg("migrate").output().unwrap();
    assert!(migrated.status.success(), "{migrated:?}");
    let mut serve = numwatch(near, &pool, &s3);
    let receives = Server::start({
        serve.args(["serve", "--no-worker"]);
        serve
    });
    let mut serve = numwatch(far, &pool, &s3);
    let imports = Server::start({
        serve.arg("serve");
        serve
    });

    let game = json!({ "id": 17, "base_game_id": "L03-01", "game_name": "ดาวโจนส์" });
    let result = json!({ "game_id": 17, "result_date": "2025-06-22", "result_3up": "082", "result_2down": "05", "status": "completed" });
    let blank = " ".repeat(BLANK);
    let file = format!(r#"{{"games": [{game}],{blank}"results": [{result}]}}"#);
    // The database refuses the file at first, so that it is kept.
    sqlx::query(REFUSE).execute(&pool).await.unwrap();
    let started = receives.send("POST", "/import-backup", file.as_bytes());
    let failed = ended(&receives, &started);
    assert_eq!(failed["status"], "failed", "{failed}");
    let kept: String =
        sqlx::query_scalar("SELECT payload FROM import_logs WHERE status = 'failed'")
            .fetch_one(&pool)
            .await
            .unwrap();
    let kept = s3.objects(&kept);
    assert_eq!((kept.len(), s3.parts()), (1, 0), "{kept:?}");
    assert!(
        fs::read(&kept[0]).unwrap() == file.as_bytes(),
        "other bytes are kept"
    );
    sqlx::query(ACCEPT).execute(&pool).await.unwrap();
    let again = ended(
        &imports,
        &imports.ask("POST", &format!("/import-logs/{}/retry", failed["id"])),
    );
    assert_eq!(again["status"], "success", "{again}");
    assert_eq!(
        (&again["retry_of"], &again["results_created"]),
        (&failed["id"], &json!(1))
    );
    let exports = [&receives, &imports].map(|machine| json_of(&machine.ask("GET", "/export-data")));
    for member in ["games", "results"] {
        assert_eq!(exports[0][member], exports[1][member]);
        assert_eq!(
            exports[0][member].as_array().unwrap().len(),
            1,
            "{}",
            exports[0]
        );
    }
    assert_eq!(exports[1]["results"][0]["result_3up"], "082");
    // Both have one store, and nothing of it on a disk of theirs.
    let status = json_of(&receives.ask("GET", "/scheduler/status"));
    assert_eq!(
        (
            status["processes"].as_array().unwrap().len(),
            &status["warning"]
        ),
        (2, &Value::Null),
        "{status}"
    );
    for machine in [near, far] {
        assert!(
            !machine.join("data").exists(),
            "it keeps something in its own folder"
        );
    }
}
