//! The configuration as an operator writes it.

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::read(&|name| {
        let set = [
            ("DATABASE_URL", "postgres://localhost/x"),
            ("HOME", "/home/somebody"),
        ];
        variables
            .iter()
            .chain(&set)
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn defaults_are_those_of_env_example() {
    let config = read(&[]).unwrap();
    assert_eq!(config.addr.to_string(), "127.0.0.1:3000");
    assert_eq!(
        config.payloads.shown(),
        "file:///home/somebody/.local/share/numwatch/payloads/"
    );
    assert_eq!(config.schedule.expression, "*/5 * * * *");
    assert!(config.feed.url.is_none());
    assert_eq!(config.database_connections, 16);
    assert_eq!((config.retention.logs, config.retention.payloads), (30, 7));
    let many = read(&[("NUMWATCH_WORKERS", "20")]).unwrap();
    assert_eq!(many.database_connections, 45);
}

#[test]
fn a_wrong_value_names_its_variable() {
    for (name, value) in [
        ("NUMWATCH_ADDR", "localhost"),
        ("NUMWATCH_METRICS_ADDR", "9464"),
        ("NUMWATCH_WORKERS", "0"),
        ("NUMWATCH_WORKERS", "many"),
        ("NUMWATCH_DATABASE_CONNECTIONS", "5"),
        ("NUMWATCH_LEASE_SECONDS", "-1"),
        ("NUMWATCH_HEARTBEAT_SECONDS", "5.5"),
        ("NUMWATCH_HEARTBEAT_SECONDS", "0"),
        ("FEED_DELAY_SECONDS", "soon"),
        ("FEED_ALLOW_HTTP", "yes"),
        ("FEED_MAX_BYTES", "16 MB"),
        ("FEED_MAX_BYTES", "0"),
        ("SCHEDULE", "every day"),
        ("NUMWATCH_MAX_UPLOAD_BYTES", "0"),
        ("NUMWATCH_MAX_RECORD_BYTES", "1 MiB"),
        ("NUMWATCH_MAX_JSON_DEPTH", "128"),
        ("NUMWATCH_MAX_HEADERS", "101"),
        ("NUMWATCH_BODY_IDLE_SECONDS", "0"),
        ("NUMWATCH_MAX_CONNECTIONS", "0"),
        ("RETENTION_DAYS", "-1"),
        ("RETENTION_DAYS", "a month"),
        ("PAYLOAD_RETENTION_DAYS", "0.5"),
        ("PAYLOAD_RETENTION_DAYS", "100000"),
    ] {
        let error = read(&[(name, value)]).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{name}: \"{value}")), "{error}");
    }
}

#[test]
fn a_wrong_secret_is_named_but_not_shown() {
    for (name, value, words) in [
        ("EXTERNAL_API_URL", "hunter2", "is not a URL"),
        (
            "EXTERNAL_API_URL",
            "hunter2:hunter2@host",
            "is not an http or https URL",
        ),
        (
            "EXTERNAL_API_URL",
            "ftp://u:hunter2@host/hunter2",
            "is not an http or https URL",
        ),
        (
            "EXTERNAL_API_URL",
            "https://u:p@host:hunter2/",
            "is not a URL",
        ),
        (
            "EXTERNAL_API_URL",
            "http://u:hunter2@feed.example",
            "is http, and leads away",
        ),
        ("NUMWATCH_PAYLOADS", "hunter2", "is not a URL"),
    ] {
        let error = read(&[(name, value)]).unwrap_err();
        let said = error.to_string();
        assert!(said.starts_with(&format!("{name}: {words}")), "{said}");
        assert!(!format!("{said} {error:?}").contains("hunter2"), "{said}");
    }
}

#[test]
fn a_feed_in_plain_text_is_asked_when_allowed() {
    let feed = ("EXTERNAL_API_URL", "http://feed.example");
    assert!(read(&[feed]).is_err());
    assert!(read(&[feed, ("FEED_ALLOW_HTTP", "false")]).is_err());
    assert!(read(&[feed, ("FEED_ALLOW_HTTP", "true")]).is_ok());
    assert!(read(&[("EXTERNAL_API_URL", "http://127.0.0.1:4000")]).is_ok());
}

#[test]
fn the_configuration_prints_without_its_secrets() {
    let config = read(&[
        (
            "DATABASE_URL",
            "postgres://u:hunter2@host/db?password=hunter2",
        ),
        (
            "EXTERNAL_API_URL",
            "https://u:hunter2@host/hunter2?key=hunter2",
        ),
        (
            "NUMWATCH_DATABASE_DIRECT_URL",
            "postgres://u:hunter2@host/db",
        ),
        ("NUMWATCH_PAYLOADS", "s3://u:hunter2@bucket/x?key=hunter2"),
        ("AWS_ACCESS_KEY_ID", "hunter2"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
        ("AWS_SESSION_TOKEN", "hunter2"),
    ])
    .unwrap();
    let printed = format!("{config:?} {config:#?}");
    assert!(!printed.contains("hunter2"), "{printed}");
}

#[test]
fn open_failures_are_kept_at_least_90_days() {
    for (days, kept) in [("0", 0), ("1", 90), ("90", 90), ("365", 365)] {
        let config = read(&[("RETENTION_DAYS", days)]).unwrap();
        assert_eq!(config.retention.open_failures(), kept, "{days}");
    }
}

#[test]
fn a_short_lease_is_renewed_often_enough() {
    let lease = read(&[("NUMWATCH_LEASE_SECONDS", "1.5")])
        .unwrap()
        .attempts
        .lease;
    assert_eq!(lease.length, Duration::from_millis(1500));
    assert_eq!(lease.heartbeat, Duration::from_millis(500));
}

#[test]
fn an_empty_value_counts_as_not_set() {
    assert!(
        read(&[("EXTERNAL_API_URL", "")])
            .unwrap()
            .feed
            .url
            .is_none()
    );
    assert!(
        read(&[("DATABASE_URL", " ")])
            .unwrap_err()
            .to_string()
            .starts_with("DATABASE_URL: is not set")
    );
}
