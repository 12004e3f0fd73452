#![no_main]
//! See `perfpower_fuzz::kinds`.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| perfpower_fuzz::kinds(bytes));
