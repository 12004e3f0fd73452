#![no_main]
//! See `perfpower_fuzz::layout`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| perfpower_fuzz::layout(bytes));
