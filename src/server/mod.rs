//! Everything that needs the server. [`cli`] is the only place that wires the parts together.

pub mod actor;
pub mod attempt;
pub mod cli;
pub mod clock;
pub mod config;
mod cores;
mod cryptography;
pub mod db;
mod embedded;
pub mod feed;
pub mod filename;
pub mod http;
pub mod importer;
pub mod jobs;
pub mod metrics;
pub mod network;
pub mod open_files;
pub mod outgoing;
pub mod passwords;
pub mod payloads;
pub mod request_id;
pub mod secret;
pub mod services;
pub mod site_files;
pub mod state;
pub mod telemetry;
