//! The types that cross the wire: between server and browser, and to clients of the API.

pub mod asked;
pub mod brief;
pub mod count;
mod day;
pub mod difference;
pub mod fold;
pub mod game;
pub mod history;
pub mod import_log;
pub mod import_page;
pub mod moment;
pub mod monitoring;
pub mod outcome;
pub mod rejects;
pub mod scheduler;
pub mod timeline;

#[cfg(test)]
pub mod sample_log;
mod words;
