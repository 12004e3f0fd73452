#![no_main]
//! See `perfpower_fuzz::body`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| perfpower_fuzz::body(bytes));
