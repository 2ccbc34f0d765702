//! The types that cross the wire: between server and browser, and to clients of the API.

pub mod access;
pub mod accounts;
pub mod alert;
pub mod api_docs;
pub mod asked;
pub mod audit;
pub mod brief;
pub mod checked;
pub mod count;
pub mod coverage;
mod day;
pub mod difference;
pub mod expected;
pub mod fold;
pub mod game;
pub mod game_page;
pub mod history;
pub mod import_log;
pub mod import_page;
pub mod moment;
pub mod monitoring;
pub mod outcome;
pub mod rejects;
pub mod results;
pub mod scheduler;
pub mod story;
pub mod timeline;
pub mod undo;
pub mod undone;
pub mod visible;
pub mod volume;

#[cfg(test)]
pub mod sample_log;
mod words;
