//! NumWatch seen from outside: as real processes, and by its public functions.

mod logs;
mod machines;
mod odd_input;
#[path = "../../fuzz/src/lib.rs"]
mod properties;
#[path = "../../src/tests/s3.rs"]
mod s3;
mod secrets;
mod server;
