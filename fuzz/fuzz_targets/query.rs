//! Any bytes as the query of an address: no panic; either a sentence says what is wrong, or an address that is written of
//! what was read asks for the same. The first byte chooses the reader's zone.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| numwatch_fuzz::query::holds(data));
