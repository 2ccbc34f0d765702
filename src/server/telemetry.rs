//! The server's own log: structured lines on standard error.

use std::{
    env,
    io::{self, IsTerminal as _},
};

use tracing_subscriber::EnvFilter;

/// Begins to log, as `RUST_LOG` (default `info`) and `NUMWATCH_LOG_FORMAT` (`text` or `json`) say. In colours only where
/// a person reads it.
///
/// # Errors
/// When one of them can't be used: a sentence that names it.
pub fn init() -> Result<(), String> {
    let filter = match env::var("RUST_LOG") {
        Ok(wanted) if !wanted.trim().is_empty() => EnvFilter::try_new(&wanted).map_err(|error| {
            format!("RUST_LOG: \"{wanted}\" is no filter such as \"info\" or \"info,sqlx=warn\" ({error})")
        })?,
        _ => EnvFilter::new("info,sqlx=warn"),
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let format = env::var("NUMWATCH_LOG_FORMAT").unwrap_or_default();
    match format.trim() {
        "json" => lines.json().init(),
        "" | "text" => {
            let colours = io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none();
            lines.with_target(false).with_ansi(colours).init();
        }
        other => {
            return Err(format!(
                "NUMWATCH_LOG_FORMAT: \"{other}\" is neither \"text\" nor \"json\""
            ));
        }
    }
    Ok(())
}
