//! The pages, one file each: each loads, lays out, and delegates.

pub mod not_found;
pub mod scheduler;
