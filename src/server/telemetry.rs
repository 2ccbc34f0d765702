//! The server's own log: structured lines on standard error.

use tracing_subscriber::EnvFilter;

/// Begins to log, as `RUST_LOG` (default `info`) and `NUMWATCH_LOG_FORMAT` (`text` or `json`) say.
pub fn init() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::env::var("NUMWATCH_LOG_FORMAT").is_ok_and(|format| format == "json") {
        lines.json().init();
    } else {
        lines.with_target(false).init();
    }
}
