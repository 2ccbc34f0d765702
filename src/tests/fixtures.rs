//! Small inputs.

use std::{fmt::Write as _, path::Path};

use axum::Router;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use crate::{
    model::import_log::Requester,
    server::{
        actor::{Actor, Who},
        config::Config,
        feed::simulator,
        importer::generate,
    },
};

/// Somebody at this machine, while there is no account, through this door.
pub fn by(door: Requester) -> Actor {
    Actor::new(door, Who::Anyone, None)
}

/// A game of a backup.
pub fn game(id: i64, base_game_id: &str) -> Value {
    json!({ "id": id, "base_game_id": base_game_id, "game_name": format!("ดาวโจนส์ {base_game_id}") })
}

/// A completed result of a backup.
pub fn result(game_id: i64, date: &str) -> Value {
    json!({ "game_id": game_id, "result_date": date, "result_3up": "082", "result_2down": "05", "status": "completed" })
}

/// A backup of these records.
pub fn backup(games: &[Value], results: &[Value]) -> String {
    json!({ "games": games, "results": results }).to_string()
}

/// The same with the results before the games.
pub fn backup_results_first(games: &[Value], results: &[Value]) -> String {
    format!(
        r#"{{"results": {}, "stats": {{"x": [1]}}, "games": {}}}"#,
        json!(results),
        json!(games)
    )
}

/// One game with one result.
pub fn small_backup() -> String {
    backup(&[game(17, "L03-01")], &[result(17, "2025-06-22")])
}

/// A backup of ten games and so many results.
pub fn generated(results: u32) -> Vec<u8> {
    let mut backup = Vec::new();
    generate::backup(10, results, &mut backup).unwrap();
    backup
}

/// A server on a port of its own, for as long as the answer lives.
pub struct Server {
    pub url: String,
    _serving: AbortOnDropHandle<()>,
}

pub async fn serve(router: Router) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Server {
        url,
        _serving: AbortOnDropHandle::new(serving),
    }
}

/// The made-up feed, with this much trouble.
pub async fn feed(trouble: simulator::Trouble) -> Server {
    serve(simulator::router(trouble)).await
}

/// The SHA-256 of a file, as logs have it.
pub fn sha256(file: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(file) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The configuration, read as an operator writes it: these variables over those that make tests quick.
pub fn config(folder: &Path, variables: &[(&str, &str)]) -> Config {
    let payloads = Url::from_directory_path(folder).unwrap();
    let defaults = [
        ("DATABASE_URL", "postgres://unused/unused"),
        ("NUMWATCH_PAYLOADS", payloads.as_str()),
        ("FEED_DELAY_SECONDS", "0"),
        ("FEED_BACKOFF_SECONDS", "0.001"),
        ("FEED_RETRIES", "2"),
    ];
    Config::read(&|name| {
        let mut set = variables.iter().chain(&defaults);
        set.find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    })
    .unwrap()
}
