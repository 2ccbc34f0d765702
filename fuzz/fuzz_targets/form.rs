//! Any bytes as a form: no panic, how they are cut into chunks makes no difference, and whatever a file is called, its name
//! is one that can be kept and shown. The first byte of the input is the length of a chunk, and whether the connection breaks
//! at the end; up to the end of its line there is what the form says that it is.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| numwatch_fuzz::form::holds(data));
