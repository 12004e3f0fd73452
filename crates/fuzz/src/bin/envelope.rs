#![no_main]
//! See `perfpower_fuzz::envelope`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| perfpower_fuzz::envelope(bytes));
