//! NumWatch seen from outside: as real processes, and by its public functions.

mod logs;
mod odd_input;
#[path = "../../fuzz/src/lib.rs"]
mod properties;
mod secrets;
