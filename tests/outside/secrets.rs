//! Secrets in real processes: whatever a process prints, answers or leaves behind, none of what it was told in confidence is
//! in it.

use std::{
    env, fs,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use sqlx::PgPool;
use url::Url;

use crate::server::Server;

/// What stands in every secret, and nowhere else.
const MARK: &str = "hunter2";

/// A proxy that isn't there: what is asked through it fails at once.
const DEAD_PROXY: &str = "http://hunter2-user:hunter2-password@127.0.0.1:1";
const FEED: &str = "https://hunter2-user:hunter2-password@feed.invalid/results?key=hunter2-key";
const UNREACHABLE: &str =
    "postgres://numwatch:hunter2-password@127.0.0.1:1/numwatch?password=hunter2-too";

/// The program in a folder of its own, with this environment and no other.
pub fn numwatch(folder: &Path, variables: &[(&str, &str)]) -> Command {
    let site = folder.join("site");
    fs::create_dir_all(site.join("pkg")).unwrap();
    // A shell, so that the program begins where cores are written.
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -c unlimited || true; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_numwatch"))
        .current_dir(folder)
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("NUMWATCH_SITE_ROOT", site)
        .env("NUMWATCH_ADDR", "127.0.0.1:0")
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .env("FEED_RETRIES", "0")
        .env("HTTP_PROXY", DEAD_PROXY)
        .env("HTTPS_PROXY", DEAD_PROXY)
        .env("PGPASSWORD", "hunter2-password")
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8_lossy(&text).into_owned()
}

fn tells_nothing(text: &str, of: &str) {
    let told: Vec<&str> = text.lines().filter(|line| line.contains(MARK)).collect();
    assert!(told.is_empty(), "{of}:\n{}", told.join("\n"));
}

/// The database of a test, as an operator would write it, with a password that PostgreSQL doesn't ask for.
pub fn url_of(pool: &PgPool) -> String {
    let mut url: Url = env::var("DATABASE_URL").unwrap().parse().unwrap();
    url.set_path(pool.connect_options().get_database().unwrap());
    url.set_password(Some("hunter2-password")).unwrap();
    url.to_string()
}

#[test]
fn no_help_tells_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = [
        ("DATABASE_URL", UNREACHABLE),
        ("DATABASE_OWNER_URL", UNREACHABLE),
        ("EXTERNAL_API_URL", FEED),
        ("NUMWATCH_FEED_ADDR", "hunter2"),
    ];
    let mut waiting = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(command) = waiting.pop() {
        let output = numwatch(folder.path(), &secrets)
            .args(&command)
            .arg("--help")
            .output()
            .unwrap();
        let help = said(&output);
        assert!(output.status.success(), "{command:?}: {help}");
        tells_nothing(&help, &format!("{command:?} --help"));
        seen += 1;
        let commands = help.split_once("Commands:\n").map_or("", |(_, rest)| rest);
        let commands = commands.lines().take_while(|line| !line.is_empty());
        let names = commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
        for name in names.filter(|name| !name.is_empty() && *name != "help") {
            waiting.push([command.clone(), vec![name.to_owned()]].concat());
        }
    }
    assert!(seen >= 12, "only {seen} helps");
}

#[test]
fn no_start_that_fails_tells_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    fs::write(&path, "hunter2\nhunter2\n").unwrap();
    let two_lines = path.to_str().unwrap();
    let database = ("DATABASE_URL", UNREACHABLE);
    let feed = ("EXTERNAL_API_URL", FEED);
    let mut starts = Vec::new();
    for (variables, words) in [
        (
            &[database, feed, ("NUMWATCH_ADDR", "localhost")][..],
            "NUMWATCH_ADDR:",
        ),
        (
            &[database, feed],
            "DATABASE_URL: the database can't be reached",
        ),
        (
            &[("DATABASE_URL", "hunter2")],
            "DATABASE_URL: the database can't be reached",
        ),
        (
            &[("DATABASE_URL", "postgres://u:p@h:hunter2/d")],
            "DATABASE_URL: the database can't be reached",
        ),
        (
            &[(
                "DATABASE_URL",
                "postgres://u@127.0.0.1:1/d?passwort=hunter2",
            )],
            "DATABASE_URL: the database can't be reached",
        ),
        (
            &[database, ("DATABASE_URL_FILE", two_lines)],
            "DATABASE_URL: is set, and DATABASE_URL_FILE",
        ),
        (
            &[("DATABASE_URL_FILE", two_lines)],
            "has more than one line",
        ),
        (
            &[("DATABASE_URL_FILE", UNREACHABLE)],
            "DATABASE_URL_FILE: its value can't be read",
        ),
        (
            &[
                database,
                ("NUMWATCH_DATABASE_DIRECT_URL", UNREACHABLE),
                ("NUMWATCH_DATABASE_DIRECT_URL_FILE", two_lines),
            ],
            "NUMWATCH_DATABASE_DIRECT_URL: is set, and NUMWATCH_DATABASE_DIRECT_URL_FILE",
        ),
        (
            &[database, ("EXTERNAL_API_URL", "hunter2")],
            "EXTERNAL_API_URL: is not a URL",
        ),
        (
            &[
                database,
                ("EXTERNAL_API_URL", "http://u:hunter2@feed.invalid"),
            ],
            "EXTERNAL_API_URL: is http",
        ),
        (
            &[
                database,
                ("EXTERNAL_API_URL", "ftp://u:hunter2@feed.invalid"),
            ],
            "EXTERNAL_API_URL: is not an http",
        ),
    ] {
        // All at once: who looks for a database waits for a while.
        for command in ["serve", "worker", "migrate", "retain"] {
            let child = numwatch(folder.path(), variables).arg(command).spawn();
            starts.push((command, words, child.unwrap()));
        }
    }
    for (command, words, child) in starts {
        let output = child.wait_with_output().unwrap();
        let text = said(&output);
        assert!(
            !output.status.success() && text.contains(words),
            "{words}: {text}"
        );
        tells_nothing(&text, &format!("{command}, {words}"));
    }
    fs::write(
        folder.path().join(".env"),
        "DATABASE_URL=postgres://u:hunter2 x@h/d\n",
    )
    .unwrap();
    let output = numwatch(folder.path(), &[]).arg("serve").output().unwrap();
    let text = said(&output);
    assert!(
        text.contains(".env can't be read: one of its lines"),
        "{text}"
    );
    tells_nothing(&text, "a broken .env");
}

#[sqlx::test(migrations = false)]
async fn neither_a_server_nor_its_pages_tell_a_secret_and_no_crash_does(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("database_url");
    fs::write(&file, url_of(&pool) + "\n").unwrap();
    let secrets = [
        ("DATABASE_URL_FILE", file.to_str().unwrap()),
        ("EXTERNAL_API_URL", FEED),
    ];
    let migrated = numwatch(folder.path(), &secrets)
        .arg("migrate")
        .output()
        .unwrap();
    assert!(migrated.status.success(), "{}", said(&migrated));
    tells_nothing(&said(&migrated), "migrate");

    // A store that can't be reached, however talkative its client is.
    let unreachable = [
        secrets[0],
        ("NUMWATCH_PAYLOADS", "s3://uploads/numwatch"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "known"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2-key"),
        ("AWS_SESSION_TOKEN", "hunter2-token"),
    ];
    let refused = numwatch(folder.path(), &unreachable)
        .arg("worker")
        .output()
        .unwrap();
    assert!(
        !refused.status.success()
            && said(&refused)
                .contains("NUMWATCH_PAYLOADS: \"s3://uploads/numwatch\" can't be used"),
        "{}",
        said(&refused)
    );
    tells_nothing(&said(&refused), "a store that can't be reached");

    let mut serve = numwatch(folder.path(), &secrets);
    serve.arg("serve");
    let server = Server::start(serve);
    let range = "/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-21";
    let mut answers = vec![server.ask("POST", range)];
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let logs = server.ask("GET", "/import-logs");
        if logs.contains("through the proxy 127.0.0.1:1") {
            answers.push(logs);
            break;
        }
        assert!(Instant::now() < deadline, "no day fails: {logs}");
        thread::yield_now();
    }
    for path in [
        "/",
        "/imports",
        "/imports/1",
        "/import-logs/1",
        "/import-logs.csv",
        "/import-logs.ndjson",
        "/monitoring",
        "/coverage",
        "/games",
        "/results",
        "/scheduler/status",
        "/health",
        "/nothing-here",
        "/imports?limit=x",
    ] {
        answers.push(server.ask("GET", path));
    }
    let whole = answers
        .iter()
        .filter(|answer| answer.contains("200 OK"))
        .count();
    assert!(whole >= 12, "only {whole} pages: {answers:?}");
    for answer in answers {
        tells_nothing(&answer, answer.lines().next().unwrap_or_default());
    }
    let printed = server.crash();
    assert!(
        printed.contains("TRACE"),
        "it is not at its most talkative: {printed}"
    );
    tells_nothing(&printed, "the server's log");

    let range = ["import", "range", "2025-06-20", "2025-06-21"];
    let import = numwatch(folder.path(), &secrets)
        .args(range)
        .output()
        .unwrap();
    assert_eq!(import.status.code(), Some(1), "{}", said(&import));
    tells_nothing(&said(&import), "import range");
    // What the server keeps, in its own words.
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path != file {
            let holds = fs::read(&path).unwrap();
            tells_nothing(
                &String::from_utf8_lossy(&holds),
                &path.display().to_string(),
            );
        }
    }
}
