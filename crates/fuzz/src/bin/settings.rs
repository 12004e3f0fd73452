#![no_main]
//! See `perfpower_fuzz::settings`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| perfpower_fuzz::settings(bytes));
