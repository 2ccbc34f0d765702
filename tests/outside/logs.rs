//! What a real process writes into a file: lines for machines, or for people, but nothing that is only for a terminal.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::Child,
};

use serde_json::Value;
use sqlx::PgPool;

use super::secrets::{numwatch, url_of};

/// A server that writes its log into a file.
struct Server {
    child: Child,
    addr: String,
}

impl Server {
    fn start(folder: &Path, log: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = numwatch(folder, variables);
        let mut child = command
            .arg("serve")
            .env("RUST_LOG", "info")
            .stderr(File::create(log).unwrap())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let addr = lines.map_while(Result::ok).find_map(|line| {
            line.strip_prefix("NumWatch is at http://")
                .map(str::to_owned)
        });
        let addr = addr.unwrap_or_else(|| panic!("{}", fs::read_to_string(log).unwrap()));
        Self { child, addr }
    }

    /// The body of the answer.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut connection = TcpStream::connect(&self.addr).unwrap();
        write!(
            connection,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            self.addr,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        body.to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lets a server import something that is no backup, and answers the problem document, the log row and the server's log.
fn failed_import(pool: &PgPool, format: &str) -> (Value, Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let url = url_of(pool);
    let variables = [("DATABASE_URL", &*url), ("NUMWATCH_LOG_FORMAT", format)];
    let migrated = numwatch(folder.path(), &variables).arg("migrate").output();
    assert!(migrated.unwrap().status.success());
    let server = Server::start(folder.path(), &log, &variables);
    // What would colour a terminal, in each place from which it could come into the log.
    let problem = server.ask(
        "POST",
        "/import-backup?",
        "Content-Type: application/json\r\nX-Filename: %1B%5B31mred.json\r\nX-Request-Id: mine-1\r\n",
        "{\"games\": \"\u{1b}[31m\"",
    );
    server.ask("GET", "/%1B%5B31m", "", "");
    let problem: Value = serde_json::from_str(&problem).unwrap();
    let path = format!("/import-logs/{}", problem["import_id"]);
    let row = serde_json::from_str(&server.ask("GET", &path, "", "")).unwrap();
    drop(server);
    (problem, row, fs::read_to_string(log).unwrap())
}

#[sqlx::test(migrations = false)]
async fn a_log_for_machines_names_the_request_of_which_the_problem_and_the_row_speak(pool: PgPool) {
    let (problem, row, log) = failed_import(&pool, "json");
    assert_eq!(problem["request_id"], "mine-1");
    assert!(
        row.to_string().contains(r#""request_id":"mine-1""#),
        "{row}"
    );
    assert!(!log.contains('\u{1b}'), "{log}");
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let said = |text: &str| {
        let line = lines.iter().find(|line| line["fields"]["message"] == text);
        line.unwrap_or_else(|| panic!("no \"{text}\": {log}"))
            .clone()
    };
    for text in ["import begins", "import did not succeed"] {
        let span = &said(text)["span"];
        assert_eq!(span["name"], "import", "{span}");
        assert_eq!(span["id"], problem["import_id"]);
        assert_eq!(
            (&span["attempt"], &span["type"]),
            (&1.into(), &"backup".into())
        );
        assert_eq!(span["request"], "mine-1");
    }
}

#[sqlx::test(migrations = false)]
async fn a_log_for_people_holds_no_colours_in_a_file(pool: PgPool) {
    let (_, _, log) = failed_import(&pool, "text");
    assert!(!log.contains('\u{1b}'), "{log}");
    let line = log.lines().find(|line| line.contains("import begins"));
    let line = line.unwrap_or_else(|| panic!("{log}"));
    assert!(
        line.contains(r#"import{id=1 attempt=1 type="backup" request="mine-1"}"#),
        "{line}"
    );
}
