//! The pages, one file each: each loads, lays out, and delegates.

pub mod import;
pub mod imports;
pub mod not_found;
pub mod scheduler;
