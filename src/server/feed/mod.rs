//! The external results API: a client of it, and a simulator of one for development and tests.

pub mod client;
pub mod simulator;
