//! The parts of the pages, one file each.

pub mod arriving;
pub mod calendar;
pub mod clear_dialog;
pub mod command;
pub mod details;
pub mod differences;
pub mod format;
pub mod frame;
pub mod freshness;
pub mod import_row;
pub mod import_table;
pub mod live;
pub mod notices;
pub mod progress;
pub mod range_form;
pub mod reactive;
pub mod row_actions;
pub mod row_notes;
pub mod sample_form;
pub mod scheduler_strip;
pub mod sending;
pub mod status_badge;
pub mod time;
pub mod upload;
pub mod upload_files;
pub mod upload_state;
