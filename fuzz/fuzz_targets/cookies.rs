//! Any bytes as cookies, each line a header: no panic, and a zone is only what one of them names.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| numwatch_fuzz::cookies::holds(data));
