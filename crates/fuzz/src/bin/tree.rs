#![no_main]
//! See `perfpower_fuzz::tree`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| perfpower_fuzz::tree(bytes));
